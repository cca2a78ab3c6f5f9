"""Tiny, Sotto's own network: 16 kHz mono in 40 ms steps, 250 bit/s for each stage that is sent.

The weights come with the code. What is lost the network guesses, for it was trained with holes; the
guess fades after 0.12 s. After silence, and after a loss that has faded, both ends begin anew.
"""

from copy import copy
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np

from sotto_codecs import base
from sotto_codecs.base import CodecSpec, Frame, Pcm
from sotto_codecs.errors import BadSettings
from sotto_codecs.framing import Framing
from sotto_codecs.pcm import checked
from sotto_codecs.tiny import weights
from sotto_codecs.tiny.fading import Fading
from sotto_codecs.tiny.network import DecoderState, EncoderState, Network
from sotto_codecs.tiny.payload import core_of, packed, size_of, steps_of, unpacked


class Tiny:
    """The codec; `encoder()` and `decoder()` are the streams."""

    def __init__(self, stages: int = 6, folder: str = "") -> None:
        """`stages` of the quantiser in each step; `folder` holds other weights than those shipped.

        Raises BadSettings, BackendUnavailable, WeightsMissing, BadWeights.
        """
        if not isinstance(folder, str):
            raise BadSettings(f"tiny: folder is a path, not {folder!r}")
        network, version = loaded(Path(folder) if folder else weights.shipped())
        config = network.config
        if type(stages) is not int or not 1 <= stages <= config.stages:
            raise BadSettings(f"tiny: stages is from 1 to {config.stages}, not {stages!r}")
        self._network, self._stages = network, stages
        self._steps = steps_of(stages, config.stage_bits)
        self._spec = CodecSpec(
            name="tiny",
            version=version,
            sample_rate_hz=config.rate_hz,
            channels=1,
            frame_samples=self._steps * config.step,
            payload_bps=config.payload_bps(stages),
            delay_samples=config.delay,
            frame_bytes=size_of(self._steps, stages, config.stage_bits),
            forkable=True,
            core_bytes=core_of(self._steps, stages, config.stage_bits),
        )

    @property
    def spec(self) -> CodecSpec:
        return self._spec

    @property
    def weights(self) -> str:
        return f"tiny {self._spec.version}"

    def lighter(self) -> None:
        """There is none."""

    def encoder(self) -> "Encoder":
        return Encoder(self._spec, self._network, self._stages)

    def decoder(self) -> "Decoder":
        return Decoder(self._spec, self._network)

    def encoder_after(self, old: base.Encoder) -> "Encoder":
        if isinstance(old, Encoder) and old.network is self._network:
            return old.gone_on(self._spec, self._stages)
        return self.encoder()

    def decoder_after(self, old: base.Decoder) -> "Decoder":
        if isinstance(old, Decoder) and old.network is self._network:
            return old.gone_on(self._spec)
        return self.decoder()


class Encoder:
    """One talker's stream."""

    def __init__(self, spec: CodecSpec, network: Network, stages: int) -> None:
        self.network, self._spec, self._stages = network, spec, stages
        self._framing = Framing()
        self._begin_anew()

    def encode(self, pcm: Pcm) -> list[Frame]:
        pcm = checked(pcm, self._spec)
        frame, self._framing = self._framing.framed(pcm, self._payload, self._begin_anew)
        return [frame]

    def flush(self) -> list[Frame]:
        self._framing = self._framing.flushed()
        self._begin_anew()
        return []

    def gone_on(self, spec: CodecSpec, stages: int) -> "Encoder":
        """The same stream with other stages; this one is used no more."""
        other = copy(self)
        other._spec, other._stages = spec, stages
        return other

    @property
    def state_bytes(self) -> int:
        return _bytes_of(self._state)

    def _begin_anew(self) -> None:
        self._state = self.network.new_encoder()

    def _payload(self, pcm: Pcm) -> bytes:
        indices, self._state = self.network.encode(pcm, self._stages, self._state)
        return packed(indices, self.network.config.stage_bits)


class Decoder:
    """One talker's stream at one listener. All that changes is replaced, never written into."""

    def __init__(self, spec: CodecSpec, network: Network) -> None:
        self.network, self._spec = network, spec
        self._state = network.new_decoder()
        self._fading = Fading(spec.sample_rate_hz)

    def decode(self, frame: Frame | None) -> Pcm:
        if frame is None:
            return self._guessed(is_pause=False)
        if not frame.payload:
            return self._guessed(is_pause=True)
        config = self.network.config
        indices = unpacked(frame.payload, self._steps, config.stage_bits, config.stages)
        if self._fading.is_silent:
            self._state = self.network.new_decoder(self._state.step)
        sound, self._state = self.network.decode(indices, self._state)
        sound, self._fading = self._fading.arrived(sound)
        return np.clip(sound, -1.0, 1.0)

    def recover(self, following: Frame) -> Pcm:
        return self.decode(None)  # a frame says nothing of the one before it

    def fork(self) -> Self:
        return copy(self)

    def gone_on(self, spec: CodecSpec) -> "Decoder":
        """The same stream in a mode of other stages; this one is used no more."""
        other = copy(self)
        other._spec = spec
        return other

    @property
    def state_bytes(self) -> int:
        return _bytes_of(self._state)

    @property
    def _steps(self) -> int:
        return self._spec.frame_samples // self.network.config.step

    def _guessed(self, is_pause: bool) -> Pcm:
        if self._fading.is_silent:
            return np.zeros(self._spec.frame_samples, np.float32)
        nothing = np.zeros((self._steps, 0), np.int64)
        guess, self._state = self.network.decode(nothing, self._state)
        fade = self._fading.hushed if is_pause else self._fading.lost
        sound, self._fading = fade(guess)
        return np.clip(sound, -1.0, 1.0)


def _bytes_of(state: EncoderState | DecoderState) -> int:
    return sum(getattr(getattr(state, each.name), "nbytes", 0) for each in fields(state))


@cache
def loaded(folder: Path) -> tuple[Network, int]:
    """The network of a folder, once for all modes and calls, and its version."""
    found = weights.read(folder)
    return Network(found), found.version
