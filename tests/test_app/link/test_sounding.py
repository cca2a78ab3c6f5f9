"""What a row of passages says: exact where it can be, and in doubt where it cannot."""

import random

import pytest

from sotto_app.link.probe import LEAST_BYTES, Answer, Ask
from sotto_app.link.sounding import (
    Log,
    Loss,
    Passage,
    Place,
    Rate,
    Sounding,
    growth_of,
    jitter_of,
    rate_of,
)

ID = b"name"
ALONE, BEHIND, UNSURE = Place.ALONE, Place.BEHIND, Place.UNSURE


def row(*came_s: float | None, size: int = 100, sent_s: float = 0.0) -> list[Passage]:
    """Packets that were sent at once."""
    places = [ALONE] + [BEHIND] * len(came_s)
    return [Passage(size, sent_s, at, place) for at, place in zip(came_s, places, strict=False)]


def pings(*took_s: float) -> list[Passage]:
    return [Passage(50, 10.0 * n, 10.0 * n + it, ALONE) for n, it in enumerate(took_s)]


def log(*places: Place, pieces: int = 1) -> Log:
    found = Log()
    for number, place in enumerate(places):
        ask = Ask(ID, number, LEAST_BYTES, pieces, LEAST_BYTES)
        found.soundings.append(Sounding(ask, 28, float(number), place))
    return found


def answer(number: int, piece: int = 0, came_ms: int = 0, before: int = 0) -> Answer:
    return Answer(ID, number, piece, came_ms, before, 1000)


def test_nothing_says_nothing() -> None:
    assert rate_of([]) is None and rate_of(pings(1.0, 1.0)) is None
    assert rate_of(row(None, 1.0, None)) is None
    assert jitter_of([]) == growth_of([]) == 0


def test_packets_in_a_row_arrive_at_the_lines_rate() -> None:
    found = rate_of(row(7.0, 7.5, 8.0, 8.5))
    assert found is not None and found.together
    assert (found.bps, found.bits) == (1600, 2400)


def test_only_neighbours_count_where_one_is_lost() -> None:
    """It may have been lost on the line, or before it."""
    found = rate_of(row(7.0, 7.5, None, 8.1, 8.6))
    assert found is not None and (found.bps, found.bits) == (1600, 1600)


def test_two_rows_are_not_one() -> None:
    found = rate_of([*row(7.0, 7.5), *row(87.0, 87.5, sent_s=80.0)])
    assert found is not None and found.bps == 1600


def test_a_large_packet_takes_longer_than_small_ones() -> None:
    passages = [*pings(5.0, 5.2, 5.1), Passage(150, 40.0, 45.6, ALONE)]
    found = rate_of(passages)
    assert found is not None and not found.together
    assert found.bps == pytest.approx(800 / 0.5)
    assert rate_of([*passages, Passage(150, 50.0, 99.0, UNSURE)]) == found


def test_rows_are_believed_more_than_large_packets() -> None:
    passages = [*pings(5.0, 5.0), Passage(100, 40.0, 48.0, ALONE), *row(7.0, 7.5)]
    found = rate_of(passages)
    assert found is not None and found.bps == 1600 and found.together


def test_a_rate_within_its_noise_is_no_more_than_that() -> None:
    found = rate_of([*pings(5.0, 5.1), *row(7.0, 6.99)])
    assert found is not None and found.error == 1
    assert found.bps == pytest.approx(800 / 0.051)
    assert found.least_bps == found.bps / 2 and not found.is_sure


def test_a_rate_is_enough_only_with_bits_to_show_for_it() -> None:
    assert not Rate(1e6, 1.0, 3999, True).is_enough
    assert Rate(1e6, 1.0, 4000, True).is_enough
    assert not Rate(1e6, 1.0, 4000, False).is_enough
    assert not Rate(200_000, 1.0, 4000, True).is_enough
    assert Rate(2400, 0.05, 100, True).is_sure and not Rate(2400, 0.06, 100, True).is_sure


def test_jitter_is_of_nine_in_ten_small_packets() -> None:
    late = [5.0 + n / 100 for n in range(10)] + [9.0]
    random.Random(1).shuffle(late)
    assert jitter_of(pings(*late)) == pytest.approx(0.09)


def test_delay_grows_by_the_latest_of_a_row() -> None:
    assert growth_of([*row(7.0, 7.5, 8.5, None), *row(3.0, 3.2)]) == pytest.approx(1.5)
    assert growth_of(row(None, 7.5, 8.5)) == 0


def test_who_came_is_known_from_later_answers_too() -> None:
    found = log(ALONE, ALONE, ALONE, ALONE, ALONE)
    found.note(answer(0), 1.0)
    found.note(answer(3, before=0b101), 4.0)  # 2 and 0 came, 1 did not
    assert found.lost() == (Loss(1, 4), Loss(1, 3))  # of 4 nothing is known


def test_packets_of_a_burst_are_no_loss() -> None:
    found = log(ALONE, BEHIND, BEHIND, UNSURE, ALONE)
    found.note(answer(0), 1.0)
    found.note(answer(4), 5.0)
    assert found.lost() == (Loss(0, 2), Loss(0, 2))
    assert log().lost() == (Loss(0, 0), Loss(0, 0)) and Loss(0, 0).share == 0


def test_clocks_wrap_and_go_back() -> None:
    found = log(ALONE, ALONE, ALONE)
    for number, came_ms in ((1, 5), (0, (1 << 24) - 995), (2, 1005)):
        found.note(answer(number, came_ms=came_ms), 9.0)
    assert [it.came_s for it in found.soundings] == [-0.995, 0.005, 1.005]


def test_answers_that_answer_nothing_change_nothing() -> None:
    found = log(ALONE, pieces=2)
    found.note(answer(1), 1.0)
    found.note(answer(0, piece=2), 1.0)
    assert not found.soundings[0].came and not found.round_trips_s
    found.note(answer(0, piece=1, came_ms=7), 2.0)
    found.note(answer(0, piece=1, came_ms=9), 3.0)
    assert found.soundings[0].heard_s == {1: 2.0} and found.soundings[0].came_s == 0.007
    assert [it.came_s for it in found.down] == [None, 2.0]
