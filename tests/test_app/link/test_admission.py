"""Calls that fit on a link, and the one that does not any more."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.admission import MOST_CALLS, busiest_bps, fits
from sotto_app.link.budget import Line
from sotto_app.link.packing import Bounds
from sotto_app.link.schedule import Item, Schedule
from sotto_app.link.tariff import UDP_IPV4

C700 = Bounds(700, 80, 3, 25)  # two frames of 40 ms in 7 bytes; 0.24 to 2 s
C1200 = Bounds(1200, 40, 4, 25)
OPUS_6 = Bounds(6000, 60, 1, 4)


def test_the_third_call_is_refused_with_words() -> None:
    assert fits([], C700, 2400, UDP_IPV4).words == "call 1 of 2"
    second = fits([C700], C700, 2400, UDP_IPV4)
    assert second.admitted and (second.calls, second.most) == (1, 2)
    third = fits([C700, C700], C700, 2400, UDP_IPV4)
    assert not third.admitted
    assert third.words == "the link is full: 2 of 2 calls"


def test_a_mode_that_is_too_much_for_the_link_is_refused_with_figures() -> None:
    verdict = fits([], OPUS_6, 2400, UDP_IPV4)
    assert not verdict.admitted
    assert verdict.words == (
        "the link is too thin for this mode: 7.3 kbit/s are needed, 2.4 are allowed"
    )


def test_calls_of_different_modes_add_up() -> None:
    assert fits([C700, C700], C1200, 2400, UDP_IPV4).words == "the link is full: 2 of 2 calls"
    assert fits([C700, C1200, C1200], OPUS_6, 19_200, UDP_IPV4).admitted


def test_no_budget_is_no_limit_but_for_the_wire_format() -> None:
    assert fits([OPUS_6] * 20, OPUS_6, 0, UDP_IPV4).most == MOST_CALLS
    assert not fits([OPUS_6] * MOST_CALLS, OPUS_6, 0, UDP_IPV4).admitted


@settings(max_examples=30, deadline=None)
@given(st.floats(600, 40_000))
def test_a_larger_budget_never_holds_fewer_calls(budget_bps: float) -> None:
    less = fits([], C700, budget_bps, UDP_IPV4).most
    assert less <= fits([], C700, budget_bps * 1.1, UDP_IPV4).most
    assert less * 700 < budget_bps


def test_the_most_of_two_calls_by_hand() -> None:
    """Three bundles of 1.68 s each in 5 s, a kind and a TALKER chunk, in 5 datagrams of 37."""
    assert busiest_bps([C700, C700], UDP_IPV4) == (2 * 3 * (147 + 1 + 4) + 5 * 37) * 8 / 5


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 2), min_size=2, max_size=6), st.sampled_from([2400, 4800, 9600]))
def test_what_is_admitted_is_carried_whole(starts: list[float], budget_bps: int) -> None:
    """All talk at once, however their bundles fall: nothing is dropped, nothing waits for long."""
    count = min(len(starts), fits([], C700, budget_bps, UDP_IPV4).most)
    schedule = Schedule[int](Line(budget_bps, UDP_IPV4.around_bytes))
    begun = enumerate(starts[:count])
    offers = sorted((start + 1.68 * n, k) for k, start in begun for n in range(15))
    took = 0
    for at in range(3500):
        now = at / 100
        while offers and offers[0][0] <= now:
            _, talker = offers.pop(0)
            schedule.offer(Item(0, 147 + 1 + 4, talker, linger_s=0.2), now)
        took += len(schedule.take(now))
    assert took == 15 * count and not schedule.dropped
