import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_codecs.text.prosody.timing import PACES, Pace, shapes, spread

WEIGHTS_MS = (80, 60, 40, 100)


def test_a_word_has_vowels_consonants_and_a_place() -> None:
    assert shapes(["Queue", "straight", "ok", "[cough]"]) == [
        (1, 1, 0),
        (1, 6, 0),
        (1, 1, 0),
        (1, 3, 1),
    ]
    assert shapes(["a" * 10_000, "", "\N{PILE OF POO}"]) == [(1, 0, 0), (0, 0, 0), (0, 0, 1)]
    assert shapes([]) == []


def test_the_pace_follows_the_words() -> None:
    slow, quick = (Pace(WEIGHTS_MS, 100) for _ in range(2))
    usual = slow.table((2, 3, 0))
    for _ in range(5):
        slow.heard((1, 1, 0), 6)
        quick.heard((1, 1, 0), 1)
    assert quick.table((2, 3, 0)) < usual < slow.table((2, 3, 0)) < PACES


def test_words_that_share_a_tick_share_its_time() -> None:
    spans = [(0, 1), (1, 1), (1, 2), (3, 3), (3, 4), (4, 4)]
    shared = spread(spans, [100, 50, 150, 100, 100, 200], 0.2)
    assert [start for start, _ in shared] == pytest.approx([0.0, 0.2, 0.25, 0.6, 0.65, 0.7])
    assert [end for _, end in shared] == pytest.approx([0.2, 0.25, 0.4, 0.65, 0.7, 0.8])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(20, 900)), max_size=30))
def test_spread_words_stay_in_order(drawn: list[tuple[int, int, int]]) -> None:
    spans, now = list[tuple[int, int]](), 0
    for pause, ticks, _ in drawn:
        spans.append((now + pause, now + pause + ticks))
        now += pause + ticks
    shared = spread(spans, [ms for *_, ms in drawn], 0.1)
    marks = [mark for span in shared for mark in span]
    assert len(shared) == len(spans)
    assert all(early <= late + 1e-9 for early, late in zip(marks, marks[1:], strict=False))
    assert all(
        abs(a - 0.1 * start) <= 0.1 * max(ticks for _, ticks, _ in drawn) + 1e-9
        for (a, _), (start, _) in zip(shared, spans, strict=True)
    )
