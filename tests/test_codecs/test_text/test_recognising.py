"""The recognisers' seam: which engine is taken, what is final, and what is missing."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_codecs.errors import BackendUnavailable, BadSettings, WeightsMissing
from sotto_codecs.models import Models
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.recognising import Agreement, engine


def said(text: str, until_s: float = 99.0) -> list[Word]:
    """A word a second."""
    words = [Word(word, float(n), n + 0.9) for n, word in enumerate(text.split())]
    return [word for word in words if word.start_s < until_s]


def test_a_word_is_final_when_two_hypotheses_agree_and_it_has_settled() -> None:
    agreement = Agreement(settle_s=1.0)
    assert agreement.heard(said("the bird"), 2.0).final == 0
    heard = agreement.heard(said("the birch can"), 3.0)
    assert (heard.words, heard.final) == (tuple(said("the birch can")), 1)
    assert agreement.heard(said("a birch canoe"), 3.9).final == 2
    assert [word.text for word in agreement.last(said("a birk canoe slid"))] == [
        *("the", "birch", "canoe", "slid")
    ]


def test_what_is_new_is_not_final() -> None:
    agreement = Agreement(settle_s=1.0)
    agreement.heard(said("one two"), 2.0)
    assert agreement.heard(said("one two three"), 2.0).final == 1
    assert agreement.last(()) == tuple(said("one"))


words = st.lists(st.sampled_from(("a", "b", "c")), max_size=6).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(words, min_size=1, max_size=8), words)
def test_final_words_stay(hypotheses: list[str], end: str) -> None:
    agreement = Agreement(settle_s=0.5)
    final: tuple[Word, ...] = ()
    for edge, text in enumerate(hypotheses):
        heard = agreement.heard(said(text), float(edge))
        assert heard.words[: len(final)] == final
        assert heard.final >= len(final)
        final = heard.words[: heard.final]
    assert agreement.last(said(end))[: len(final)] == final


def test_without_a_whisper_pocketsphinx_hears_english(tmp_path: Path) -> None:
    assert engine("auto", "en-GB", Models(tmp_path)).name.startswith("pocketsphinx 5.")
    with pytest.raises(WeightsMissing, match=r"no Whisper in .* to mend it: sotto models pull"):
        engine("faster-whisper", "en", Models(tmp_path))


def test_a_language_that_no_engine_knows(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable, match='no engine hears "tlh" here .*sotto models pull'):
        engine("auto", "tlh", Models(tmp_path))
    with pytest.raises(BadSettings, match='does not know "tlh"; it knows en'):
        engine("pocketsphinx").recogniser("tlh")
    with pytest.raises(BadSettings, match="no engine 'ears'; known: .*pocketsphinx, auto"):
        engine("ears")
