"""Praat's pitch tracker, where `praat-parselmouth` is installed: it is GPL, so nothing needs it.

By autocorrelation: Boersma, IFA Proceedings 17 (1993).
"""

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable
from sotto_codecs.text.prosody.f0 import HIGHEST_HZ, LOWEST_HZ, RATE_HZ, Track


def autocorrelation(pcm: Pcm, step_s: float) -> Track:
    """Raises BackendUnavailable."""
    try:
        import parselmouth
    except ImportError as error:
        remedy = "pip install 'sotto-call[praat]'"
        raise BackendUnavailable("praat-parselmouth is not installed", remedy) from error
    sound = parselmouth.Sound(pcm.astype(np.float64), RATE_HZ)
    found = sound.to_pitch_ac(step_s, LOWEST_HZ, pitch_ceiling=HIGHEST_HZ)
    values = found.selected_array["frequency"]
    steps = np.arange(int(len(pcm) / RATE_HZ / step_s) + 1)
    nearest = np.rint(steps - found.xs()[0] / step_s).astype(int)
    inside = (nearest >= 0) & (nearest < len(values))
    return np.where(inside, values[np.clip(nearest, 0, len(values) - 1)], 0.0)
