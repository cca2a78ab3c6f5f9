"""Phrases as payloads, each coded against what the other end is known to have.

A payload begins with the age of its context: how many phrases before this one were not yet
acknowledged when it was coded (0: the context is all that was said before), or that it begins
afresh, as the first one does. Then come the words, split at single spaces, so that any text comes
back as it was.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sotto_codecs.errors import BadFrame, BadSettings
from sotto_codecs.text.coding.arithmetic import Followed, Reader, Recorder
from sotto_codecs.text.coding.context import Context, Expectation
from sotto_codecs.text.coding.spelling import MAX_CHARACTERS, Chooser, Spelling
from sotto_codecs.text.coding.words import WordModel, english

KEPT_CONTEXTS = 14  # phrases that may be under way
FRESH = KEPT_CONTEXTS  # the age of a phrase that begins afresh
# a phrase lasts about as long as an acknowledgement takes
AGES = np.array([48, 40, 16, 8, 4, *[1] * (KEPT_CONTEXTS - 5), 3], np.int64)
MODELLED_WORDS = 512  # of a phrase; those after them are spelled, which takes less time


@dataclass(frozen=True, slots=True)
class TextModel:
    """What coding stands on; immutable, shared by all calls. Both ends need the same `digest`."""

    words: WordModel
    spelling: Spelling

    @property
    def digest(self) -> bytes:
        """4 bytes that name the model."""
        return self.words.digest


@functools.cache
def text_model() -> TextModel:
    """The model of the package; loaded by the first call, in less than a second."""
    words = english()
    return TextModel(words, Spelling(words.words))


@dataclass(slots=True)
class Contexts:
    """The contexts after the last phrases, by number; the first phrase is 1."""

    number: int = 0
    after: dict[int, Context] = field(default_factory=dict)

    def restart(self) -> None:
        """Forget what was said; the numbers go on."""
        self.after = {self.number: Context()}

    def put(self, words: tuple[str, ...]) -> None:
        """The next phrase."""
        last = self.after[self.number]
        self.number += 1
        kept = {n: c for n, c in self.after.items() if n >= self.number - KEPT_CONTEXTS}
        self.after = kept | {self.number: last.after(words)}

    def lose(self) -> None:
        """The next phrase could not be read: nothing is known until a fresh start."""
        self.number += 1
        self.after = {}


class TextEncoder:
    """One per talker. Payloads must arrive in order, each once; `acknowledged` says how far they
    have. With several listeners that is what all have; a new one calls for `restart`."""

    def __init__(self, model: TextModel) -> None:
        self._model = model
        self._contexts = Contexts()
        self._acknowledged = 0
        self._fresh = True
        self.bits = 0.0  # of the last payload, before it was rounded up to bytes

    @property
    def number(self) -> int:
        """Of the last phrase; the first is 1."""
        return self._contexts.number

    def acknowledged(self, number: int) -> None:
        """All phrases up to `number` have arrived. An old or an unknown number changes nothing."""
        if self._acknowledged < number <= self.number:
            self._acknowledged = number

    def restart(self) -> None:
        """The next phrase stands on nothing that was said: for a listener that has just come, or
        one that has lost a phrase."""
        self._fresh = True

    def encode(self, text: str, behind: Callable[[Recorder], object] | None = None) -> bytes:
        """The payload of a phrase, with what `behind` records behind it. Characters that are no
        Unicode (lone surrogates) become U+FFFD. More than MAX_CHARACTERS raise BadSettings."""
        if len(text) > MAX_CHARACTERS:
            raise BadSettings(f"a phrase has at most {MAX_CHARACTERS} characters")
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        age = self.number - self._acknowledged
        if self._fresh or age >= KEPT_CONTEXTS or self._acknowledged not in self._contexts.after:
            self._begin_afresh()
            age = FRESH
        base = self._contexts.after[self._acknowledged]
        recorder = Recorder()
        recorder.choose(AGES, age)
        words = tuple(text.split(" ")) if text else ()
        chooser = Followed(recorder) if behind else recorder
        walk(chooser, Expectation(self._model.words, base), self._model.spelling, words)
        self._contexts.put(words)
        if behind:
            behind(recorder)
        self.bits = recorder.bits
        return recorder.payload()

    def _begin_afresh(self) -> None:
        self._contexts.restart()
        self._acknowledged = self.number
        self._fresh = False


class TextDecoder:
    """One per listener and talker."""

    def __init__(self, model: TextModel) -> None:
        self._model = model
        self._contexts = Contexts()

    def decode(self, payload: bytes) -> str:
        """The text of the next payload. BadFrame: it is damaged, or stands on a phrase that is not
        here; nothing can be read until the encoder begins afresh."""
        reader = Reader(payload)
        return self._decoded(reader, reader)

    def begin(self, payload: bytes) -> tuple[str, Reader]:
        """The text of a payload, and what reads on behind it. Raises as `decode`."""
        reader = Reader(payload)
        return self._decoded(reader, Followed(reader)), reader

    def _decoded(self, reader: Reader, chooser: Chooser) -> str:
        try:
            words = self._read(reader, chooser)
        except BadFrame:
            self._contexts.lose()
            raise
        self._contexts.put(words)
        return " ".join(words)

    def _read(self, reader: Reader, chooser: Chooser) -> tuple[str, ...]:
        age = reader.choose(AGES)
        if age == FRESH:
            self._contexts.restart()
        base = self._contexts.after.get(self._contexts.number - age % FRESH)
        if base is None:
            raise BadFrame("the text stands on a phrase that is not here")
        return walk(chooser, Expectation(self._model.words, base), self._model.spelling)


def walk(
    chooser: Chooser, expectation: Expectation, spelling: Spelling, wanted: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Code the words of a phrase, or find them: a Reader is not told what it wants."""
    words: list[str] = []
    room = MAX_CHARACTERS + 1
    while not chooser.rests(len(words) == len(wanted)):
        word = wanted[len(words)] if len(words) < len(wanted) else ""
        if len(words) < MODELLED_WORDS:
            word = _word(chooser, expectation, spelling, word)
        else:
            word = spelling.spell(chooser, word)
        room -= len(word) + 1
        if room < 0:
            raise BadFrame("more characters than a text may have")
        words.append(word)
    return tuple(words)


def _word(chooser: Chooser, expectation: Expectation, spelling: Spelling, wanted: str) -> str:
    symbol = chooser.choose(expectation.weights(), expectation.symbol(wanted))
    spelled = symbol == expectation.spell
    word = spelling.spell(chooser, wanted) if spelled else expectation.word(symbol)
    expectation.say(word)
    return word
