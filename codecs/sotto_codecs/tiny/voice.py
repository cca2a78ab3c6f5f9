"""The decoder's half of the network on ONNX Runtime: latents -> sound, from one state to the next.

Loaded once and shared by all streams; a state belongs to one stream.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable
from sotto_codecs.tiny.config import TinyConfig
from sotto_codecs.tiny.excitation import Excited, breath, pulses
from sotto_codecs.tiny.synthesis import Filters, Synthesis


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


class Voice:
    """Works in the caller's thread alone, on any number of steps at once."""

    def __init__(
        self, config: TinyConfig, pitch: bytes, filters: bytes, gains_db: tuple[float, ...] = ()
    ) -> None:
        """Raises BackendUnavailable."""
        self.config, self.synthesis = config, Synthesis(config, gains_db)
        self._pitch, self._filters = session(pitch), session(filters)
        self._shapes = {
            name: shapes_of(each)
            for name, each in (("pitch", self._pitch), ("filters", self._filters))
        }

    def new_decoder(self, step: int = 0) -> DecoderState:
        """Before the first step, its noise that of `step`."""
        half = np.zeros(self.config.window - self.config.piece, np.float32)
        return DecoderState(
            blank(self._shapes["pitch"]["slow"]),
            blank(self._shapes["pitch"]["fast"]),
            blank(self._shapes["filters"]["fast"]),
            Excited(),
            half,
            half,
            np.zeros((self.synthesis.ringing_pieces, self.config.piece), np.float32),
            step,
        )

    @property
    def state_bytes(self) -> int:
        """What a stream remembers of latents and sound."""
        state = self.new_decoder()
        held = (getattr(state, name) for name in state.__slots__)
        return sum(it.nbytes for it in held if isinstance(it, np.ndarray))

    def understood(self, latents: Pcm, stages: int, state: DecoderState) -> Heard:
        """(steps, latent), said with so many stages."""
        given = {
            "latents": latents,
            "carried": np.full(len(latents), stages, np.int64),
            "slow": state.slow,
            "fast": state.pitch_blocks,
        }
        x, pitch, slow, fast = self._pitch.run(None, given)
        return Heard(x, pitch[:, 0], slow, fast)

    def speak(self, heard: Heard, state: DecoderState) -> tuple[Pcm, DecoderState]:
        """What was understood -> (samples,)."""
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


def shapes_of(of: Any) -> Mapping[str, tuple[int, ...]]:
    return {each.name: tuple(each.shape) for each in of.get_inputs()}


def blank(shape: tuple[int, ...]) -> Pcm:
    return np.zeros(shape, np.float32)
