"""The filters' lift alone: a filter like any other, causal to the rounding of its bins."""

import numpy as np

from sotto_codecs.tiny.config import TinyConfig
from sotto_codecs.tiny.lift import EDGES_HZ, lifted

CONFIG = TinyConfig()
GAINS_DB = (0.4, 1.6, 3.5, 3.6, 3.2)


def test_each_band_is_lifted_by_its_own() -> None:
    logs, _ = lifted(GAINS_DB, CONFIG)
    middles_hz = np.sqrt(np.multiply(EDGES_HZ[:-1], EDGES_HZ[1:]))
    bins = np.rint(middles_hz * CONFIG.spectrum / CONFIG.rate_hz).astype(int)
    np.testing.assert_allclose(20 * logs[bins] / np.log(10), GAINS_DB, atol=0.15)


def test_nothing_sounds_before_what_is_filtered() -> None:
    logs, angles = lifted(GAINS_DB, CONFIG)
    ringing = np.fft.irfft(np.exp(logs + 1j * angles), CONFIG.spectrum)
    half = CONFIG.spectrum // 2
    assert np.abs(ringing[half:]).max() < 1e-3 * np.abs(ringing).max() == abs(ringing[0]) * 1e-3


def test_no_gains_lift_nothing() -> None:
    logs, angles = lifted((), CONFIG)
    assert logs.shape == angles.shape == (CONFIG.bins,) and not logs.any() and not angles.any()
