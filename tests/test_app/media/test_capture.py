"""Packets from a browser find their order and their place in media time."""

import random

import pytest

from sotto_app.media.capture import Capture, Captured, RtpOpus

TOC_20_MS = b"\x08"  # SILK, narrow band, 20 ms, mono (RFC 6716 section 3.1)


def packet(n: int, skip_ms: int = 0) -> RtpOpus:
    timestamp = (4_294_900_000 + n * 960 + skip_ms * 48) % (1 << 32)
    return RtpOpus((65_530 + n) % 65_536, timestamp, TOC_20_MS + bytes([n % 256]))


def captured(numbers: list[int], *, skips: dict[int, int] | None = None) -> list[Captured]:
    capture, out, skip_ms = Capture(), list[Captured](), 0
    for n in numbers:
        skip_ms += (skips or {}).get(n, 0)
        out += capture.push(packet(n, skip_ms), 100 + n * 0.02 + skip_ms / 1000)
    return out


def test_media_time_is_when_the_first_sample_was_spoken_and_wraps_with_nothing() -> None:
    out = captured(list(range(50)))
    assert [c.start_ms for c in out] == [100_000 - 20 + n * 20 for n in range(50)]
    assert [c.is_onset for c in out] == [True] + [False] * 49


def test_order_is_put_right_and_duplicates_go() -> None:
    out = captured([0, 1, 3, 2, 2, 4, 4, 5])
    assert [c.payload[1] for c in out] == [0, 1, 2, 3, 4, 5]
    assert not any(c.lost_ms for c in out)


def test_a_lost_packet_is_waited_for_and_then_given_up() -> None:
    out = captured([0, 1, 3, 4, 5, 6])
    assert [(c.payload[1], c.lost_ms) for c in out] == [
        (0, 0),
        (1, 0),
        (3, 20),
        (4, 0),
        (5, 0),
        (6, 0),
    ]


def test_a_jump_in_time_without_loss_is_a_pause_of_the_talker() -> None:
    out = captured([0, 1, 2, 3], skips={2: 400})
    assert [c.is_onset for c in out] == [True, False, True, False]
    assert out[2].start_ms - out[1].start_ms == 420


def test_what_is_not_opus_is_dropped() -> None:
    capture = Capture()
    assert capture.push(RtpOpus(0, 0, b"\xff"), 1.0) == []
    assert len(capture.push(RtpOpus(1, 960, TOC_20_MS), 1.02)) == 1


def test_a_new_stream_starts_a_new_time() -> None:
    capture = Capture()
    capture.push(packet(0), 100.0)
    (after,) = capture.push(RtpOpus(9_999, 5, TOC_20_MS), 130.0)
    assert after.is_onset and after.start_ms == 129_980


@pytest.mark.parametrize("drift_ppm", [300, -300])
def test_media_time_follows_the_relays_clock(drift_ppm: int) -> None:
    capture, chance = Capture(), random.Random(1)
    for n in range(90_000):  # half an hour
        now = n * 0.02 * (1 + drift_ppm / 1e6) + chance.uniform(0, 0.005)
        for c in capture.push(packet(n), now):
            assert abs(c.start_ms - (now * 1000 - 20)) < 20
