"""Sound -> what the encoder looks at: training.tiny.features in numpy, tested equal."""

from functools import cache

import numpy as np
import numpy.typing as npt

from sotto_codecs.base import Pcm
from sotto_codecs.tiny.bands import Matrix, lag_matrix, mel_matrix
from sotto_codecs.tiny.config import TinyConfig

LONG, MIDDLE, SHORT = 1024, 512, 256  # samples of 64, 32 and 16 ms
FLOOR = 1e-6  # of a band's power: a tenth of a step of 16-bit sound
MEAN, SPREAD = -6.0, 4.0  # of the log of a band's power, roughly, in speech


class Features:
    """The constant part; a stream's memory is the sound before."""

    def __init__(self, config: TinyConfig) -> None:
        self._row, self._back = config.row, config.piece
        self._mel = mel_matrix(MIDDLE, config.mels, config.rate_hz)
        self._fast_mel = mel_matrix(SHORT, config.fast_mels, config.rate_hz)
        pitch_hz = (config.lowest_hz, config.highest_hz)
        self._lag = lag_matrix(LONG, config.lags, config.rate_hz, pitch_hz)
        self.memory_samples = LONG - config.row

    def rows(self, seen: Pcm) -> Pcm:
        """(`memory_samples` + whole rows of new sound,) -> (rows, features)."""
        long = np.lib.stride_tricks.sliding_window_view(seen, LONG)[:: self._row]
        ends = (LONG - self._back, LONG)
        short = np.concatenate([long[:, end - SHORT : end] for end in ends])
        fast = np.split(self._bands(short, self._fast_mel), 2)
        slow = self._bands(long[:, LONG - MIDDLE :], self._mel)
        return np.concatenate([slow, *fast, self._likeness(long)], axis=1)

    def _bands(self, frames: Pcm, matrix: Matrix) -> Pcm:
        logs: Pcm = np.log(_power(frames) @ matrix + np.float32(FLOOR))
        return (logs - np.float32(MEAN)) / np.float32(SPREAD)

    def _likeness(self, frames: Pcm) -> Pcm:
        """Autocorrelation of a flattened spectrum: the fourth root keeps formants out of it."""
        flat: Pcm = np.sqrt(np.sqrt(_power(frames) + np.float32(1e-9)))
        likeness: Pcm = np.float32(3) * (flat @ self._lag) / flat.sum(axis=1, keepdims=True)
        return likeness


def _power(frames: Pcm) -> Pcm:
    spectrum = np.fft.rfft(frames * hann(frames.shape[1]))
    return np.asarray(np.square(spectrum.real) + np.square(spectrum.imag), np.float32)


@cache
def hann(samples: int) -> npt.NDArray[np.float32]:
    """Periodic: half-overlapped, it adds up to one."""
    turns = np.arange(samples) / samples
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * turns), np.float32)
