"""The word error rate: of made-up answers, of clear speech, of noise."""

import numpy as np
import pytest

from benchmarks.metrics import recognisers
from benchmarks.metrics.base import RATE_HZ, NotApplicable, Take
from benchmarks.metrics.words import Words, normalised
from sotto_codecs.base import Pcm
from tests.speech import spoken

CLEAR = "these days a chicken leg is a rare dish"


@pytest.fixture(scope="module")
def words() -> Words:
    return Words()


@pytest.fixture(scope="module")
def clear(tmp_path_factory: pytest.TempPathFactory) -> Pcm:
    return spoken("rms", CLEAR, tmp_path_factory.mktemp("clear"))


def take(heard: Pcm, transcript: str) -> Take:
    return Take(said=heard, heard=heard, transcript=transcript, same_timing=False)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("  Hello,   WORLD!  ", "hello world"),
        ("Don't; it\u2019s 'fine'.", "dont its fine"),
        ("a well-known shop\u2014boy", "a well known shop boy"),
        ("Mr. Thornton & Dr. Hale", "mister thornton and doctor hale"),
        ("caf\u00e9", "cafe"),
        ("colour is not color", "colour is not color"),
        ("0, 7 and 19", "zero seven and nineteen"),
        ("20 of 85%", "twenty of eighty five percent"),
        ("300 and 1,250", "three hundred and one thousand two hundred fifty"),
        ("999999", "nine hundred ninety nine thousand nine hundred ninety nine"),
        ("007 and 1000000", "zero zero seven and one zero zero zero zero zero zero"),
        ("...", ""),
    ],
)
def test_both_sides_are_written_alike(written: str, plain: str) -> None:
    assert normalised(written) == plain
    assert normalised(plain) == plain


def test_clear_speech_is_understood(words: Words, clear: Pcm) -> None:
    assert words.score(take(clear, CLEAR))["wer"].value <= 30


def test_the_rate_counts_each_kind_of_error(words: Words, clear: Pcm) -> None:
    heard = normalised(recognisers.load("pocketsphinx").words(clear)).split()
    swapped = " ".join(["xylophone", *heard[1:]])
    assert words.score(take(clear, " ".join(heard)))["wer"].value == 0
    assert words.score(take(clear, swapped))["wer"].value == pytest.approx(100 / len(heard))
    more_said = words.score(take(clear, " ".join([*heard, "and", "more"])))["wer"]
    assert more_said.weight == len(heard) + 2
    assert more_said.value == pytest.approx(100 * 2 / (len(heard) + 2))
    assert words.score(take(clear, heard[0]))["wer"].value == 100 * (len(heard) - 1)


def test_means_by_weight_are_the_rate_of_the_whole_text(words: Words, clear: Pcm) -> None:
    half = len(clear) // 2
    scores = [words.score(take(clear, CLEAR))["wer"], words.score(take(clear[:half], CLEAR))["wer"]]
    errors = sum(round(score.value * score.weight / 100) for score in scores)
    mean = np.average([s.value for s in scores], weights=[s.weight for s in scores])
    assert mean == pytest.approx(100 * errors / (2 * len(CLEAR.split())))


def test_nothing_is_understood_in_noise_and_in_silence(words: Words) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, 2 * RATE_HZ).astype(np.float32)
    assert words.score(take(noise, CLEAR))["wer"].value >= 100
    assert words.score(take(np.zeros_like(noise), CLEAR))["wer"].value == 100


def test_a_sentence_without_words_has_no_rate(words: Words, clear: Pcm) -> None:
    with pytest.raises(NotApplicable, match="no words"):
        words.score(take(clear, " ... "))


def test_the_recogniser_stands_beside_the_figure(words: Words) -> None:
    assert words.name.startswith("pocketsphinx 5.")
    assert [measure.key for measure in words.MEASURES] == ["wer"]


def test_a_name_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match='no recogniser "parrot"; known are pocketsphinx'):
        Words("parrot")
