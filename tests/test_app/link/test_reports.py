"""Reports: two bytes that hold what was measured, and go when they should."""

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_app.link.reports import (
    OUTAGE_S,
    PING_EVERY,
    Reception,
    Report,
    Reporter,
    RoundTrip,
    loss_class,
    unpack_report,
)

QUIET_S = 20.0


@pytest.mark.parametrize(
    ("report", "bits"),
    [
        (Report(0.0, 0, 0, 0), 0x0000),
        (Report(0.005, 1, 50, 1), 0x0491),
        (Report(1.0, 3, 3200, 15), 0xFDFF),
        (Report(0.05, -4, 0, 7), 0x7207),
        (Report(0.0, -1, 100, 0), 0x03A0),
    ],
)
def test_golden_bits(report: Report, bits: int) -> None:
    assert report.pack() == bits
    back = unpack_report(bits)
    assert back.loss == pytest.approx(report.loss, rel=0.05)
    assert (back.trend, back.queued_ms, back.highest) == (
        report.trend,
        report.queued_ms,
        report.highest,
    )


@given(st.integers(0, 0xFFFF))
def test_any_two_bytes_are_a_report_and_come_back(bits: int) -> None:
    assert unpack_report(bits).pack() == bits


@given(st.floats(0, 1), st.integers(-99, 99), st.integers(0, 10**6), st.integers(0, 1 << 30))
def test_what_is_told_is_what_was_measured_within_a_step(
    loss: float, trend: int, queued_ms: int, highest: int
) -> None:
    back = unpack_report(Report(loss, trend, queued_ms, highest).pack())
    assert back.loss == pytest.approx(loss, rel=0.06, abs=0.0026)
    assert back.trend == max(-4, min(3, trend))
    assert back.queued_ms <= queued_ms and (
        queued_ms >= 6400 or queued_ms < 50 + 2 * back.queued_ms
    )
    assert back.highest == highest % 16


def test_classes_of_loss() -> None:
    assert [loss_class(share) for share in (0, 0.009, 0.01, 0.1, 0.11, 0.23, 0.24, 1)] == [
        0,
        0,
        1,
        1,
        2,
        2,
        3,
        3,
    ]


def test_loss_is_the_share_that_never_came_and_what_is_late_is_not_lost() -> None:
    reception = Reception()
    chance = random.Random(4)
    for n in range(2000):
        if chance.random() >= 0.1:
            reception.packet(n, n * 0.02)
    assert reception.loss(40.0) == pytest.approx(0.1, abs=0.04)
    swapped = Reception()
    for n in range(100):
        swapped.packet(n ^ 1, n * 0.02)
        assert swapped.loss(n * 0.02) == 0


def classes_told(loss: float, row: int) -> Counter[int]:
    """After each of 5000 packets of a link that loses so many of them, in rows of `row`."""
    reception, told, chance, lost = Reception(), Counter[int](), random.Random(5), 0
    for n in range(5000):
        lost = max(0, lost - 1)
        if not lost and chance.random() < loss / row / (1 - loss):
            lost = row + 1
        if lost <= 1:
            reception.packet(n, n * 1.04)
        told[loss_class(reception.told_loss(n * 1.04))] += n > 500
    return told


@pytest.mark.parametrize(("loss", "asked"), [(0.0, 0), (0.05, 1), (0.16, 2), (0.3, 3)])
def test_loss_by_chance_asks_for_what_pays_most_of_the_time(loss: float, asked: int) -> None:
    told = classes_told(loss, 1)
    assert told[asked] > 0.8 * told.total()


@pytest.mark.parametrize("row", [2, 3])
def test_packets_lost_in_rows_ask_for_as_many_earlier_bundles(row: int) -> None:
    told = classes_told(0.08, row)
    assert told[row] > 0.7 * told.total()


def test_two_rows_are_needed_for_more_than_their_share() -> None:
    reception = Reception()
    for n in [*range(40), *range(43, 100)]:
        reception.packet(n, n)
    assert loss_class(reception.told_loss(100.0)) == 1
    for n in range(103, 110):
        reception.packet(n, n)
    assert loss_class(reception.told_loss(110.0)) == 3


