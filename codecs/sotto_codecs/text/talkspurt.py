"""Talkspurts: where speech begins and ends in a stream that never stops. No I/O, no clock.

A pause ends a talkspurt, and with it a phrase. Sound from a little before the first voiced chunk
belongs to it (weak consonants begin words), and so does the pause that ends it.
"""

from collections import deque
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sotto_codecs.base import Pcm

RATE_HZ = 16_000
CHUNK_SAMPLES = 512  # what silero-vad looks at: 32 ms
PAUSE_S = 0.4  # ends a phrase: longer than the closure of a stop, shorter than a breath
_LEAD_CHUNKS = 10  # 0.3 s before the onset
_ONSET_CHUNKS = 3  # a click is shorter, and so is what a chord sounds like when it begins
_STARTS, _GOES_ON = 0.5, 0.35  # probability of speech; silero-vad's own hysteresis


class Activity(Protocol):
    """One per talker: it has a memory."""

    def probability(self, chunk: Pcm) -> float:
        """That the next CHUNK_SAMPLES are speech, 0 to 1."""


@dataclass(frozen=True, slots=True)
class SpurtStart:
    at_sample: int  # of the first sound that belongs to it


@dataclass(frozen=True, slots=True, eq=False)
class SpurtPcm:
    start_sample: int
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class SpurtEnd:
    at_sample: int  # behind the pause that ended it
    speech_end_sample: int  # before that pause


SpurtEvent = SpurtStart | SpurtPcm | SpurtEnd


class Talkspurts:
    """One per talker. Blocks of any length go in; the same sound gives the same events."""

    def __init__(self, activity: Activity, pause_s: float = PAUSE_S) -> None:
        self._activity = activity
        self._pause_chunks = max(1, round(pause_s * RATE_HZ / CHUNK_SAMPLES))
        self._rest = np.empty(0, np.float32)  # less than a chunk
        self._samples = 0  # in whole chunks
        self._before: deque[Pcm] = deque(maxlen=_LEAD_CHUNKS + _ONSET_CHUNKS)
        self._voiced = 0  # chunks in a row, before the onset
        self._quiet = 0  # chunks in a row, within a talkspurt
        self._open = False

    @property
    def talking(self) -> bool:
        return self._open

    def feed(self, pcm: Pcm) -> list[SpurtEvent]:
        """What an encoder has checked: mono, finite, any number of samples."""
        sound = np.concatenate([self._rest, pcm])
        whole = len(sound) - len(sound) % CHUNK_SAMPLES
        self._rest = sound[whole:]
        events: list[SpurtEvent] = []
        for start in range(0, whole, CHUNK_SAMPLES):
            events += self._heard(sound[start : start + CHUNK_SAMPLES])
        return events

    def flush(self) -> list[SpurtEvent]:
        """The talker is done: ends the talkspurt under way, with its last part of a chunk.

        The clock goes on from there."""
        rest, self._rest = self._rest, np.empty(0, np.float32)
        start = self._samples
        self._samples += len(rest)
        self._before.clear()
        self._voiced = 0
        if not self._open:
            return []
        speech_end = start - self._quiet * CHUNK_SAMPLES
        self._open = False
        return [SpurtPcm(start, rest), SpurtEnd(self._samples, speech_end)]

    def _heard(self, chunk: Pcm) -> list[SpurtEvent]:
        probability = self._activity.probability(chunk)
        self._samples += CHUNK_SAMPLES
        return self._within(chunk, probability) if self._open else self._outside(chunk, probability)

    def _outside(self, chunk: Pcm, probability: float) -> list[SpurtEvent]:
        self._before.append(chunk)
        self._voiced = self._voiced + 1 if probability >= _STARTS else 0
        if self._voiced < _ONSET_CHUNKS:
            return []
        sound = np.concatenate(self._before)
        self._before.clear()
        self._voiced, self._quiet, self._open = 0, 0, True
        start = self._samples - len(sound)
        return [SpurtStart(start), SpurtPcm(start, sound)]

    def _within(self, chunk: Pcm, probability: float) -> list[SpurtEvent]:
        self._quiet = 0 if probability >= _GOES_ON else self._quiet + 1
        heard = SpurtPcm(self._samples - CHUNK_SAMPLES, chunk)
        if self._quiet < self._pause_chunks:
            return [heard]
        self._open = False
        return [heard, SpurtEnd(self._samples, self._samples - self._quiet * CHUNK_SAMPLES)]
