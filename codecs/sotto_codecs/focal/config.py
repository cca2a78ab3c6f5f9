"""Sizes of the network and of its clock: all that two ends, the loading and the export agree on.

One chunk takes 80 ms: 1280 samples of 16 kHz in, 4 tokens, 1920 samples of 24 kHz out. Nothing is
seen of the next chunk; within one, the transformer looks ahead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class FocalConfig:
    """As it stands: the published causal sizes (their 50 Hz, 4096 entries), 249.04 M weights."""

    rate_hz: int = 16_000
    out_rate_hz: int = 24_000
    chunk: int = 4  # frames that are coded together
    bits: int = 12  # of a token: 11, 12 or 16 are published

    # front: WavLM's first six layers (arXiv 2110.13900), made causal
    kernels: tuple[int, ...] = (10, 3, 3, 3, 3, 2, 2)
    strides: tuple[int, ...] = (5, 2, 2, 2, 2, 2, 2)
    hearing: int = 512  # channels of the convolutions
    width: int = 1024  # of everything after them
    layers: int = 6
    heads: int = 16
    place_kernel: int = 128
    place_groups: int = 16
    buckets: int = 320  # of distances between frames, half of them ahead
    farthest: int = 800  # distance, in frames, that the last bucket begins with
    window: int = 512  # frames that attention and the widest focal level see

    # compressor and decompressor: focal modulation (arXiv 2203.11926)
    blocks: int = 3
    focal_window: int = 14
    focal_levels: int = 2  # and one of `window` frames
    focal_factor: int = 4
    expansion: int = 4

    # vocoder: WaveNeXt
    vocoder_layers: int = 8
    vocoder_expansion: int = 2
    vocoder_kernel: int = 7
    hop: int = 480  # samples out for a frame

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """From JSON, whose lists are tuples here. Raises TypeError, ValueError."""
        parsed: dict[str, Any] = {
            key: tuple(it) if isinstance(it, list) else it for key, it in values.items()
        }
        return cls(**parsed)

    def __post_init__(self) -> None:
        if self.hop * self.rate_hz != prod(self.strides) * self.out_rate_hz:
            raise ValueError(f"{self.hop} samples out do not last as long as {self.frame_samples}")
        if self.window % self.chunk or self.width % self.heads or self.width % self.place_groups:
            raise ValueError("chunk, heads and groups are to divide window and width")

    @property
    def frame_samples(self) -> int:
        """Samples in for a frame."""
        return prod(self.strides)

    @property
    def chunk_samples(self) -> int:
        return self.chunk * self.frame_samples

    @property
    def out_samples(self) -> int:
        """Samples out for a chunk."""
        return self.chunk * self.hop

    @property
    def chunk_bits(self) -> int:
        return self.chunk * self.bits

    @property
    def payload_bps(self) -> float:
        return self.bits * self.rate_hz / self.frame_samples

    @property
    def name(self) -> str:
        """Of its weights: focal-550, focal-600, focal-800."""
        return f"focal-{self.payload_bps:.0f}"

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    @property
    def focal_kernels(self) -> tuple[int, ...]:
        """Of a block's levels, the widest last."""
        levels = range(self.focal_levels)
        return (*(self.focal_window + self.focal_factor * level for level in levels), self.window)