def test_who_has_been_silent_has_not_been_lost() -> None:
    reception, now = Reception(), 0.0
    for n in range(200):
        now += 30.0 if n % 10 == 0 else 1.0
        if n % 10 != 3:
            reception.packet(n, now)
    assert reception.told_loss(now) == pytest.approx(0.1, abs=0.02)


def test_loss_in_an_outage_says_nothing_of_what_comes_after() -> None:
    reception = Reception()
    for n in [*range(50), *range(200, 250)]:
        reception.packet(n, n * 0.1)
    assert 150 * 0.1 > OUTAGE_S and reception.loss(25.5) == 0


def test_a_growing_queue_is_a_trend_in_eighths_of_a_bundle() -> None:
    steady, growing, shrinking = Reception(), Reception(), Reception()
    for n in range(100):
        steady.bundle(300, 400, n * 0.2)
        growing.bundle(300 + n * 4, 400, n * 0.2)  # 20 ms each second: 100 in 5 s
        shrinking.bundle(3000 - n * 40, 400, n * 0.2)
    assert [reception.trend(20.0) for reception in (steady, growing, shrinking)] == [0, 2, -4]


def sent(reporter: Reporter, seconds: int, loss: float, rides: bool) -> list[tuple[float, Report]]:
    """What a reporter says of a packet each 0.1 s; it has packets of its own, or none."""
    chance, reports, last_sent_s = random.Random(7), [], 0.0
    for n in range(seconds * 10):
        now = n * 0.1
        if chance.random() >= loss:
            reporter.packet(n, now)
        due_s = reporter.due_s(last_sent_s)
        if rides and reporter.may_ride(now) or due_s is not None and due_s <= now:
            reports.append((now, reporter.take(0, now)[0]))
            last_sent_s = now
    return reports


def test_reports_ride_every_10_s_and_go_alone_only_when_the_keepalive_would() -> None:
    riding = sent(Reporter(QUIET_S), 60, 0.0, rides=True)
    assert [at for at, _ in riding] == pytest.approx(list(range(0, 60, 10)))
    alone = sent(Reporter(QUIET_S), 100, 0.0, rides=False)
    assert [at for at, _ in alone] == pytest.approx([20, 40, 60, 80])


def test_more_loss_goes_alone_within_seconds() -> None:
    reporter = Reporter(QUIET_S)
    reports = sent(reporter, 60, 0.3, rides=False)
    assert reports[0][0] <= 5.0 and loss_class(reports[0][1].loss) >= 2
    assert loss_class(reports[-1][1].loss) == 3
    gaps = [b - a for (a, _), (b, _) in itertools.pairwise(reports)]
    assert min(gaps) >= 4.99


def test_nothing_received_is_nothing_to_report() -> None:
    reporter = Reporter(QUIET_S)
    assert reporter.due_s(0.0) is None and not reporter.may_ride(99.0)
    reporter.packet(0, 0.0)
    assert reporter.may_ride(99.0)
    reporter.take(0, 99.0)
    assert reporter.due_s(0.0) is None and not reporter.may_ride(200.0)


def test_a_ping_goes_with_the_first_report_and_with_every_sixth() -> None:
    reporter, pings = Reporter(QUIET_S), []
    for n in range(14):
        reporter.packet(n, n * 10.0)
        pings.append(reporter.take(0, n * 10.0)[1])
    assert [n for n, ping in enumerate(pings) if ping] == [0, PING_EVERY, 2 * PING_EVERY]


def test_the_round_trip_needs_no_common_clock() -> None:
    trip = RoundTrip()
    number = trip.ping(100.0)
    trip.pong(number + 1, 0.0, 100.1)
    assert trip.rtt_s is None
    trip.pong(number, 0.5, 101.7)
    assert trip.rtt_s == pytest.approx(1.2)
    trip.pong(number, 0.5, 109.0)  # the same answer again
    assert trip.rtt_s == pytest.approx(1.2)
