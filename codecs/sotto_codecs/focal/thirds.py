"""24 kHz -> 16 kHz in a stream: two samples for every three, by one low-pass between the rates.

The codec hears 16 kHz and speaks 24; at the seam both are 24. soxr gives as many samples as it has,
here it is always two thirds.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from sotto_codecs.base import Pcm

HALF = 96  # of the filter, in samples of 48 kHz, where both rates meet
CUT_HZ = 7600.0  # 6 dB down; the lower rate ends at 8 kHz
BETA = 8.0  # Kaiser's: 80 dB down from 8.2 kHz on
DELAY_SAMPLES = HALF // 2  # at 24 kHz


@cache
def _taps() -> tuple[Pcm, Pcm]:
    """What the last HALF + 1 samples give to the first and to the second of the two."""
    at = np.arange(-HALF, HALF + 1)
    low = np.sinc(2 * CUT_HZ / 48_000 * at) * np.kaiser(len(at), BETA)
    low *= 2 / low.sum()  # of two samples at 48 kHz one is zero
    first, second = low[::2], np.append(low[1::2], 0.0)
    return first[::-1].astype(np.float32), second[::-1].astype(np.float32)


@dataclass(frozen=True, slots=True)
class Thirds:
    past: Pcm
    taps: tuple[Pcm, Pcm]

    @classmethod
    def blank(cls) -> "Thirds":
        return cls(np.zeros(HALF, np.float32), _taps())

    def step(self, pcm: Pcm) -> tuple[Pcm, "Thirds"]:
        """(3n,) -> (2n,)."""
        seen = np.concatenate([self.past, pcm])
        until = np.lib.stride_tricks.sliding_window_view(seen, HALF + 1)  # each sample
        # at 48 kHz the two stand on samples 0 and 3 of six: on an input, and midway between two
        both = [until[place::3] @ taps for place, taps in enumerate(self.taps)]
        return np.stack(both, axis=1).ravel(), Thirds(seen[len(pcm) :], self.taps)
