"""What the decoder's filters are lifted by, for the voice to be as loud as it was said.

Training counts in logarithms and loudness, where the middle of what may have been said costs least;
its power is less than the mean's, by more where less is known: in the treble, with few stages.
`level` of both trainings measures by how much, and writes it into the manifest.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.tiny.bands import minimum_phase_matrix
from sotto_codecs.tiny.config import TinyConfig

EDGES_HZ = (50, 300, 1000, 2500, 4000, 8000)  # of the bands that are lifted each by its own
MOST_DB = 12.0  # more is no matter of level


def gains_of(manifest: Mapping[str, Any]) -> tuple[float, ...]:
    """For each band, or none: as trained. Raises TypeError, ValueError."""
    gains_db = tuple(float(it) for it in dict(manifest.get("level", {})).get("gains_db", ()))
    is_small = all(abs(it) <= MOST_DB for it in gains_db)  # no NaN either
    if len(gains_db) not in (0, len(EDGES_HZ) - 1) or not is_small:
        raise ValueError(f"level: gains_db = {list(gains_db)}")
    return gains_db


@cache
def lifted(gains_db: tuple[float, ...], config: TinyConfig) -> tuple[Pcm, Pcm]:
    """Log magnitudes and angles, (bins,) each: straight in dB over log of Hz between the middles of
    bands, and of minimum phase. No gains lift nothing."""
    if not gains_db:
        return np.zeros(config.bins, np.float32), np.zeros(config.bins, np.float32)
    middles_hz = np.sqrt(np.multiply(EDGES_HZ[:-1], EDGES_HZ[1:]))
    bins_hz = np.arange(config.bins) * config.rate_hz / config.spectrum
    at = np.log(np.maximum(bins_hz, EDGES_HZ[0]))
    logs = np.interp(at, np.log(middles_hz), gains_db) * np.log(10) / 20
    as_is = logs.astype(np.float32)
    return as_is, as_is @ minimum_phase_matrix(config.spectrum)
