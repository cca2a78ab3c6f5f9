"""A talker's stream, 20 ms at a time, to words that may still change and to finished phrases.

No I/O, no clock, no thread. `feed` does all at once. Where the recogniser may be slow, `hear` is
cheap and stands where sound comes in, and `recognise` stands in a thread of its own; each of the
two is for one thread.
"""

from collections import Counter, deque
from collections.abc import Callable
from itertools import pairwise
from typing import TypeVar

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.text.phrase import Phrase, Word
from sotto_codecs.text.recognising import Engine, Hypothesis, Recogniser, known
from sotto_codecs.text.silero import SileroActivity
from sotto_codecs.text.talkspurt import (
    CHUNK_SAMPLES,
    RATE_HZ,
    SpurtEvent,
    SpurtPcm,
    SpurtStart,
    Talkspurts,
)

PHRASE_S = 6.0  # speech without a pause is cut between two words when it gets so long
QUEUE_S = 30.0  # of sound; what comes on top is not recognised, and counted
BLOCK_SAMPLES = 3 * CHUNK_SAMPLES  # what a recogniser is given at once
_UNSURE_S = 0.3  # before the edge of what was heard: a word there may not be whole
_AGAIN_S = 2.0  # of sound between two loads of a recogniser that fails again and again

FAILED = "recogniser failed"  # by an exception; its words so far were kept
DROPPED = "samples dropped"  # the recogniser was too far behind
WORDLESS = "phrase without words"  # by a recogniser that is well
Found = TypeVar("Found")


