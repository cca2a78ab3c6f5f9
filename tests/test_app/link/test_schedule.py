"""Several calls on one link: the budget, turns, company, patience. Time is virtual."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.budget import LARGEST_CONTROL_BYTES, WINDOW_S, Line
from sotto_app.link.schedule import Drop, Item, Schedule
from sotto_app.link.tariff import UDP_IPV4

AROUND = UDP_IPV4.around_bytes
LINE = Line(2400, AROUND)
LINGER_S = 0.1
BUNDLE = 95  # 1.04 s of Codec2 700C: 91 bytes, its kind, and a TALKER chunk around it

Offers = list[tuple[float, Item[int]]]


@dataclass
class Sent:
    """What left, and when."""

    datagrams: list[tuple[float, list[Item[int]]]] = field(default_factory=list)
    sizes: list[tuple[float, int]] = field(default_factory=list)
    offered_s: dict[int, float] = field(default_factory=dict)

    def delays(self, talker: int | None) -> list[float]:
        return [
            at - self.offered_s[item.content]
            for at, items in self.datagrams
            for item in items
            if item.talker == talker
        ]

    def bytes_of(self, from_s: float, to_s: float) -> Counter[int | None]:
        count = Counter[int | None]()
        for at, items in self.datagrams:
            for item in items:
                count[item.talker] += item.size_bytes * (from_s <= at < to_s)
        return count

    def busiest_window(self) -> int:
        """The most bytes of all half-open windows of 5 s: one that ends with each datagram."""
        return max(
            sum(size for at, size in self.sizes[: n + 1] if at + WINDOW_S > end)
            for n, (end, _) in enumerate(self.sizes)
        )


def run(
    schedule: Schedule[int], offers: Offers, until_s: float = 1e9, filled: bool = False
) -> Sent:
    """Offer each at its time, take whenever something is due; `filled`: with other control to the
    brim of each datagram.
    """
    sent, pending = Sent(), sorted(offers, key=lambda offer: offer[0])
    now = 0.0
    while now <= until_s:
        while pending and pending[0][0] <= now:
            at, item = pending.pop(0)
            sent.offered_s[item.content] = at
            schedule.offer(item, now)
        while items := schedule.take(now):
            sent.datagrams.append((now, items))
            size = AROUND + sum(item.size_bytes for item in items)
            if filled:
                schedule.settle(size := size + schedule.spare_bytes)
            sent.sizes.append((now, size))
        times = [pending[0][0]] if pending else []
        if (due_s := schedule.due_s) is not None:
            assert due_s > now  # else it would spin
            times.append(due_s)
        if not times:
            return sent
        now = min(times)
    return sent


def talk(talkers: dict[int, float], bundle_s: float, size: int, until_s: float) -> Offers:
    """Each talker from its own start on, a bundle each `bundle_s`."""
    offers: Offers = []
    for talker, start_s in talkers.items():
        for n in range(int((until_s - start_s) / bundle_s)):
            offers.append(
                (start_s + n * bundle_s, Item(talker * 100_000 + n, size, talker, LINGER_S))
            )
    return offers


items = st.builds(
    lambda at, size, talker, linger: (at, size, talker, linger),
    st.floats(0, 20),
    st.integers(1, 250),
    st.one_of(st.none(), st.integers(0, 4)),
    st.sampled_from([0.0, 0.06, 1.0]),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(items, max_size=120), st.sampled_from([900, 2400, 9600]), st.booleans())
def test_whatever_comes_budget_order_and_count_hold(
    script: list[tuple[float, int, int | None, float]], budget_bps: int, filled: bool
) -> None:
    schedule = Schedule[int](Line(budget_bps, AROUND))
    offers: Offers = []
    for n, (at, size, talker, linger) in enumerate(sorted(script, key=lambda one: one[0])):
        size = min(size, LARGEST_CONTROL_BYTES) if talker is None else size
        offers.append((at, Item(n, size, talker, linger)))
    sent = run(schedule, offers, filled=filled)
    by_talker = defaultdict[int | None, list[int]](list)
    for _, taken in sent.datagrams:
        assert len(media := [it.talker for it in taken if it.talker is not None]) == len(set(media))
        for item in taken:
            by_talker[item.talker].append(item.content)
    assert all(numbers == sorted(set(numbers)) for numbers in by_talker.values())
    assert len(by_talker[None]) == sum(item.talker is None for _, item in offers)
    assert sum(map(len, by_talker.values())) + schedule.dropped.total() == len(offers)
    if sent.datagrams:
        assert sent.busiest_window() * 8 <= budget_bps * WINDOW_S


@settings(max_examples=20, deadline=None)
@given(
    st.integers(2, 6),
    st.lists(st.floats(0, 1), min_size=6, max_size=6),
    st.sampled_from([0.2, 0.4, 1.04]),
)
def test_equal_talkers_get_equal_parts_of_a_full_link(
    count: int, starts: list[float], bundle_s: float
) -> None:
    size = round(1200 * bundle_s / 8) + 4
    offers = talk(dict(enumerate(starts[:count])), bundle_s, size, until_s=34)
    schedule = Schedule[int](Line(2000, AROUND))
    sent = run(schedule, offers, until_s=33)
    had = sent.bytes_of(3, 33)
    assert sent.busiest_window() * 8 <= 2000 * WINDOW_S
    assert schedule.dropped[Drop.LATE] > 0  # it is full
    assert len(had) == count
    # theorem 1 of Goyal, Vin and Cheng: over any interval each is within a bundle of its part
    assert max(had.values()) - min(had.values()) <= 2 * size


def test_a_small_talker_beside_a_large_one_gets_all_it_wants() -> None:
    offers = talk({0: 0.0}, 0.2, 150, 30) + talk({1: 0.1}, 1.0, 40, 30)
    sent = run(Schedule(LINE), offers, until_s=30)
    assert sent.bytes_of(0, 30)[1] == 29 * 40
    assert max(sent.delays(1)) < 1.5


def test_small_bundles_gather_no_claim_on_the_link() -> None:
    """They get less than their part for 30 s, then are as large as the others'."""
    offers = talk({0: 0.0}, 0.2, 20, 30) + talk({1: 0.0, 2: 15.0}, 0.4, 150, 60)
    offers += [
        (at + 30, replace(item, content=item.content + 50_000))
        for at, item in talk({0: 0.0}, 0.4, 150, 30)
    ]
    schedule = Schedule[int](LINE)
    had = run(schedule, offers, until_s=60).bytes_of(30, 59)
    assert schedule.dropped[Drop.LATE] > 0
    assert max(had.values()) - min(had.values()) <= LINE.mtu_bytes + 300


