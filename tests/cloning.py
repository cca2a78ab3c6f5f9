"""An engine that clones, for tests: flite, which speaks like a sample with the voice whose pitch is
nearest to it."""

from collections.abc import Iterator
from copy import copy
from typing import Self

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.errors import Unspeakable
from sotto_codecs.models import NO_MODELS, Models
from sotto_codecs.text.prosody import f0
from sotto_codecs.text.speakers.flite import Flite
from sotto_codecs.text.speaking import RATE_HZ, Spoken

CLONER = "tests.cloning:Cloner"
LEAST_S = 2.5
VOICES_HZ = {"rms": 95.0, "slt": 170.0}


class Cloner:
    name = "cloner"
    languages = ("en",)

    def __init__(self, models: Models = NO_MODELS) -> None:
        self._flite, self._voice = Flite(models), "rms"
        self.spoke = list[str]()  # with which voices; of those that are `like` somebody as well

    def voices(self, language: str) -> tuple[str, ...]:
        return (self._voice,) if self._flite.voices(language) else ()

    def speak(self, text: str, voice: str = "") -> Iterator[Spoken]:
        self.spoke.append(voice or self._voice)
        return self._flite.speak(text, self.spoke[-1])

    def like(self, sample: Pcm) -> Self:
        if len(sample) < LEAST_S * RATE_HZ:
            raise Unspeakable("that is too little of a voice")
        alike, hertz = copy(self), max(pitch_hz(sample), f0.LOWEST_HZ)
        alike._voice = min(VOICES_HZ, key=lambda name: abs(np.log(VOICES_HZ[name] / hertz)))
        return alike


def pitch_hz(pcm: Pcm) -> float:
    """The median; 0 where nothing is voiced."""
    hertz = f0.track(pcm, 0.01)
    return float(np.median(hertz[hertz > 0])) if hertz.any() else 0.0
