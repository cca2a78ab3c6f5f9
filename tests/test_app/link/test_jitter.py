"""The jitter buffer under scripted loss and in virtual time."""

import random

import pytest

from sotto_app.link.jitter import Act, JitterBuffer, MediaFrame
from tests.test_app.scripted import Arrival, listen, spurts, steady


def test_a_clean_stream_is_played_whole_with_no_more_delay_than_it_needs() -> None:
    heard = listen(steady(10), 9.9)
    assert heard.concealed == 0
    assert len(heard.payloads) >= 490
    assert heard.payloads == sorted(heard.payloads)
    # 20 ms of frame, 30 ms of network, up to 20 ms until the next tick
    assert 50 <= heard.delay_ms(1, 9) <= 75


def test_one_lost_packet_is_one_concealed_frame_and_no_lasting_delay() -> None:
    heard = listen(steady(10, delay_of=lambda n: None if n == 200 else 30), 9.9)
    assert heard.concealed == 1
    before, after = heard.delay_ms(3, 4), heard.delay_ms(7, 8)
    assert abs(after - before) < 20


def test_one_late_packet_costs_delay_for_less_than_three_seconds() -> None:
    heard = listen(steady(12, delay_of=lambda n: 150 if n == 200 else 30), 11.9)
    assert heard.delay_ms(3, 4) + 25 > heard.delay_ms(4.2 + 3, 8.2)


@pytest.mark.parametrize("burst", [1, 2, 5, 10])
def test_a_burst_of_loss_is_concealed_and_over(burst: int) -> None:
    heard = listen(steady(10, delay_of=lambda n: None if 200 <= n < 200 + burst else 30), 9.9)
    assert burst <= heard.concealed <= burst + 1
    assert abs(heard.delay_ms(3, 4) - heard.delay_ms(8, 9)) < 20


def test_twenty_percent_random_loss_leaves_the_delay_bounded_and_the_output_continuous() -> None:
    chance = random.Random(1)
    script = steady(60, delay_of=lambda n: None if chance.random() < 0.2 else 30)
    heard = listen(script, 59.9)
    assert all(pulled is not None for at, pulled in heard.pulls if at > 0.2)
    assert 0.15 < heard.concealed / len(heard.pulls) < 0.25
    assert max(p.delay_ms for _, p in heard.pulls if p) < 150
    assert len(heard.payloads) == len(script) or len(heard.payloads) > len(script) * 0.99


def test_reordering_is_put_right_once_the_jitter_is_known() -> None:
    chance = random.Random(2)
    heard = listen(steady(60, delay_of=lambda n: 20 + chance.uniform(0, 60)), 59.9)
    assert heard.payloads == sorted(heard.payloads)
    late = sum(pulled.act is not Act.PLAY for at, pulled in heard.pulls if pulled and at > 10)
    assert late / 2500 < 0.06  # the target lets 3 % of packets be late
    assert heard.delay_ms(20, 50) < 130


def test_a_packet_that_comes_twice_is_played_once() -> None:
    script = steady(5)
    heard = listen(script + [Arrival(a.at_s + 0.01, a.frames) for a in script], 4.9)
    assert len(heard.payloads) == len(set(heard.payloads))
    assert heard.concealed == 0


@pytest.mark.parametrize("drift_ppm", [200.0, -200.0])
def test_an_hour_of_clock_drift_moves_neither_depth_nor_continuity(drift_ppm: float) -> None:
    heard = listen(steady(3600), 3590, drift_ppm=drift_ppm)
    # Media time is the talker's, so drift adds to the delay as it is counted here: 0.2 ms a second.
    drifted_ms = 3600 * drift_ppm / 1000
    early, late = heard.delay_ms(10, 20), heard.delay_ms(3570, 3580)
    assert abs(late - early - drifted_ms) < 25
    assert heard.concealed < 20
    assert all(pulled is not None for at, pulled in heard.pulls if 0.2 < at < 3580)


def test_after_a_pause_sound_starts_with_the_whole_delay_and_without_a_hole() -> None:
    chance = random.Random(3)
    jitter = {n: chance.uniform(0, 50) for n in range(3000)}
    script = [a for a in steady(30, delay_of=lambda n: jitter[n]) if not 15 <= a.at_s < 17]
    heard = listen(script, 29.9)
    assert any(pulled is None for at, pulled in heard.pulls if 15.5 < at < 17)
    first_second = [p for at, p in heard.pulls if 17.1 < at < 18]
    assert sum(p is None or p.act is not Act.PLAY for p in first_second) <= 2