def test_a_voice_never_starves_behind_a_long_text() -> None:
    text: Offers = [(5.0, Item(10_000_000 + n, LARGEST_CONTROL_BYTES)) for n in range(300)]
    sent = run(Schedule(LINE), talk({0: 0.0}, 1.04, BUNDLE, 40) + text, until_s=42)
    assert len(sent.delays(0)) == 38  # all
    assert max(sent.delays(0)) < 1.1


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.lists(st.floats(5, 40), min_size=1, max_size=8), st.integers(20, 200))
def test_control_waits_for_no_more_than_two_datagrams(
    talkers: int, times: list[float], size: int
) -> None:
    """What bounds it: the datagram on the line, and room in the window for two more."""
    times = [at for n, at in enumerate(sorted(times)) if n == 0 or at > sorted(times)[n - 1] + 5]
    control: Offers = [(at, Item(10_000_000 + n, 20)) for n, at in enumerate(times)]
    offers = talk({n: n / 7 for n in range(talkers)}, 0.3, size, 45) + control
    sent = run(Schedule(LINE), offers, until_s=60)
    largest_s = max(size for _, size in sent.sizes) * 8 / LINE.budget_bps
    assert len(sent.delays(None)) == len(control)
    assert max(sent.delays(None)) <= 2 * largest_s + 0.001


def test_control_goes_ahead_of_what_already_waits() -> None:
    schedule = Schedule[int](LINE)
    for n in range(3):
        schedule.offer(Item(n, BUNDLE, talker=n), 0.0)
    schedule.offer(Item(9, 10), 0.0)
    assert [item.content for item in schedule.take(0.0)] == [9, 0, 1]


def test_control_takes_half_of_the_room_that_the_first_bundle_leaves() -> None:
    schedule = Schedule[int](LINE)
    for n in range(3):
        schedule.offer(Item(n, BUNDLE, talker=n), 0.0)
    for n in range(4):
        schedule.offer(Item(10 + n, 60), 0.0)
    assert [item.content for item in schedule.take(0.0)] == [10, 0, 1]
    assert schedule.spare_bytes == 300 - AROUND - 60 - 2 * BUNDLE


