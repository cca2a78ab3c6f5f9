"""Spectral envelopes of WORLD as a few decibels: BANDS triangles, evenly spaced in mel."""

from functools import cache

import numpy as np
import numpy.typing as npt

from sotto_codecs.text.prosody.f0 import RATE_HZ
from sotto_codecs.text.prosody.world import FFT_SIZE
from sotto_codecs.text.voice.card import BANDS

Values = npt.NDArray[np.float64]

BINS = FFT_SIZE // 2 + 1
FLOOR = 1e-16  # of power


def mel(hertz: Values) -> Values:
    """O'Shaughnessy's."""
    return np.asarray(2595 * np.log10(1 + hertz / 700))


@cache
def bins_hz() -> Values:
    return np.linspace(0, RATE_HZ / 2, BINS)


@cache
def _edges() -> Values:
    return np.linspace(0, mel(bins_hz())[-1], BANDS + 2)


@cache
def _triangles() -> Values:
    """Shape (BINS, BANDS); each band's sum is 1."""
    edges = _edges()
    marks = (edges[index : index + 3] for index in range(BANDS))
    rows = np.stack([np.interp(mel(bins_hz()), mark, (0, 1, 0)) for mark in marks], axis=1)
    return np.asarray(rows / rows.sum(axis=0))


def in_bands_db(power: Values) -> Values:
    """(..., BINS) of power as (..., BANDS) of dB."""
    return np.asarray(10 * np.log10(np.maximum(power @ _triangles(), FLOOR)))


def over_bins(bands_db: Values) -> Values:
    """(BANDS,) as (BINS,), in straight lines between the middles of the bands."""
    return np.interp(mel(bins_hz()), _edges()[1:-1], bands_db)


def at_middles(curve: Values) -> Values:
    """(BINS,) of dB as (BANDS,): what gave `over_bins` its curve."""
    return np.interp(_edges()[1:-1], mel(bins_hz()), curve)


def spreading() -> Values:
    """The matrix (BANDS, BINS) of `over_bins`."""
    return np.stack([over_bins(row) for row in np.eye(BANDS)])


def stretched(curve: Values, ratio: float) -> Values:
    """(BINS,) with its formants at `ratio` times their frequencies."""
    return np.interp(bins_hz() / ratio, bins_hz(), curve)
