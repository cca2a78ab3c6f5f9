"""Reads pocketsphinx's binary trigram: a trie on reversed words, KenLM's layout with 16-bit bins.

The file: 19 bytes of name, the order (1 byte), three counts, a dummy, the bins of bigram
probability, bigram back-off and trigram probability (65536 floats each), unigrams (probability,
back-off, first child), bigrams and trigrams as packed bits, and the words. Logarithms are to the
base 1.0001.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
NAME = b"Trie Language Model"
LOG_BASE = 1.0001
BIN_BITS = 16


@dataclass(frozen=True, slots=True)
class Trigram:
    """Probabilities as they stand in the file. Words are indices of `words`; a row of `bigrams` is
    (before, word) and of `trigrams` (before that, before, word)."""

    words: list[str]
    unigram: Floats
    bigrams: Ints
    bigram: Floats
    trigrams: Ints
    trigram: Floats


@dataclass(frozen=True, slots=True)
class Packed:
    """Records of `bits` bits each from byte `at` on, least significant bit first."""

    data: npt.NDArray[np.uint8]
    at: int
    bits: int
    records: int

    def field(self, offset: int, width: int) -> Ints:
        start = np.arange(self.records, dtype=np.int64) * self.bits + offset
        first = self.at + (start >> 3)
        value = np.zeros(self.records, np.int64)
        for byte in range(4):
            value |= self.data[first + byte].astype(np.int64) << (8 * byte)
        return (value >> (start & 7)) & ((1 << width) - 1)

    @property
    def end(self) -> int:
        return self.at + (self.bits * self.records + 7) // 8 + 8


def read(path: Path) -> Trigram:
    """The model of a wheel of pocketsphinx; ValueError for any other file."""
    raw = path.read_bytes()
    if raw[:19] != NAME or raw[19] != 3:
        raise ValueError(f"{path} is not a binary trigram of pocketsphinx")
    data = np.frombuffer(raw, np.uint8)
    counts = [int(n) for n in np.frombuffer(raw, "<u4", 3, 20)]
    bins = np.frombuffer(raw, "<f4", 3 << BIN_BITS, 36).reshape(3, -1)
    at = 36 + bins.nbytes
    unigrams = np.frombuffer(raw, [("p", "<f4"), ("bo", "<f4"), ("next", "<u4")], counts[0] + 1, at)
    word_bits, next_bits = counts[0].bit_length(), counts[2].bit_length()
    middle = Packed(data, at + unigrams.nbytes, word_bits + 2 * BIN_BITS + next_bits, counts[1] + 1)
    longest = Packed(data, middle.end, word_bits + BIN_BITS, counts[2] + 1)
    words = raw[longest.end + 4 :].decode().split("\0")[: counts[0]]

    used = int(unigrams["next"][-1])  # the count in the header may be a few too many
    last = np.repeat(np.arange(counts[0]), np.diff(unigrams["next"]).astype(np.int64))
    before = middle.field(0, word_bits)[:used]
    following = middle.field(word_bits + 2 * BIN_BITS, next_bits)[: used + 1]
    parent = np.repeat(np.arange(used), np.diff(following))
    first = longest.field(0, word_bits)[: len(parent)]
    bigram = bins[0][middle.field(word_bits + BIN_BITS, BIN_BITS)[:used]]
    trigram = bins[2][longest.field(word_bits, BIN_BITS)[: len(parent)]]
    return Trigram(
        words,
        _probability(unigrams["p"][:-1]),
        np.stack([before, last], 1),
        _probability(bigram),
        np.stack([first, before[parent], last[parent]], 1),
        _probability(trigram),
    )


def _probability(logarithm: npt.NDArray[np.float32]) -> Floats:
    return np.exp(logarithm.astype(np.float64) * np.log(LOG_BASE))