def test_talkers_of_one_moment_share_a_datagram() -> None:
    schedule = Schedule[int](LINE)
    schedule.offer(Item(0, BUNDLE, 0), 0.0)
    schedule.offer(Item(1, BUNDLE, 1), 0.0)
    assert len(schedule.take(0.0)) == 2
    assert schedule.due_s is None
    assert LINE.budget_bps == 2400 and (AROUND + 2 * BUNDLE) * 8 < 2400  # within one second


def test_a_bundle_lingers_for_another_talker_but_never_alone() -> None:
    alone = run(Schedule(LINE), talk({0: 0.0}, 1.0, BUNDLE, 10))
    assert max(alone.delays(0)) == 0.0
    two = run(Schedule(LINE), talk({0: 0.0, 1: 0.05}, 1.0, BUNDLE, 10))
    assert [len(taken) for _, taken in two.datagrams] == [1, 1] + [2] * 8 + [1]
    apart = run(Schedule(LINE), talk({0: 0.0, 1: 0.5}, 1.0, BUNDLE, 10))
    assert max(apart.delays(0) + apart.delays(1)) <= LINGER_S + 0.001


def test_a_report_rides_with_a_bundle_or_leaves_alone_at_its_time() -> None:
    schedule = Schedule[int](LINE)
    schedule.offer(Item(1, 3, linger_s=1.0), 10.0)
    assert schedule.due_s == 11.0 and schedule.take(10.9) == []
    schedule.offer(Item(2, BUNDLE, 0), 10.95)
    assert [item.content for item in schedule.take(10.95)] == [1, 2]
    schedule.offer(Item(3, 3, linger_s=1.0), 20.0)
    assert [item.content for item in schedule.take(21.0)] == [3]


def test_what_waits_too_long_is_dropped_oldest_first_and_counted() -> None:
    schedule = Schedule[int](Line(600, AROUND, patience_s=2.0))
    for n in range(8):
        schedule.offer(Item(n, 60, 0), n * 0.4)
    taken = [item.content for k in range(60) for item in schedule.take(2.8 + k / 10)]
    assert taken and taken[0] == 2  # 0 and 1 had waited for 2.8 and 2.4 s
    assert schedule.dropped[Drop.LATE] + len(taken) == 8


def test_what_can_never_leave_is_refused_at_once() -> None:
    schedule = Schedule[int](LINE)
    schedule.offer(Item(0, 1300, 0), 0.0)
    assert schedule.dropped == {Drop.BIG: 1} and schedule.due_s is None
    with pytest.raises(ValueError, match="67 bytes is too big"):
        schedule.offer(Item(1, 67), 0.0)


def test_the_operator_may_lower_the_budget_at_any_time() -> None:
    schedule = Schedule[int](Line(9600, AROUND))
    schedule.offer(Item(0, 1000, 0), 0.0)
    schedule.offer(Item(1, 1000, 0), 0.0)
    assert len(schedule.take(0.0)) == 1
    schedule.line = replace(LINE, budget_bps=1200)
    assert schedule.take(1.0) == [] and schedule.dropped == {Drop.BIG: 1}


def test_no_budget_is_no_wait() -> None:
    schedule = Schedule[int](Line(0, AROUND))
    for n in range(20):
        schedule.offer(Item(n, 100, n), 0.0)
    assert [len(schedule.take(0.0)) for _ in range(3)] == [12, 8, 0]  # 1280 bytes each at most


def test_what_left_past_the_schedule_and_what_was_smaller_counts_as_it_was() -> None:
    schedule = Schedule[int](LINE)
    schedule.charge(300, 0.0)  # a second of the line
    schedule.offer(Item(0, 60, 0), 0.0)
    assert schedule.due_s == 1.0 and schedule.queued_s == pytest.approx(0.2)
    assert len(schedule.take(1.0)) == 1
    schedule.settle(90)
    schedule.offer(Item(1, 60, 0), 1.0)
    assert schedule.due_s == pytest.approx(1.3)
    assert len(schedule.take(1.31)) == 1
    schedule.settle(AROUND + 60 + schedule.spare_bytes)  # filled up with what was at hand
    schedule.offer(Item(2, 60, 0), 1.4)
    assert schedule.due_s == pytest.approx(2.31)


def test_a_call_that_ends_leaves_nothing_behind() -> None:
    schedule = Schedule[int](LINE)
    schedule.offer(Item(0, 60, 7), 0.0)
    schedule.forget(7)
    schedule.forget(7)
    assert schedule.dropped == {Drop.GONE: 1} and schedule.due_s is None