class Listener:
    """One per talker."""

    def __init__(
        self, engine: Engine, language: str = "en", talkspurts: Talkspurts | None = None
    ) -> None:
        """Raises BadSettings for a language that the engine does not know, BackendUnavailable."""
        self.counts = Counter[str]()
        self._engine = engine
        self._language = known(language, engine.languages, engine.name)
        self._talkspurts = talkspurts or Talkspurts(SileroActivity())
        self._recogniser: Recogniser | None = None  # until the first phrase
        self._queue = deque[SpurtEvent]()
        self._queued_samples = 0  # of the whole call; each of these two has one thread that writes
        self._worked_samples = 0
        self._forget(0)

    @property
    def talking(self) -> bool:
        return self._talkspurts.talking

    @property
    def behind_s(self) -> float:
        """How much of the talker's sound waits to be recognised."""
        return (self._queued_samples - self._worked_samples) / RATE_HZ

    @property
    def is_done(self) -> bool:
        """All that was heard is worked off."""
        return not self._queue

    @property
    def so_far(self) -> Hypothesis:
        """The phrase under way; nothing between two phrases."""
        return self._so_far

    @property
    def phrase_start_s(self) -> float:
        """Of the phrase under way, on the talker's clock: its words' times count from there."""
        return self._start_sample / RATE_HZ

    @property
    def partial(self) -> str:
        return " ".join(word.text for word in self._so_far.words)

    def feed(self, pcm: Pcm) -> list[Phrase]:
        """The next samples of the stream, mono at 16 kHz and finite: the phrases that they end."""
        self.hear(pcm)
        return self.recognise()

    def finish(self) -> list[Phrase]:
        """The talker is done, or changes to another mode: the phrase under way ends."""
        self.hear_end()
        return self.recognise()

    def prepare(self) -> None:
        """Have a recogniser now: the first phrase need not wait for one."""
        if self._recogniser is None:
            self._guarded(self._renew)

    def close(self) -> None:
        """Nothing more is heard. Where `recognise` runs, or after it."""
        recogniser, self._recogniser = self._recogniser, None
        if recogniser is not None:
            recogniser.close()

    def hear(self, pcm: Pcm) -> None:
        self._put(self._talkspurts.feed(pcm))

    def hear_end(self) -> None:
        self._put(self._talkspurts.flush())

    def recognise(self, most_s: float = float("inf")) -> list[Phrase]:
        """Work off what was heard, or about so much of it."""
        until = self._worked_samples + most_s * RATE_HZ
        phrases: list[Phrase] = []
        while self._queue and self._worked_samples < until:
            event = self._queue.popleft()
            if isinstance(event, SpurtStart):
                self._begin(event.at_sample)
            elif isinstance(event, SpurtPcm):
                phrases += self._sound(event.pcm)
                self._worked_samples += len(event.pcm)
            else:
                phrases += self._ended(event.speech_end_sample)
        return phrases

    def _put(self, events: list[SpurtEvent]) -> None:
        for event in events:
            if isinstance(event, SpurtPcm):
                if self.behind_s + len(event.pcm) / RATE_HZ > QUEUE_S:
                    self.counts[DROPPED] += len(event.pcm)
                    continue
                self._queued_samples += len(event.pcm)
            self._queue.append(event)

    def _forget(self, start_sample: int) -> None:
        self._start_sample = start_sample  # of the phrase under way
        self._fed: list[Pcm] = []  # of it, what the recogniser has
        self._fed_samples = 0
        self._waiting: list[Pcm] = []  # less than a block
        self._so_far = Hypothesis(())

    def _begin(self, start_sample: int) -> None:
        self._forget(start_sample)
        self.prepare()
        self._asked(lambda recogniser: recogniser.start())

    def _sound(self, pcm: Pcm) -> list[Phrase]:
        if self._recogniser is None:
            self._pass_over(pcm)
            return []
        self._waiting.append(pcm)
        if sum(map(len, self._waiting)) < BLOCK_SAMPLES:
            return []
        phrases = self._fed_on()
        return phrases + self._cut() if self._fed_samples >= PHRASE_S * RATE_HZ else phrases

    def _fed_on(self) -> list[Phrase]:
        """The recogniser gets what waits."""
        if not self._waiting:
            return []
        block = np.concatenate(self._waiting)
        self._waiting = []
        self._fed.append(block)
        self._fed_samples += len(block)
        found = self._asked(lambda recogniser: recogniser.feed(block))
        if found is None:
            return self._saved()
        self._so_far = found
        return []

    def _ended(self, speech_end_sample: int) -> list[Phrase]:
        phrases = self._fed_on()
        words = self._asked(lambda recogniser: recogniser.finish())
        phrases += self._phrase(self._so_far.words if words is None else words, speech_end_sample)
        self._forget(speech_end_sample)
        return phrases

    def _cut(self) -> list[Phrase]:
        """Speech without a pause: the phrase ends between two words, and what comes after is heard
        again as the beginning of the next."""
        words = self._asked(lambda recogniser: recogniser.finish())
        if words is None:
            return self._saved()
        count, cut_s = cut(words, self._so_far.final, self._fed_samples / RATE_HZ)
        length = min(round(cut_s * RATE_HZ), self._fed_samples)
        rest = np.concatenate(self._fed)[length:]
        end_sample = self._start_sample + length
        phrases = self._phrase(words[:count], end_sample)
        self._begin(end_sample)
        self._waiting = [rest]
        return phrases

    def _saved(self) -> list[Phrase]:
        """The recogniser failed: its words so far, and what comes after for a new one."""
        end_sample = self._start_sample + self._fed_samples
        phrases = self._phrase(self._so_far.words, end_sample)
        if self._fed_samples >= _AGAIN_S * RATE_HZ:
            self._begin(end_sample)
        else:
            self._forget(end_sample)
        return phrases

    def _pass_over(self, pcm: Pcm) -> None:
        self._fed_samples += len(pcm)
        if self._fed_samples >= _AGAIN_S * RATE_HZ:
            self._begin(self._start_sample + self._fed_samples)

    def _phrase(self, words: tuple[Word, ...], end_sample: int) -> list[Phrase]:
        if not words:
            self.counts[WORDLESS] += self._recogniser is not None
            return []
        end_s = max(end_sample / RATE_HZ, self.phrase_start_s + words[-1].end_s)
        return [Phrase(words, self._language, self.phrase_start_s, end_s)]

    def _renew(self) -> None:
        self._recogniser = self._engine.recogniser(self._language)

    def _asked(self, work: Callable[[Recogniser], Found]) -> Found | None:
        """None where there is no recogniser, or not any more."""
        recogniser = self._recogniser
        return None if recogniser is None else self._guarded(lambda: work(recogniser))

    def _guarded(self, work: Callable[[], Found]) -> Found | None:
        try:
            return work()
        except Exception:  # whatever an engine may raise: the talker's call goes on without it
            self.counts[FAILED] += 1
            self.close()
            return None


def cut(words: tuple[Word, ...], final: int, length_s: float) -> tuple[int, float]:
    """How many words the phrase keeps, and where it ends: in the widest gap of its second half,
    the last of several; behind all where there is none. Words that are final stay in it."""
    gaps = [
        (after.start_s - before.end_s, count)
        for count, (before, after) in enumerate(pairwise(words), start=1)
        if count >= final and before.end_s >= length_s / 2 and after.start_s <= length_s - _UNSURE_S
    ]
    if not gaps:
        return len(words), length_s
    _, count = max(gaps)
    return count, (words[count - 1].end_s + words[count].start_s) / 2
