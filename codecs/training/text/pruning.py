"""Which n-grams are worth their bytes: those whose loss would cost the most bits.

The gain of an n-gram is P(history) P(word | history) log2(P(word | history) / P(word | shorter
history)), Stolcke's relative entropy (1998) without the small change of the back-off weight.
"""

import numpy as np

from training.text.sphinx_lm import Floats, Ints, Trigram


def keys(rows: Ints, words: int) -> Ints:
    """One number for each row of word indices, in the order of the rows."""
    value = np.zeros(len(rows), np.int64)
    for column in rows.T:
        value = value * words + column
    return value


def backed_off(rows: Ints, probability: Floats, shorter: Floats, words: int) -> Floats:
    """For each n-gram, what the shorter history would say of its word."""
    history = rows[:, 0] if rows.shape[1] == 2 else keys(rows[:, :2], words)
    _, group = np.unique(history, return_inverse=True)
    kept = np.bincount(group, probability)
    covered = np.bincount(group, shorter)
    weight = np.maximum(1 - kept, 1e-6) / np.maximum(1 - covered, 1e-6)
    return np.asarray(shorter * weight[group], np.float64)


def choose(model: Trigram, bigrams: int, trigrams: int) -> Trigram:
    """The model with about so many n-grams; a trigram stays only where its first two words do."""
    count = len(model.words)
    lower = backed_off(model.bigrams, model.bigram, model.unigram[model.bigrams[:, 1]], count)
    history = np.maximum(model.unigram, 0)
    start = model.words.index("<s>")
    history[start] = model.unigram[model.words.index("</s>")]
    gain = history[model.bigrams[:, 0]] * model.bigram * np.log2(model.bigram / lower)
    keep = _best(gain, bigrams)

    order = np.argsort(keys(model.bigrams, count))
    ordered = keys(model.bigrams, count)[order]
    find = lambda rows: _found(ordered, order, keys(rows, count))  # noqa: E731
    parent, shorter = find(model.trigrams[:, :2]), find(model.trigrams[:, 1:])
    says = np.where(shorter >= 0, model.bigram[shorter], model.unigram[model.trigrams[:, 2]])
    lower = backed_off(model.trigrams, model.trigram, says, count)
    weight = history[model.trigrams[:, 0]] * model.bigram[parent] * model.trigram
    worth = _best(np.where(keep[parent], weight * np.log2(model.trigram / lower), 0), trigrams)
    return Trigram(
        model.words,
        model.unigram,
        model.bigrams[keep],
        model.bigram[keep],
        model.trigrams[worth],
        model.trigram[worth],
    )


def _best(gain: Floats, count: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    floor = np.sort(gain)[-min(count, len(gain))]
    return np.asarray((gain >= floor) & (gain > 0), np.bool_)


def _found(ordered: Ints, order: Ints, wanted: Ints) -> Ints:
    place = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    return np.where(ordered[place] == wanted, order[place], -1)
