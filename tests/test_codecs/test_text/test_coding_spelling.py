"""Letters: every character there is can be spelled, likely ones in few bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_codecs.errors import BadFrame
from sotto_codecs.text.coding.arithmetic import Reader, Recorder
from sotto_codecs.text.coding.spelling import MAX_CHARACTERS, OTHER, Spelling, _point
from sotto_codecs.text.coding.words import english

SPELLING = Spelling(english().words)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def bits(word: str) -> float:
    recorder = Recorder()
    SPELLING.spell(recorder, word)
    return recorder.bits


@settings(max_examples=100)
@given(ANY)
def test_any_word_comes_back(word: str) -> None:
    recorder = Recorder()
    assert SPELLING.spell(recorder, word) == word
    assert SPELLING.spell(Reader(recorder.payload() + bytes(9)), "") == word


def test_a_likely_spelling_costs_less() -> None:
    assert bits("thornton") < 30 < 90 < bits("xqzvkjwp")
    assert bits("Straße") < 80


def test_weights_are_never_zero() -> None:
    for context in [(0, 0, 0), (1, 2, 3), (OTHER, OTHER, OTHER), (26, 26, 26)]:
        assert SPELLING.weights(context).min() > 0


@pytest.mark.parametrize("point", [0xD800, 0xDFFF, 0x110000, 0x1FFFFF])
def test_what_is_no_character_is_refused(point: int) -> None:
    class Says:
        def choose(self, weights: np.ndarray[tuple[int], np.dtype[np.int64]], wanted: int) -> int:
            raise AssertionError

        def rests(self, ends: bool) -> bool:
            raise AssertionError

        def uniform(self, count: int, wanted: int) -> int:
            return point.bit_length() if count == 22 else point - (1 << point.bit_length() - 1)

    with pytest.raises(BadFrame):
        _point(Says(), "x")


def test_an_endless_word_is_refused() -> None:
    with pytest.raises(BadFrame):
        SPELLING.spell(Recorder(), "a" * (MAX_CHARACTERS + 1))
