"""The trained network on ONNX Runtime: a few steps of sound there, or back, from one state to the
next. Loaded once and shared by all streams; a state belongs to one stream.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable
from sotto_codecs.tiny.excitation import Excited, breath, pulses
from sotto_codecs.tiny.features import Features
from sotto_codecs.tiny.quantiser import Indices, Quantiser
from sotto_codecs.tiny.synthesis import Filters, Synthesis
from sotto_codecs.tiny.weights import Weights


@dataclass(frozen=True, slots=True)
class EncoderState:
    sound: Pcm  # (samples,): what the longest window still needs
    fast: Pcm  # (time, width): memories of all blocks, one after the other; so too below
    slow: Pcm


@dataclass(frozen=True, slots=True)
class DecoderState:
    slow: Pcm
    pitch_blocks: Pcm
    filter_blocks: Pcm
    excited: Excited
    pulses: Pcm  # (samples,): the last half window
    noise: Pcm  # (samples,): likewise
    ringing: Pcm  # (pieces, samples): what the filters still give
    step: int  # since the beginning: it says which noise comes next


@dataclass(frozen=True, slots=True)
class Heard:
    """What the decoder's slow half makes of latents."""

    x: Pcm  # (rows, width)
    pitch: Pcm  # (rows,): log2 of Hz
    slow: Pcm
    pitch_blocks: Pcm


class Network:
    """Works in the caller's thread alone, on any number of steps at once."""

    def __init__(self, weights: Weights) -> None:
        """Raises BackendUnavailable."""
        self.config = weights.config
        self.quantiser = Quantiser(weights.books)
        self.features, self.synthesis = Features(self.config), Synthesis(self.config)
        self._encoder, self._pitch, self._filters = (
            session(graph) for graph in (weights.encoder, weights.pitch, weights.filters)
        )
        self._shapes = {
            name: _shapes(each)
            for name, each in (
                ("encoder", self._encoder),
                ("pitch", self._pitch),
                ("filters", self._filters),
            )
        }
        self._warm()

    def new_encoder(self) -> EncoderState:
        """Before the first step."""
        shapes = self._shapes["encoder"]
        sound = np.zeros(self.features.memory_samples, np.float32)
        return EncoderState(sound, _blank(shapes["fast"]), _blank(shapes["slow"]))

    def new_decoder(self, step: int = 0) -> DecoderState:
        """Before the first step, its noise that of `step`."""
        half = np.zeros(self.config.window - self.config.piece, np.float32)
        return DecoderState(
            _blank(self._shapes["pitch"]["slow"]),
            _blank(self._shapes["pitch"]["fast"]),
            _blank(self._shapes["filters"]["fast"]),
            Excited(),
            half,
            half,
            np.zeros((self.synthesis.ringing_pieces, self.config.piece), np.float32),
            step,
        )

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
        steps, stages = indices.shape
        given = {
            "latents": self.quantiser.latents(indices),
            "carried": np.full(steps, stages, np.int64),
            "slow": state.slow,
            "fast": state.pitch_blocks,
        }
        x, pitch, slow, fast = self._pitch.run(None, given)
        return Heard(x, pitch[:, 0], slow, fast)

    def speak(self, heard: Heard, state: DecoderState) -> tuple[Pcm, DecoderState]:
        """The second half: (rows, width) -> (samples,)."""
        config, steps = self.config, len(heard.x) // self.config.rows
        new, excited = pulses(heard.pitch, state.excited, config.row, config.rate_hz)
        train = np.concatenate([state.pulses, new])
        noise = np.concatenate([state.noise, breath(state.step, steps, config.step)])
        voiced, unvoiced = self.synthesis.spectra(np.stack([train, noise]))
        seen = self.synthesis.seen(train, voiced, unvoiced)
        given = {"x": heard.x, "seen": seen, "fast": state.filter_blocks}
        logs, angles, wave, fast = self._filters.run(None, given)
        filters = Filters(logs, angles, wave)
        sound, ringing = self.synthesis.sound(voiced, unvoiced, filters, state.ringing)
        half = config.window - config.piece
        after = DecoderState(
            heard.slow,
            heard.pitch_blocks,
            fast,
            excited,
            train[-half:],
            noise[-half:],
            ringing,
            state.step + steps,
        )
        return sound, after

    def _warm(self) -> None:
        """The first run of a graph takes longer: here, not in a call."""
        silence = np.zeros(self.config.step, np.float32)
        indices, _ = self.encode(silence, 1, self.new_encoder())
        self.decode(indices, self.new_decoder())


def session(graph: bytes) -> Any:
    """Raises BackendUnavailable."""
    try:
        import onnxruntime
    except ImportError as fault:
        remedy = "pip install 'sotto-call[media]'"
        raise BackendUnavailable("the package onnxruntime is missing", remedy) from fault
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _shapes(of: Any) -> Mapping[str, tuple[int, ...]]:
    return {each.name: tuple(each.shape) for each in of.get_inputs()}


def _blank(shape: tuple[int, ...]) -> Pcm:
    return np.zeros(shape, np.float32)
