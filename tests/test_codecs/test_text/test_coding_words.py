"""The fixed model: its weights are probabilities, the same on every machine."""

import hashlib
from importlib import resources

import numpy as np
import pytest

from sotto_codecs.text import coding
from sotto_codecs.text.coding.words import ONE, WordModel, english


@pytest.fixture(scope="module")
def model() -> WordModel:
    return english()


def index(model: WordModel, word: str | None) -> int | None:
    return model.start if word == "<s>" else None if word is None else model.index[word]


@pytest.mark.parametrize(
    ("before", "last"),
    [
        (None, None),
        (None, "<s>"),
        ("<s>", "i"),
        ("the", "united"),
        ("zyman", "zyuganov"),
        (None, "a"),
    ],
)
def test_weights_are_a_distribution(model: WordModel, before: str | None, last: str | None) -> None:
    weights = model.weights(index(model, before), index(model, last))
    assert weights.shape == (len(model.words),)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(ONE, rel=0.01)


def test_what_follows_depends_on_both_words(model: WordModel) -> None:
    united = model.index["united"]
    best = [
        model.words[int(np.argmax(model.weights(before, united)))]
        for before in (model.index["the"], model.index["manchester"])
    ]
    assert best[0] == "states"
    after = model.weights(None, united)
    assert after[model.index["states"]] > 1000 * model.unigrams[model.index["states"]]
    assert not np.array_equal(after, model.weights(model.index["the"], united))


def test_weights_are_the_same_everywhere(model: WordModel) -> None:
    weights = model.weights(model.index["one"], model.index["of"])
    digest = hashlib.sha256(weights.astype("<i8").tobytes()).hexdigest()
    assert digest[:16] == "95de8438e25341bc"


def test_words_are_what_a_recogniser_emits(model: WordModel) -> None:
    assert {"the", "don't", "[laughter]"} <= model.index.keys()
    assert not {"<s>", "</s>", "", "The"} & model.index.keys()
    assert all(word == word.lower() for word in model.words)


def test_the_model_is_small_and_named_by_its_file(model: WordModel) -> None:
    data = resources.files(coding).joinpath("english.xz").read_bytes()
    assert len(data) < 5_000_000
    assert model.digest == hashlib.sha256(data).digest()[:4]


def test_levels_are_ascending_within_a_history(model: WordModel) -> None:
    for history in (model.start, 0, 1, 5000):
        words = model.bigrams.words[model.bigrams.span(history)]
        assert (np.diff(words) > 0).all()
    assert model.bigrams.words.max() < len(model.words)
    assert model.trigrams.words.min() >= 0
