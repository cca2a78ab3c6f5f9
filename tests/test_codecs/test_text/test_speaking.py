import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_codecs.errors import BackendUnavailable, BadSettings
from sotto_codecs.text.speaking import (
    PIECE_CHARACTERS,
    WORD_CHARACTERS,
    pieces,
    synthesiser,
)


def test_short_text_is_one_piece() -> None:
    assert list(pieces("it rains,  Dr. Smith.\nIt pours")) == [
        ("it", "rains,", "Dr.", "Smith.", "It", "pours")
    ]


def test_a_sentence_of_some_length_is_spoken_before_the_next_is_made() -> None:
    first = "This sentence has more than forty characters in it."
    assert list(pieces(f"{first} And this?")) == [tuple(first.split()), ("And", "this?")]


@pytest.mark.parametrize("text", ["", " \n", "[laughter]", "a" * 10_000])
def test_what_nobody_says_makes_no_piece(text: str) -> None:
    assert list(pieces(text)) == []


@settings(max_examples=50)
@given(st.text(max_size=600))
def test_pieces_are_short_and_lose_nothing_but_long_words_and_events(text: str) -> None:
    made = list(pieces(text))
    kept = [w for w in text.split() if len(w) <= WORD_CHARACTERS]
    kept = [w for w in kept if not (w.startswith("[") and w.endswith("]"))]
    assert [word for piece in made for word in piece] == kept
    assert all(len(" ".join(piece)) <= PIECE_CHARACTERS for piece in made)


def test_an_unknown_engine_is_named_beside_the_known() -> None:
    with pytest.raises(BadSettings, match="known: .*flite"):
        synthesiser("loudhailer")


def test_a_language_that_nobody_speaks_is_an_absence() -> None:
    with pytest.raises(BackendUnavailable, match='no engine speaks "tlh"'):
        synthesiser("auto", "tlh")


def test_english_is_spoken() -> None:
    assert synthesiser("auto", "en-GB").voices("en-GB")
