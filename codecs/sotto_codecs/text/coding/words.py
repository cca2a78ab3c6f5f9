"""A fixed model of English: a pruned trigram with back-off, in integers alone.

The file is made by `python -m training.text.english`; english.md says of what. Loading takes well
under a second, and the loaded model is immutable and shared by all calls.
"""

import hashlib
import io
import lzma
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.int64]

ONE = 1 << 30  # the weight of a certainty
CODES_PER_BIT = 8  # a code c stands for a probability of 2 ** (-c / 8)
EIGHTH_BIT = 3_938_502_376  # 2 ** (32 - 1 / 8)
SHIFT = 20  # of a back-off factor


def _table() -> Weights:
    """Weights of the codes, without floating point."""
    exact = ONE << 32
    table = []
    for _ in range(256):
        table.append(max(exact >> 32, 1))
        exact = exact * EIGHTH_BIT >> 32
    return np.array(table, np.int64)


@dataclass(frozen=True, slots=True)
class Level:
    """Which words follow each history: `words[first[h] : first[h + 1]]`, ascending, and how
    probable each is as a code."""

    first: npt.NDArray[np.int32]
    words: npt.NDArray[np.int32]
    codes: npt.NDArray[np.uint8]

    def span(self, history: int) -> slice:
        return slice(int(self.first[history]), int(self.first[history + 1]))

    def place(self, history: int, word: int) -> int | None:
        """The index of `word` after `history`."""
        span = self.span(history)
        at = span.start + int(np.searchsorted(self.words[span], word))
        return at if at < span.stop and self.words[at] == word else None


@dataclass(frozen=True, slots=True)
class WordModel:
    """Words are indices by falling frequency; `start` is the history at the start of a sentence."""

    words: tuple[str, ...]
    index: dict[str, int]
    unigrams: Weights
    bigrams: Level
    trigrams: Level  # its histories are the entries of `bigrams`
    table: Weights
    digest: bytes  # of the file: ends with different ones do not understand each other

    @property
    def start(self) -> int:
        return len(self.words)

    def weights(self, before: int | None, last: int | None) -> Weights:
        """What comes after two words, as weights of all words that sum to about ONE; None is a
        word that the model does not know."""
        weights = self.unigrams
        if last is None:
            return weights
        weights = self._refined(weights, self.bigrams, last)
        pair = None if before is None else self.bigrams.place(before, last)
        return weights if pair is None else self._refined(weights, self.trigrams, pair)

    def _refined(self, shorter: Weights, level: Level, history: int) -> Weights:
        """What is seen after the history weighs as it does there; the rest as it did before."""
        span = level.span(history)
        seen = level.words[span]
        says = self.table[level.codes[span]]
        most = ONE - ONE // 64  # rounding may bring the sum of what is seen above ONE
        if (total := int(says.sum())) > most:
            says = says * most // total
            total = most
        rest = max(int(shorter.sum()) - int(shorter[seen].sum()), ONE >> 12)
        weights = shorter * (((ONE - total) << SHIFT) // rest) >> SHIFT
        weights[seen] = says
        return weights


def english() -> WordModel:
    """The model in the package."""
    return loaded(resources.files(__package__).joinpath("english.xz").read_bytes())


def loaded(data: bytes) -> WordModel:
    """A model from the bytes of its file."""
    parts = np.load(io.BytesIO(lzma.decompress(data)))
    words = tuple(bytes(parts["words"]).decode().split("\n"))
    table = _table()
    return WordModel(
        words,
        {word: index for index, word in enumerate(words)},
        table[parts["unigrams"]],
        _level(parts, "bigram"),
        _level(parts, "trigram"),
        table,
        hashlib.sha256(data).digest()[:4],
    )


def _level(parts: "np.lib.npyio.NpzFile", name: str) -> Level:
    first = np.concatenate([[0], np.cumsum(_joined(parts[f"{name}_counts"]))])
    total = np.cumsum(_joined(parts[f"{name}_gaps"]), dtype=np.int64)
    heads = first[:-1][np.diff(first) > 0]
    # gaps run on from one history to the next: take off what stood before each history's first
    before = np.where(heads > 0, total[heads - 1], 0)
    words = total - np.repeat(before, np.diff(np.append(heads, len(total))))
    return Level(first.astype(np.int32), words.astype(np.int32), parts[f"{name}_codes"])


def _joined(planes: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    low, middle, high = planes.astype(np.int32)
    return np.asarray(low | middle << 8 | high << 16, np.int32)
