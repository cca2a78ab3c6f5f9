"""Codecs of which the truth is known. Processes of the judge load them by name."""

from dataclasses import replace

import numpy as np

from benchmarks.codecs import original
from benchmarks.codecs.original import FRAME_SAMPLES
from benchmarks.codecs.system import System
from benchmarks.metrics.base import RATE_HZ
from sotto_codecs.base import CodecSpec, Frame, Pcm

LATE_S = 0.015


class Planted(original.Original):
    """Samples as they are, but for one thing."""

    def __init__(self, excess: float = 1.0, decoder: str = "Decoder") -> None:
        """`excess` times as many bits as promised; `decoder` is a class of this module."""
        promised = original.Original.spec.payload_bps / excess
        self.spec: CodecSpec = replace(
            original.Original.spec, payload_bps=promised, keeps_time=decoder != "Anew"
        )
        self._decoder = decoder

    def decoder(self) -> original.Decoder:
        streams = (original.Decoder, Late, Hiss, Raising, NotFinite, Short, Anew)
        decoder: original.Decoder = next(it for it in streams if it.__name__ == self._decoder)()
        return decoder


class Late(original.Decoder):
    """By LATE_S, and nobody said so."""

    def __init__(self) -> None:
        self._held = np.zeros(round(LATE_S * RATE_HZ), np.float32)

    def decode(self, frame: Frame | None) -> Pcm:
        both = np.concatenate([self._held, super().decode(frame)])
        self._held = both[FRAME_SAMPLES:]
        return both[:FRAME_SAMPLES]


class Hiss(original.Decoder):
    """White noise, whatever was said."""

    def __init__(self) -> None:
        self._chance = np.random.default_rng(0)

    def decode(self, frame: Frame | None) -> Pcm:
        return 0.05 * self._chance.standard_normal(FRAME_SAMPLES, np.float32)


class Raising(original.Decoder):
    def decode(self, frame: Frame | None) -> Pcm:
        raise RuntimeError("planted")


class NotFinite(original.Decoder):
    def decode(self, frame: Frame | None) -> Pcm:
        return np.full(FRAME_SAMPLES, np.nan, np.float32)


class Short(original.Decoder):
    def decode(self, frame: Frame | None) -> Pcm:
        return super().decode(frame)[1:]


class Anew(original.Decoder):
    """Speaks slower than it was spoken to."""

    def decode(self, frame: Frame | None) -> Pcm:
        places = np.arange(0, FRAME_SAMPLES, 0.8)
        slower = np.interp(places, np.arange(FRAME_SAMPLES), super().decode(frame))
        return np.asarray(slower, np.float32)


def planted(name: str, excess: float = 1.0, decoder: str = "Decoder") -> System:
    settings: dict[str, str | int | float | bool] = {"excess": excess, "decoder": decoder}
    return System(name, name, name, f"{__name__}:Planted", settings)
