"""Probing emulated lines in virtual time: what is found is what they are."""

import random
from dataclasses import replace
from itertools import product
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.probe import HEAD, Answer
from sotto_app.link.probe_plan import MOST_BYTES
from sotto_app.link.prober import Prober, Way
from sotto_app.link.profile import PERFECT
from sotto_app.link.sounding import ENOUGH_BPS, Loss
from sotto_app.link.tariff import UDP_IPV4_BYTES
from tests.test_app.link.probed import Probed, line, probed

PING_BITS = 8 * 43
SEEDS = range(3)


def ways(found: Probed) -> tuple[Way, Way]:
    assert found.measured is not None
    return found.measured.up, found.measured.down


def rates(found: Probed) -> list[float]:
    return [way.rate.bps for way in ways(found) if way.rate]


@pytest.mark.parametrize(
    ("rate_bps", "delay_ms", "loss"),
    list(product((300, 1200, 2400, 9600, 64_000), (0, 600), (0, 0.05, 0.2))),
)
def test_the_rate_of_a_line_is_found(rate_bps: int, delay_ms: int, loss: float) -> None:
    for seed in SEEDS:
        found = probed(line(rate_bps, delay_ms, loss), seed=seed)
        within = 0.25 if loss > 0.1 else 0.1
        assert rates(found) == [pytest.approx(rate_bps, rel=within)] * 2
        assert found.wire_bytes <= found.spent_bytes <= MOST_BYTES
        assert found.seconds <= 62 and not found.dropped


@pytest.mark.parametrize(("delay_ms", "loss"), list(product((0, 600), (0, 0.05, 0.2))))
def test_a_line_without_a_limit_is_more_than_enough(delay_ms: int, loss: float) -> None:
    for seed in SEEDS:
        found = probed(line(0, delay_ms, loss), seed=seed)
        up, down = ways(found)
        assert up.rate and down.rate and up.rate.is_enough and down.rate.is_enough
        assert found.wire_bytes <= MOST_BYTES and found.seconds < 40


@pytest.mark.parametrize("rate_bps", [1200, 9600, 64_000])
def test_the_directions_are_told_apart(rate_bps: int) -> None:
    thin, wide = line(rate_bps, 200), replace(line(8 * rate_bps, 200), loss=0.3)
    for up, down in ((thin, wide), (wide, thin)):
        found = probed(up, down, seed=5)
        assert found.measured is not None
        for way, true in ((found.measured.up, up), (found.measured.down, down)):
            assert way.rate is not None
            if true.rate_bps < ENOUGH_BPS:
                assert way.rate.bps == pytest.approx(true.rate_bps, rel=0.1)
            assert way.lost.share == pytest.approx(true.loss, abs=0.15)


def test_a_queue_that_holds_no_two_packets_hides_no_rate() -> None:
    found = probed(line(300, queue_ms=1000))
    assert rates(found) == [pytest.approx(300, rel=0.02)] * 2
    assert found.up.tally.dropped > 0  # what was sent at once
    assert all(way.lost.lost == 0 and way.lost.sent >= 12 for way in ways(found))


def test_jitter_widens_the_doubt_and_the_truth_is_within() -> None:
    for seed in range(6):
        jittery = replace(line(2400, 120, 0.05), jitter_ms=60)
        for way in ways(probed(jittery, seed=seed)):
            assert way.rate is not None and way.rate.error < 0.2
            assert way.rate.bps == pytest.approx(2400, rel=2 * way.rate.error)
            assert 0.035 <= way.jitter_s <= 0.06


def test_round_trip_queue_and_bytes_are_those_of_the_line() -> None:
    found = probed(line(2400, 600))
    measured = found.measured
    assert measured is not None and not measured.exhausted
    assert median(measured.round_trips_s) == pytest.approx(1.2 + 2 * PING_BITS / 2400, abs=0.002)
    assert measured.up.grew_s > 0.5 and measured.up.jitter_s <= 0.002
    assert measured.sent_bytes == found.up.tally.sent_bytes
    assert measured.heard_bytes == found.down.tally.arrived_bytes
    assert measured.seconds == found.seconds


def test_loss_is_of_packets_alone_and_of_its_own_direction() -> None:
    lost = Loss(0, 0)
    for seed in range(8):
        up, down = ways(probed(line(9600, 50, 0.2), line(9600, 50), seed=seed))
        assert down.lost.lost == 0
        lost = Loss(lost.lost + up.lost.lost, lost.sent + up.lost.sent)
    assert lost.share == pytest.approx(0.2, abs=0.04)


def test_where_nobody_answers_little_is_spent_and_little_time() -> None:
    found = probed(line(9600, 100), answers=False)
    assert found.measured is None
    assert found.wire_bytes == 5 * 43 and found.seconds == 18


def test_a_perfect_link_takes_seconds_and_half_of_the_bytes() -> None:
    found = probed(PERFECT)
    assert found.seconds < 3 and found.wire_bytes < MOST_BYTES / 2


def test_an_end_that_will_answer_no_more_is_not_taken_for_a_loss() -> None:
    prober = Prober(random.Random(1).randbytes, UDP_IPV4_BYTES, 0.0)
    for now in range(100):
        for datagram in prober.poll(float(now)):
            answer = Answer(datagram[2:6], datagram[6], 0, now, 0xFFFFFFFF, 64)
            prober.receive(answer.write(bytes(900), len(datagram)), now + 0.5)
    measured = prober.measured
    assert measured is not None and measured.exhausted
    assert measured.up.lost.lost == measured.down.lost.lost == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 3), st.binary(max_size=60)), max_size=30), st.booleans())
def test_whatever_comes_the_probe_ends(noise: list[tuple[float, bytes]], ours: bool) -> None:
    """Also answers with our own id that make no sense."""
    chance = random.Random(3)
    prober, now = Prober(chance.randbytes, UDP_IPV4_BYTES, 0.0), 0.0
    name = random.Random(3).randbytes(4)
    while prober.due_s is not None:
        now = max(now, prober.due_s)
        assert prober.spent_bytes <= MOST_BYTES
        prober.poll(now)
        if noise:
            wait_s, rest = noise.pop()
            now += wait_s
            head = bytes([HEAD, 0x80 | len(rest) % 16]) + name if ours else b""
            prober.receive(head + rest, now)
            _ = prober.measured
    assert now < 200
