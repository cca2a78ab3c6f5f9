"""Letters of words that are in no list: how the model's own words are spelled, to order 3, and
any other character as its code point."""

from typing import Protocol

import numpy as np

from sotto_codecs.errors import BadFrame
from sotto_codecs.text.coding.words import Weights

LETTERS = "\nabcdefghijklmnopqrstuvwxyz'"  # the line end is the word's end
OTHER = len(LETTERS)
SYMBOLS = OTHER + 1
UNIT = 1 << 20
TRUST = 8  # seen so often, a longer context weighs as much as the shorter
POINT_BITS = 21
MAX_CHARACTERS = 16_384  # of a text


class Chooser(Protocol):
    """A Recorder that is told what to choose, or a Reader that finds it."""

    def choose(self, weights: Weights, wanted: int) -> int: ...
    def uniform(self, count: int, wanted: int) -> int: ...
    def rests(self, ends: bool) -> bool: ...


class Spelling:
    """Immutable; made from the words of a model."""

    def __init__(self, words: tuple[str, ...]) -> None:
        codes = np.full(256, OTHER, np.int64)
        codes[list(LETTERS.encode())] = range(OTHER)
        text = codes[np.frombuffer(("\n\n\n" + "\n\n\n".join(words) + "\n").encode(), np.uint8)]
        self._counts = [_counted(text, order) for order in range(4)]
        self._counts[0][0] = len(words)
        for counts in self._counts[1:3]:
            counts.flat[0] = 0  # the padding between words
        self._counts[0][OTHER] += len(text) // 32
        self._counts[1][OTHER, OTHER] += 64  # other scripts come in runs

    def weights(self, context: tuple[int, int, int]) -> Weights:
        """Of the symbol that follows three, each order resting on the shorter one."""
        weights = np.ones(SYMBOLS, np.int64) * (UNIT // SYMBOLS)
        for order, counts in enumerate(self._counts):
            seen = counts[context[3 - order :]]
            weights = (seen * UNIT + TRUST * weights) // (int(seen.sum()) + TRUST)
        return weights + 1

    def spell(self, chooser: Chooser, word: str) -> str:
        """Choose the letters of `word`, or find it: what a Reader is given does not count. More
        than MAX_CHARACTERS raise BadFrame."""
        context, found = (0, 0, 0), ""
        while True:
            wanted = word[len(found) : len(found) + 1] or "\n"
            place = LETTERS.find(wanted, 1) if len(found) < len(word) else 0
            symbol = chooser.choose(self.weights(context), OTHER if place < 0 else place)
            if symbol == 0:
                return found
            found += LETTERS[symbol] if symbol < OTHER else _point(chooser, wanted)
            context = (context[1], context[2], symbol)
            if len(found) > MAX_CHARACTERS:
                raise BadFrame("more characters than a text may have")


def _counted(text: Weights, order: int) -> Weights:
    place = np.zeros(len(text) - order, np.int64)
    for offset in range(order + 1):
        place = place * SYMBOLS + text[offset : len(text) - order + offset]
    counts = np.bincount(place, minlength=SYMBOLS ** (order + 1))
    return np.asarray(counts.reshape((SYMBOLS,) * (order + 1)), np.int64)


def _point(chooser: Chooser, character: str) -> str:
    """A code point: how many bits it has, then those below the highest."""
    wanted = ord(character)
    bits = chooser.uniform(POINT_BITS + 1, wanted.bit_length())
    highest = 1 << bits >> 1
    point = highest + chooser.uniform(max(highest, 1), wanted - highest)
    try:
        (found := chr(point)).encode()
    except (ValueError, UnicodeEncodeError) as error:
        raise BadFrame("no Unicode character") from error
    return found
