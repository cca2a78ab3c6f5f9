"""Lays a word model out as sotto_codecs.text.coding.words reads it: planes of bytes under xz."""

import io
import lzma

import numpy as np
import numpy.typing as npt

from sotto_codecs.text.coding.words import CODES_PER_BIT
from training.text.pruning import keys
from training.text.sphinx_lm import Floats, Ints, Trigram

START, END = "<s>", "</s>"
EVENTS = ("[laughter]", "[breath]", "[cough]", "[noise]", "[music]", "[speech]")
EVENT = 2.0**-11  # how often one is a word
Plane = npt.NDArray[np.uint8]
NGRAM_STEP = CODES_PER_BIT // 2  # half a bit: finer costs more bytes than it saves bits


def without_end(model: Trigram) -> Trigram:
    """The model given that the sentence goes on: how a phrase ends is told by its length."""
    count, end = len(model.words), model.words.index(END)
    unigram = model.unigram / (1 - model.unigram[end])
    unigram[end] = 0
    going2, going3 = model.bigrams[:, 1] != end, model.trigrams[:, 2] != end
    return Trigram(
        model.words,
        unigram,
        model.bigrams[going2],
        _given_no_end(model.bigrams, model.bigram, end, count)[going2],
        model.trigrams[going3],
        _given_no_end(model.trigrams, model.trigram, end, count)[going3],
    )


def _given_no_end(rows: Ints, probability: Floats, end: int, words: int) -> Floats:
    _, group = np.unique(keys(rows[:, :-1], words), return_inverse=True)
    ending = np.bincount(group, np.where(rows[:, -1] == end, probability, 0))
    return np.asarray(probability / (1 - ending[group]), np.float64)


def pack(model: Trigram) -> bytes:
    """Words by falling frequency; the start of a sentence is the history after the last word."""
    count = len(model.words)
    left = [i for i, word in enumerate(model.words) if word not in (START, END)]
    order = sorted(left, key=lambda i: (-model.unigram[i], model.words[i]))
    rank = np.full(count, len(order), np.int64)
    rank[order] = np.arange(len(order))
    rank[model.words.index(START)] = len(order) + len(EVENTS)
    words = [*(model.words[i] for i in order), *EVENTS]
    unigram = np.append(model.unigram[order], [EVENT] * len(EVENTS))
    parts: dict[str, Plane] = {
        "words": np.frombuffer("\n".join(words).encode(), np.uint8),
        "unigrams": _codes(unigram, 1),
    }
    bigrams, bigram = _sorted(rank[model.bigrams], model.bigram)
    parents = keys(bigrams, 2 * count)
    parts |= _level("bigram", bigrams[:, 0], len(words) + 1, bigrams[:, 1], bigram)
    trigrams, trigram = _sorted(rank[model.trigrams], model.trigram)
    parent = np.searchsorted(parents, keys(trigrams[:, :2], 2 * count))
    parts |= _level("trigram", parent, len(parents), trigrams[:, 2], trigram)
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **parts)
    return lzma.compress(file.getvalue(), preset=9 | lzma.PRESET_EXTREME)


def _sorted(rows: Ints, probability: Floats) -> tuple[Ints, Floats]:
    order = np.lexsort(rows.T[::-1])
    return rows[order], probability[order]


def _level(
    name: str, history: Ints, histories: int, word: Ints, probability: Floats
) -> dict[str, Plane]:
    gaps = np.diff(word, prepend=0)
    first = np.diff(history, prepend=-1) != 0
    gaps[first] = word[first]
    return {
        f"{name}_counts": _planes(np.bincount(history, minlength=histories)),
        f"{name}_gaps": _planes(gaps),
        f"{name}_codes": _codes(probability, NGRAM_STEP),
    }


def _planes(values: Ints) -> Plane:
    """Three rows: the low, middle and high bytes."""
    return np.ascontiguousarray(values.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :3].T)


def _codes(probability: Floats, step: int) -> Plane:
    scaled = np.rint(-np.log2(probability) * CODES_PER_BIT / step) * step
    return np.clip(scaled, 0, 255 // step * step).astype(np.uint8)
