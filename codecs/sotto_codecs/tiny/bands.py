"""Matrices from a spectrum to what the network looks at: constant, float32, (bins, outputs)."""

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]


def mel_matrix(window: int, bands: int, rate_hz: int) -> Matrix:
    """Triangles equally far apart in mel (Slaney's formula is not meant: 2595 log10(1 + f/700)).

    Each adds up to one, and no band is narrower than the spectrum's own resolution.
    """
    bins_hz = np.arange(window // 2 + 1) * rate_hz / window
    top_mel = 2595 * np.log10(1 + rate_hz / 2 / 700)
    edges_hz = 700 * (10 ** (np.linspace(0, top_mel, bands + 2) / 2595) - 1)
    centres = edges_hz[1:-1]
    below = np.maximum(centres - edges_hz[:-2], rate_hz / window)
    above = np.maximum(edges_hz[2:] - centres, rate_hz / window)
    away = bins_hz[:, None] - centres
    shape = np.maximum(0, 1 - np.where(away < 0, -away / below, away / above))
    return np.asarray(shape / shape.sum(axis=0), np.float32)


def lag_matrix(window: int, lags: int, rate_hz: int, pitch_hz: tuple[float, float]) -> Matrix:
    """Cosines from a spectrum to its autocorrelation at `lags` periods, equally far apart in log.

    From the highest pitch to the lowest; only what lies below 4 kHz counts.
    """
    low_hz, high_hz = pitch_hz
    periods_s = np.geomspace(1 / high_hz, 1 / low_hz, lags)
    bins_hz = np.arange(window // 2 + 1) * rate_hz / window
    cosines = np.cos(2 * np.pi * bins_hz[:, None] * periods_s)
    return np.asarray(cosines * (bins_hz[:, None] < 4000), np.float32)


def minimum_phase_matrix(points: int) -> Matrix:
    """From a filter's log magnitudes at `points` // 2 + 1 bins to its minimum phase in radians.

    Oppenheim and Schafer: the cepstrum's second half folded on its first. A linear map.
    """
    bins = points // 2 + 1
    cepstra = np.fft.irfft(np.eye(bins), points)
    fold = np.concatenate([[1], np.full(bins - 2, 2), [1], np.zeros(points - bins)])
    return np.asarray(np.fft.rfft(cepstra * fold).imag, np.float32)
