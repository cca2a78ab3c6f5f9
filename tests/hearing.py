"""How far apart two sounds are to an ear, and how late one comes after the other."""

import numpy as np
import numpy.typing as npt
from scipy.signal import stft

from sotto_codecs.base import Pcm

_FLOOR = 1e-6  # -60 dB: below it nobody hears a difference
_BANDS = 16

Levels = npt.NDArray[np.float64]


def distance_db(one: Pcm, other: Pcm, rate_hz: int) -> float:
    """Mean difference of the levels in 16 bands of 250 Hz every 20 ms, where either is audible."""
    levels = [_levels_db(pcm, rate_hz, window_s=0.04, hop_s=0.02) for pcm in (one, other)]
    audible = np.maximum(*levels) > 10 * np.log10(_FLOOR)
    return float(np.abs(levels[0] - levels[1])[audible].mean()) if audible.any() else 0.0


def lag_s(early: Pcm, late: Pcm, rate_hz: int, most_s: float = 0.15) -> float:
    """How late `late` comes, by cross-correlation of the levels in all bands, in steps of 1 ms."""
    levels = [_levels_db(pcm, rate_hz, window_s=0.016, hop_s=0.001) for pcm in (early, late)]
    first, second = (level - level.mean(axis=1, keepdims=True) for level in levels)
    lags = range(round(most_s * 1000))
    return int(np.argmax([_likeness(first, second, lag) for lag in lags])) / 1000


def _likeness(first: Levels, second: Levels, lag: int) -> float:
    length = min(first.shape[1], second.shape[1]) - lag
    one, other = first[:, :length], second[:, lag : lag + length]
    return float((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum()))


def _levels_db(pcm: Pcm, rate_hz: int, window_s: float, hop_s: float) -> Levels:
    window, hop = round(window_s * rate_hz), round(hop_s * rate_hz)
    pcm = np.pad(pcm, (0, max(0, window - len(pcm))))
    bins_hz, _, spectrum = stft(pcm, rate_hz, nperseg=window, noverlap=window - hop, boundary=None)
    band = (bins_hz // 250).astype(int)
    power = np.abs(spectrum) ** 2
    bands = [power[band == index].sum(axis=0) for index in range(_BANDS) if (band == index).any()]
    return np.asarray(10 * np.log10(np.stack(bands) + _FLOOR))
