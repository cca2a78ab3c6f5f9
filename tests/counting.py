"""A recogniser that counts: what it should hear is known, whatever the machine is like."""

import threading
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.text.phrase import Phrase, Word
from sotto_codecs.text.recognising import Hypothesis, Recogniser, known
from sotto_codecs.text.talkspurt import RATE_HZ

LOUD = 0.9
PATIENCE_S = 30.0


class Loudness:
    def probability(self, chunk: Pcm) -> float:
        return float(np.abs(chunk).max())


class Counting:
    """Hears each half second of loud sound as the word that its level stands for (`level`), once
    most of it is there. Fails when it hears the level `bad`."""

    def __init__(self, bad: float | None = None) -> None:
        self._bad = bad
        self.start()

    def start(self) -> None:
        self._sound = np.empty(0, np.float32)

    def feed(self, pcm: Pcm) -> Hypothesis:
        if self._bad is not None and np.isclose(pcm, self._bad, atol=1e-5, rtol=0).any():
            raise RuntimeError("what a crash may say")
        self._sound = np.concatenate([self._sound, pcm])
        return Hypothesis(self._words())

    def finish(self) -> tuple[Word, ...]:
        return self._words()

    def close(self) -> None:
        pass

    def _words(self) -> tuple[Word, ...]:
        edges = np.flatnonzero(np.diff(self._sound)) + 1
        spans = pairwise([0, *edges.tolist(), len(self._sound)])
        return tuple(
            Word(name(self._sound[start]), start / RATE_HZ, end / RATE_HZ)
            for start, end in spans
            if end - start > 0.3 * RATE_HZ and self._sound[start] >= LOUD
        )


class Engine:
    name, languages = "counting", ("en",)

    def __init__(self, bad: float | None = None, lives: int = 99, heals: bool = False) -> None:
        self.bad, self.lives, self.heals, self.made = bad, lives, heals, 0

    def recogniser(self, language: str) -> Recogniser:
        known(language, self.languages, self.name)
        self.made += 1
        if self.made > self.lives:
            raise MemoryError("no room for another")
        return Counting(None if self.heals and self.made > 1 else self.bad)


class Gated(Engine):
    """Its recognisers wait for the gate."""

    def __init__(self, hears: Engine | None = None) -> None:
        super().__init__()
        self._hears = hears or Engine()
        self.gate = threading.Event()

    def recogniser(self, language: str) -> Recogniser:
        assert self.gate.wait(PATIENCE_S)
        return self._hears.recogniser(language)


class Ticks(Counting):
    """Hears a word in each half second of any sound."""

    def __init__(self, word: str) -> None:
        self._word = word
        super().__init__()

    def _words(self) -> tuple[Word, ...]:
        count = round(len(self._sound) / RATE_HZ * 2)
        return tuple(Word(self._word, half / 2, half / 2 + 0.4) for half in range(count))


class Ticking(Engine):
    name = "ticking"

    def __init__(self, word: str = "tick") -> None:
        super().__init__()
        self._word = word

    def recogniser(self, language: str) -> Recogniser:
        return Ticks(self._word)


def level(second: float) -> float:
    return LOUD + second * 1e-4


def name(level: float) -> str:
    """The half second that it stands for, from the start of the call."""
    return str(round((level - LOUD) * 2e4))


def halves(first: int, behind: int) -> list[str]:
    return [str(half) for half in range(first, behind)]


def texts(found: list[Phrase]) -> list[str]:
    return [word.text for phrase in found for word in phrase.words]


def stream(parts: Sequence[tuple[str, float]]) -> Pcm:
    """ "loud" or "quiet", for so many seconds; loud sound says its half second."""
    pieces, at_s = [np.empty(0, np.float32)], 0.0
    for kind, seconds in parts:
        starts = np.arange(at_s, at_s + seconds, 0.5)
        values = [level(start) if kind == "loud" else 0.0 for start in starts]
        pieces.append(np.repeat(np.array(values, np.float32), RATE_HZ // 2))
        at_s += seconds
    return np.concatenate(pieces)
