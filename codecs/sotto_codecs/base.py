"""The codec seam: all that a back-end must provide. docs/codecs.md shows how to write one.
PCM is float32 numpy in [-1, 1], shape (samples,) for mono or (samples, channels)."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

Pcm = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CodecSpec:
    """What a loaded codec promises; the contract tests hold it to every line."""

    name: str
    version: int  # of the bit stream: ends with different versions do not understand each other
    sample_rate_hz: int
    channels: int
    frame_samples: int  # what Encoder.encode takes, per channel
    payload_bps: float  # bits per second of talk, at most, over any minute
    delay_samples: int  # algorithmic delay: how far the decoder's output lags the encoder's input
    frame_bytes: int | None  # size of every payload, or None where it varies
    forkable: bool = False  # Decoder.fork works
    exact: bool = True  # the same frames give the same samples; else only the same spectrum
    core_bytes: int | None = None  # a payload cut to so many is one of less quality, where it is
    keeps_time: bool = True  # a frame gives as many samples as it covers; else it is spoken anew

    @property
    def frame_s(self) -> float:
        return self.frame_samples / self.sample_rate_hz


@dataclass(frozen=True, slots=True)
class Frame:
    """A few bits that stand for a span of sound.

    `start_sample` counts from the encoder's first sample. An empty payload says "silence goes on"
    (discontinuous transmission): it needs no packet. A frame of no samples stands for the talker
    (a timbre): it is sent once.
    """

    payload: bytes
    start_sample: int
    samples: int
    stream: int = 0  # text, prosody, timbre, ...; 0 where there is only one
    priority: int = 0  # 0 goes first


class Encoder(Protocol):
    """One per talker."""

    def encode(self, pcm: Pcm) -> list[Frame]:
        """Take exactly `spec.frame_samples`; raise BadAudio for any other shape or for NaN."""

    def flush(self) -> list[Frame]:
        """End the talkspurt: give out what is held back, and start afresh."""


class Decoder(Protocol):
    """One per listener and talker."""

    def decode(self, frame: Frame | None) -> Pcm:
        """Sound of one frame; None is a lost frame and asks for concealment. Raises BadFrame."""

    def recover(self, following: Frame) -> Pcm:
        """Sound of a lost frame whose successor is here; what that repeats of it is used."""

    def fork(self) -> Self:
        """A copy with its own state; only where `spec.forkable`, else NotImplementedError."""


class Codec(Protocol):
    """The loaded thing: immutable, shared by all calls."""

    @property
    def spec(self) -> CodecSpec: ...
    def encoder(self) -> Encoder: ...
    def decoder(self) -> Decoder: ...
