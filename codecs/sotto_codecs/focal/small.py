"""The small member as it runs in a call: 16 kHz both ways, one network for all three rates.

    ears    sotto_codecs.tiny.features in numpy -> encoder.onnx -> tokens of 16 bits
    voice   the first bits of tokens -> decoder.onnx -> Tiny's latents -> Tiny's voice, here again

What comes out lags by `DELAY_SAMPLES` beyond the chunk, as Tiny's does. A chunk of which no bits
came is guessed: the network was trained with holes.
"""

from copy import copy
from dataclasses import dataclass
from typing import Self

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.graph import DECODER, ENCODER, Array, Graph
from sotto_codecs.focal.graph import Stream as GraphStream
from sotto_codecs.shipped import Manifest, no_manifest
from sotto_codecs.tiny.config import TinyConfig
from sotto_codecs.tiny.features import Features
from sotto_codecs.tiny.lift import gains_of
from sotto_codecs.tiny.voice import DecoderState, Voice

PITCH, FILTERS = "pitch.onnx", "filters.onnx"  # as training.tiny exports them
FILES = (ENCODER, DECODER, PITCH, FILTERS)
DELAY_SAMPLES = 320


def read(manifest: Manifest, threads: int = 1) -> "tuple[Ears, Mouth]":
    """Raises BackendUnavailable, WeightsMissing, BadWeights."""
    content = {name: manifest.content(name) for name in FILES}
    try:
        config = TinyConfig.of(manifest.rest["tiny"])
        gains_db = gains_of(manifest.rest)
    except (KeyError, TypeError, ValueError) as fault:
        raise no_manifest(manifest.folder, fault) from None
    voice = Voice(config, content[PITCH], content[FILTERS], gains_db)
    encoder, decoder = (Graph(manifest.folder / name, threads) for name in (ENCODER, DECODER))
    return Ears(encoder, Features(config)), Mouth(decoder, voice)


@dataclass(frozen=True, slots=True)
class Ears:
    """The encoder's half: sound -> tokens."""

    graph: Graph
    features: Features
    takes_less = False

    @property
    def config(self) -> FocalConfig:
        return self.graph.config

    @property
    def state_bytes(self) -> int:
        return self.graph.state_bytes + 4 * self.features.memory_samples

    def stream(self) -> "Listening":
        sound = np.zeros(self.features.memory_samples, np.float32)
        return Listening(self.features, self.graph.stream(), sound)


class Listening:
    """One talker's."""

    def __init__(self, features: Features, stream: GraphStream, sound: Pcm) -> None:
        self._features, self._stream, self._sound = features, stream, sound

    def step(self, chunk: Array, carried: int = 0) -> Array:
        """(samples,) -> (frames,): all bits, however many will be carried."""
        seen = np.concatenate([self._sound, chunk])
        self._sound = seen[len(chunk) :]
        return self._stream.step(self._features.rows(seen))

    def fork(self) -> Self:
        other = copy(self)
        other._stream = self._stream.fork()
        return other


@dataclass(frozen=True, slots=True)
class Mouth:
    """The decoder's half: tokens -> sound."""

    graph: Graph
    voice: Voice
    takes_less = True

    @property
    def config(self) -> FocalConfig:
        return self.graph.config

    @property
    def state_bytes(self) -> int:
        return self.graph.state_bytes + self.voice.state_bytes

    def stream(self) -> "Saying":
        return Saying(self, self.graph.stream(), self.voice.new_decoder())


class Saying:
    """One talker's at one listener."""

    def __init__(self, mouth: Mouth, stream: GraphStream, state: DecoderState) -> None:
        self._mouth, self._stream, self._state = mouth, stream, state

    def step(self, chunk: Array, carried: int = 0) -> Array:
        """(frames,) of which the first `carried` bits count, none: it was lost -> (samples,)."""
        voice = self._mouth.voice
        latents = self._stream.step(corners(chunk, carried, self._mouth.config.bits))
        heard = voice.understood(latents, voice.config.stages, self._state)
        sound, self._state = voice.speak(heard, self._state)
        return sound

    def fork(self) -> Self:
        other = copy(self)
        other._stream = self._stream.fork()
        return other


def corners(tokens: Array, carried: int, bits: int) -> Array:
    """(frames,) -> (frames, bits): -1 or 1 on the unit sphere, 0 for what was not carried."""
    ones = tokens[:, np.newaxis] >> np.arange(bits - 1, -1, -1) & 1
    signs = np.where(np.arange(bits) < carried, 2 * ones - 1, 0)
    return np.asarray(signs * bits**-0.5, np.float32)
