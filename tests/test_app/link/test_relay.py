"""What a browser gets of relayed packets: all of them, in order, with no more jitter than it
takes.
"""

import random
from collections.abc import Callable

import pytest

from sotto_app.link.jitter import MediaFrame
from sotto_app.link.relay import BROWSER_TAKES_MS, Relay

FRAME_MS = 20


def relayed(
    packets: int, delay_of: Callable[[int], float | None]
) -> list[tuple[float, float, int]]:
    """When each frame was sent, its RTP time, both in ms, and its number."""
    relay, sent, rtp_ms = Relay(), list[tuple[float, float, int]](), 0.0
    arrivals = sorted(
        (n * FRAME_MS + delay, n) for n in range(packets) if (delay := delay_of(n)) is not None
    )
    for now_ms in range(packets * FRAME_MS + 2000):
        while arrivals and arrivals[0][0] <= now_ms:
            _, n = arrivals.pop(0)
            frame = MediaFrame(0, n * FRAME_MS, FRAME_MS, n.to_bytes(4, "big"))
            relay.push([frame], now_ms / 1000)
        for it in relay.release(now_ms / 1000):
            rtp_ms += it.skip_ms
            sent.append((now_ms, rtp_ms, int.from_bytes(it.frame.payload, "big")))
            rtp_ms += it.frame.duration_ms
    return sent


def late_ms(sent: list[tuple[float, float, int]]) -> list[float]:
    """How late each packet comes by its own time stamp: the jitter that a browser sees."""
    lateness = [at - rtp for at, rtp, _ in sent]
    return [late - min(lateness) for late in lateness]


def test_on_a_quiet_link_nothing_is_held_and_nothing_is_changed() -> None:
    sent = relayed(500, lambda n: 5 + n % 3)
    assert [n for _, _, n in sent] == list(range(500))
    assert all(at - (n * FRAME_MS + 5 + n % 3) <= 1 for at, _, n in sent)
    assert [rtp for _, rtp, _ in sent] == [n * FRAME_MS for n in range(500)]


def test_jitter_beyond_what_a_browser_takes_is_smoothed() -> None:
    chance = random.Random(1)
    sent = relayed(3000, lambda n: 100 + chance.uniform(0, 120))
    settled = late_ms(sent)[1000:]
    assert max(settled) - min(settled) <= BROWSER_TAKES_MS
    assert len(sent) > 2900


def test_a_step_in_the_delay_is_a_gap_once_and_no_jitter() -> None:
    sent = relayed(1000, lambda n: 10 if n < 500 else 290)
    assert max(late_ms(sent)) <= BROWSER_TAKES_MS + 1
    gaps = [(b[1] - a[1] - FRAME_MS) for a, b in zip(sent, sent[1:], strict=False)]
    assert [gap for gap in gaps if gap > 0] == pytest.approx([280], abs=2)


def test_a_link_that_becomes_better_is_used_within_seconds() -> None:
    sent = relayed(1500, lambda n: 290 if n < 500 else 10)
    held = {n: at - n * FRAME_MS for at, _, n in sent}
    assert held[1400] <= 21
    assert [n for _, _, n in sent] == sorted(n for _, _, n in sent)


def test_lost_packets_are_gaps_of_their_length() -> None:
    sent = relayed(300, lambda n: None if n in (100, 200, 201) else 10)
    assert [rtp for _, rtp, n in sent] == [n * FRAME_MS for _, _, n in sent]


def test_order_is_put_right_where_there_is_time() -> None:
    chance = random.Random(2)
    sent = relayed(3000, lambda n: 20 + chance.uniform(0, 60))
    assert [n for _, _, n in sent] == sorted({n for _, _, n in sent})
    assert sum(n > 500 for _, _, n in sent) > 2490 * 0.95


def test_what_is_held_can_be_drained() -> None:
    relay = Relay()
    relay.push([MediaFrame(0, 0, 20, b"a")], 0.3)
    assert len(relay.release(0.3)) == 1
    relay.push([MediaFrame(0, 40, 20, b"c"), MediaFrame(0, 20, 20, b"b")], 0.05)
    assert relay.held_ms == 40 and relay.due_s is not None
    assert [it.frame.payload for it in relay.drain()] == [b"b", b"c"]
    assert relay.due_s is None