TALK = [(0, 41), (4500, 30), (8000, 5), (9700, 42), (14_000, 1), (15_000, 23), (18_500, 50)]


def test_bundles_that_are_cut_short_move_no_talkspurt() -> None:
    """Bundles of 320 ms; the last of a talkspurt has less, and comes as late as a full one."""
    heard = listen(spurts(TALK, 80, 4), 25)
    delays_ms = [heard.delay_ms(start / 1000, start / 1000 + 2) for start, _ in TALK]
    assert max(delays_ms) - min(delays_ms) <= 20  # a tick
    assert max(delays_ms) < 360
    assert len(heard.payloads) == sum(frames for _, frames in TALK)
    assert sum(p.act is Act.PLAY for _, p in heard.pulls if p) == len(heard.payloads)


def test_a_bundle_that_is_a_little_late_costs_no_more_delay_than_that() -> None:
    """Frames of 160 ms, two in a bundle, one of which comes 30 ms late; no stretching at all."""
    script = spurts([(0, 40)], 160, 2, lambda n: 45.0 if n == 10 else 15.0)
    heard = listen(script, 6, step_ms=0)
    assert heard.count(Act.WAIT) in (1, 2)
    assert heard.delay_ms(5, 6) - heard.delay_ms(2, 3) < 41  # two ticks


def test_a_short_pause_costs_no_delay() -> None:
    """It comes while the pause is still being waited through."""
    heard = listen(spurts([(0, 20), (3500, 20)], 160, 2), 7, step_ms=0)
    assert abs(heard.delay_ms(4, 5) - heard.delay_ms(2, 3)) < 10
    assert sum(p.act is Act.CONCEAL for _, p in heard.pulls if p) == 0


def test_a_pause_that_is_shorter_than_the_delay_does_not_shorten_it() -> None:
    """The next talkspurt is here before the one before it has been played."""
    script = spurts([(0, 40), (3800, 40)], 80, 4, lambda n: 900.0 if n < 10 else 15.0)
    heard = listen(script, 8, step_ms=0)
    assert abs(heard.delay_ms(5.1, 6) - heard.delay_ms(3, 4)) < 21  # a tick


def test_a_long_outage_does_not_leave_its_length_as_delay() -> None:
    held_up = steady(20, delay_of=lambda n: max(30, 8000 - n * 20) if 250 <= n < 400 else 30)
    heard = listen(held_up, 19.9)
    assert heard.delay_ms(18.5, 19.5) < 200


def test_a_talker_whose_clock_starts_anew_is_heard_again() -> None:
    buffer = JitterBuffer()
    for start_ms, now in ((100_000, 1.0), (20, 1.1)):
        buffer.push([MediaFrame(0, start_ms, 20, b"x")], now)
        pulled = buffer.pull(now + 0.01)
        assert pulled is not None and pulled.act is Act.PLAY


def test_the_last_lost_frame_before_one_that_is_here_can_be_recovered_from_it() -> None:
    heard = listen(steady(4, delay_of=lambda n: None if n in (100, 101) else 60 + n % 2 * 40), 3.9)
    assert [at for at, it in heard.pulls if at > 1 and it and it.act is Act.RECOVER] == [2.16]


def test_drain_gives_all_that_is_left_in_order() -> None:
    buffer = JitterBuffer()
    frames = [MediaFrame(0, n * 20, 20, bytes([n])) for n in range(4)]
    buffer.push(frames[2:], 0.05)
    buffer.push(frames[:2], 0.06)
    assert [frame.payload for frame in buffer.drain()] == [b"\x02", b"\x03"]
    assert buffer.idle and buffer.depth_ms == 0


def test_a_patient_buffer_waits_for_the_whole_delay_before_its_first_sound() -> None:
    for patient, first_s in ((False, 10.5), (True, 11.0)):
        buffer = JitterBuffer()
        buffer.is_patient = patient
        frames = [MediaFrame(1, 10_000 + 80 * index, 80, b"") for index in range(6)]
        buffer.push(frames, 10.5, bundle_ms=960)
        times_s = [10.5 + 0.01 * step for step in range(100)]
        heard_s = next(at for at in times_s if buffer.pull(at) is not None)
        assert heard_s == pytest.approx(first_s, abs=0.1)
