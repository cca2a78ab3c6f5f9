"""Sizes of the network and of its clock: all that two ends and the training must agree on.

One step takes 40 ms: 4 rows of features every 10 ms, one latent vector, its indices, 8 pieces of
sound every 5 ms. What comes out lags what goes in by `delay_samples` beyond the step itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class TinyConfig:
    """Widths are free; the clock's figures stand in the filters, change them with care."""

    # the clock, in samples of 16 kHz
    rate_hz: int = 16_000
    step: int = 640
    row: int = 160  # features and the decoder's fast half
    piece: int = 80  # filters
    delay: int = 320  # look-ahead

    # features of one row
    mels: int = 80  # of 32 ms
    fast_mels: int = 40  # of 16 ms, twice a row
    lags: int = 96  # of 64 ms, for the pitch

    # encoder and decoder: fast blocks at 100 Hz, slow ones at 25 Hz
    encoder_fast: int = 176
    encoder_slow: int = 256
    decoder_slow: int = 256
    decoder_fast: int = 208
    expansion: int = 2
    kernel: int = 7
    slow_kernel: int = 5
    slow_dilations: tuple[int, ...] = (1, 2, 4, 1)
    encoder_fast_blocks: int = 3
    pitch_blocks: int = 2  # before the pitch is known
    filter_blocks: int = 4  # after it

    # the bits
    latent: int = 64
    stages: int = 16
    entries: int = 1024

    # the sound
    lowest_hz: float = 55.0
    highest_hz: float = 500.0
    window: int = 160  # of the excitation, half overlapped
    spectrum: int = 384  # points of the filters' Fourier transform

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Self:
        """From TOML, whose lists are tuples here; all names, and no others. Raises ValueError."""
        names = {each.name for each in fields(cls)}
        if set(table) != names:
            raise ValueError(f"config: {sorted(set(table) ^ names)}")
        values: dict[str, Any] = {
            name: tuple(it) if isinstance(it, list) else it for name, it in table.items()
        }
        return cls(**values)

    @property
    def rows(self) -> int:
        """Rows of features in a step."""
        return self.step // self.row

    @property
    def pieces(self) -> int:
        """Pieces of sound in a row."""
        return self.row // self.piece

    @property
    def bins(self) -> int:
        return self.spectrum // 2 + 1

    @property
    def features(self) -> int:
        return self.mels + self.pieces * self.fast_mels + self.lags

    @property
    def stage_bits(self) -> int:
        return (self.entries - 1).bit_length()

    def payload_bps(self, stages: int) -> float:
        """Bits per second of sound with that many stages of the quantiser in each step."""
        return stages * self.stage_bits * self.rate_hz / self.step
