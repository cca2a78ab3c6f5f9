"""Gaps and clicks in the sound of a voice that never pauses."""

import numpy as np
import numpy.typing as npt

from sotto_codecs.base import Pcm

_HOP_S = 0.005
_QUIET = 10 ** (-30 / 20)  # of the whole's level


def longest_gap_s(pcm: Pcm, rate_hz: int) -> float:
    """The longest time that is 30 dB and more below the level of the whole."""
    hops = _hops(pcm, rate_hz)
    quiet = np.sqrt((hops**2).mean(axis=1)) < _QUIET * np.sqrt((pcm**2).mean())
    borders = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(int), [0]])))
    return float(max(borders[1::2] - borders[::2], default=0) * _HOP_S)


def sharpest_edge(pcm: Pcm) -> float:
    """The largest change of slope from one sample to the next: a click is all slope."""
    return float(np.abs(np.diff(pcm, 2)).max())


def _hops(pcm: Pcm, rate_hz: int) -> npt.NDArray[np.float32]:
    hop = round(_HOP_S * rate_hz)
    return pcm[: len(pcm) // hop * hop].reshape(-1, hop)
