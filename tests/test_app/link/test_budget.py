"""What a budget allows, and what has been spent of it."""

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.budget import WINDOW_S, Line, Spent

LINE = Line(2400, 40)  # 1500 bytes in 5 s


def test_sizes_that_a_line_allows() -> None:
    assert LINE.window_bytes == 1500
    assert LINE.room_bytes == 260  # one second
    assert LINE.largest_bytes == 1280 - 40 - 66
    assert Line(9600, 40, mtu_bytes=500).room_bytes == 460
    assert Line(0, 40).window_bytes == inf and Line(0, 40).takes_s(1e9) == 0


def test_lines_that_could_not_carry_control_are_an_error() -> None:
    with pytest.raises(ValueError, match="100 bit/s is below 170, the least"):
        Line(100, 40)
    with pytest.raises(ValueError, match="no room for control"):
        Line(0, 40, mtu_bytes=80)


def test_a_datagram_waits_for_the_one_before_it() -> None:
    spent = Spent()
    assert spent.free_s(100, LINE) == -inf
    spent.add(300, LINE, 10.0)
    assert spent.free_s(100, LINE) == 11.0
    spent.correct(150, LINE)
    assert spent.free_s(100, LINE) == 10.5 and spent.left_bytes(LINE, 10.5) == 1350


def test_and_for_room_in_the_five_seconds_before_it() -> None:
    spent = Spent()
    for n in range(4):
        spent.add(350, LINE, n * 1.2)
    assert spent.left_bytes(LINE, 4.8) == 100
    assert spent.free_s(100, LINE) == pytest.approx(4.8 - 1.2 + 350 / 300)
    assert spent.free_s(101, LINE) == 5.0  # when the first one has passed
    assert spent.free_s(451, LINE) == 6.2  # and the second


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(1, 1500), st.floats(0, 3)), max_size=40))
def test_as_soon_as_it_may_is_never_too_soon(script: list[tuple[int, float]]) -> None:
    spent, now = Spent(), 0.0
    left: list[tuple[float, int]] = []
    for size, pause_s in script:
        now = max(now + pause_s, spent.free_s(size, LINE))
        assert spent.left_bytes(LINE, now) >= size
        spent.add(size, LINE, now)
        left.append((now, size))
        assert sum(size for at, size in left if at + WINDOW_S > now) <= LINE.window_bytes


def test_what_waits_for_nothing_takes_no_memory_and_blocks_the_line_for_a_window_at_most() -> None:
    """A flood of set-ups, each answered."""
    spent = Spent()
    for n in range(100_000):
        spent.add(30, LINE, n / 1000)
    assert 99.0 < spent.free_s(30, LINE) <= 100.0 + WINDOW_S
    assert spent.left_bytes(LINE, 100.0 + WINDOW_S) == LINE.window_bytes
