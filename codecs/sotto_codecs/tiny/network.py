"""The trained network on ONNX Runtime: a few steps of sound there, or back, from one state to the
next. Loaded once and shared by all streams; a state belongs to one stream.
"""

from dataclasses import dataclass

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.tiny.features import Features
from sotto_codecs.tiny.quantiser import Indices, Quantiser
from sotto_codecs.tiny.voice import DecoderState as DecoderState
from sotto_codecs.tiny.voice import Heard as Heard
from sotto_codecs.tiny.voice import Voice, blank, session, shapes_of
from sotto_codecs.tiny.weights import Weights


@dataclass(frozen=True, slots=True)
class EncoderState:
    sound: Pcm  # (samples,): what the longest window still needs
    fast: Pcm  # (time, width): memories of all blocks, one after the other; so too below
    slow: Pcm


class Network(Voice):
    """Works in the caller's thread alone, on any number of steps at once."""

    def __init__(self, weights: Weights) -> None:
        """Raises BackendUnavailable."""
        super().__init__(weights.config, weights.pitch, weights.filters, weights.gains_db)
        self.quantiser, self.features = Quantiser(weights.books), Features(self.config)
        self._encoder = session(weights.encoder)
        self._shapes["encoder"] = shapes_of(self._encoder)
        self._warm()

    def new_encoder(self) -> EncoderState:
        """Before the first step."""
        shapes = self._shapes["encoder"]
        sound = np.zeros(self.features.memory_samples, np.float32)
        return EncoderState(sound, blank(shapes["fast"]), blank(shapes["slow"]))

    def encode(self, sound: Pcm, stages: int, state: EncoderState) -> tuple[Indices, EncoderState]:
        """(samples,) in whole steps -> (steps, stages)."""
        latents, after = self.listen(sound, state)
        return self.quantiser.indices(latents, stages), after

    def listen(self, sound: Pcm, state: EncoderState) -> tuple[Pcm, EncoderState]:
        """(samples,) in whole steps -> (steps, latent)."""
        seen = np.concatenate([state.sound, sound])
        given = {"rows": self.features.rows(seen), "fast": state.fast, "slow": state.slow}
        latents, fast, slow = self._encoder.run(None, given)
        return latents, EncoderState(seen[len(sound) :], fast, slow)

    def decode(self, indices: Indices, state: DecoderState) -> tuple[Pcm, DecoderState]:
        """(steps, stages) -> (samples,); no stages at all: those steps were lost."""
        return self.speak(self.hear(indices, state), state)

    def hear(self, indices: Indices, state: DecoderState) -> Heard:
        """The first half of `decode`."""
        return self.understood(self.quantiser.latents(indices), indices.shape[1], state)

    def _warm(self) -> None:
        """The first run of a graph takes longer: here, not in a call."""
        silence = np.zeros(self.config.step, np.float32)
        indices, _ = self.encode(silence, 1, self.new_encoder())
        self.decode(indices, self.new_decoder())
