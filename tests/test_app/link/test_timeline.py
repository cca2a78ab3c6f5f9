"""Places of single bundles: by neighbours, by low bits, by the clock."""

from sotto_app.link.chunks import Spurt
from sotto_app.link.run import Arrivals
from sotto_app.link.timeline import KEPT_BUNDLES, Arrived, Placed, Timeline


class Line:
    """Bundles of 100 ms, each of which came as soon as it was whole."""

    def __init__(self) -> None:
        self.arrivals = Arrivals()
        self.timeline = Timeline(self.arrivals)

    def place(self, counter: int, number: int, late_ms: float = 0, spurt: bool = False) -> Placed:
        self.arrivals.add(counter)
        mark = Spurt(1, number % 256, number * 100) if spurt else None
        at_ms = (number + 1) * 100 + late_ms
        return self.timeline.place(Arrived(counter, 1, number % 4, mark, 100, (), at_ms))


def started() -> Line:
    line = Line()
    for number in range(3):
        line.place(number, number, spurt=number < 2)
    return line


def test_three_missing_packets_leave_one_number() -> None:
    placed = started().place(6, 6)
    assert (placed.number, placed.sure, placed.start_ms, placed.certain) == (6, True, 600, False)


def test_where_more_numbers_fit_the_clock_decides_and_it_is_not_sure() -> None:
    for counter, number in [(20, 8), (20, 12), (20, 20)]:
        placed = started().place(counter, number)
        assert (placed.number, placed.sure, placed.start_ms) == (number, False, 100 * number)


def test_a_spurt_sets_a_wrong_number_right() -> None:
    line = started()
    assert line.place(20, 12, late_ms=-400).number == 8
    placed = line.place(21, 13, spurt=True)
    assert (placed.number, placed.sure, placed.start_ms, placed.certain) == (13, True, 1300, True)
    following = line.place(22, 14)
    assert (following.number, following.sure, following.certain) == (14, True, True)


def test_a_late_bundle_lies_between_its_neighbours() -> None:
    line = started()
    line.place(4, 4)
    placed = line.place(3, 3, late_ms=5000)
    assert (placed.number, placed.sure, placed.start_ms, placed.certain) == (3, True, 300, True)
    assert not line.timeline.is_newest(placed)


def test_a_bundle_that_could_not_be_read_counts_as_one() -> None:
    line = started()
    line.arrivals.add(3)
    line.timeline.skip(3)
    placed = line.place(4, 4)
    assert (placed.number, placed.sure, placed.certain) == (4, True, True)


def test_a_small_delay_is_no_silence_and_a_large_one_is() -> None:
    assert started().place(5, 5, late_ms=400).start_ms == 500
    assert started().place(5, 5, late_ms=2000).start_ms == 2500


def test_the_end_of_a_talkspurt_counts_only_where_nothing_newer_is() -> None:
    line = started()
    line.place(4, 4)
    assert not line.timeline.end_spurt(3)
    assert line.timeline.end_spurt(4)
    assert line.timeline.end_spurt(5)


def test_old_bundles_are_forgotten() -> None:
    line = started()
    for number in range(3, KEPT_BUNDLES + 2):
        line.place(number, number)
    assert line.timeline.is_forgotten(1)
    assert not line.timeline.is_forgotten(2)
