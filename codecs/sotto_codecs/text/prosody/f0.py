"""The fundamental frequency, by Praat where it is installed and by WORLD otherwise.

Praat is GPL: it sits in the extra `[praat]`, and nothing here needs it.
"""

from collections.abc import Callable
from importlib.util import find_spec
from pkgutil import resolve_name

import numpy as np
import numpy.typing as npt

from sotto_codecs.base import Pcm

RATE_HZ = 16_000
LOWEST_HZ = 60.0
HIGHEST_HZ = 500.0
SHORTEST = RATE_HZ // 10  # samples; DIO reads past the end of less

Track = npt.NDArray[np.float64]  # hertz, one for each step from the first sample; 0 is unvoiced

TRACKERS = {
    "praat": "sotto_codecs.text.prosody.praat:autocorrelation",
    "world": "sotto_codecs.text.prosody.dio:dio_path",
}


def track(pcm: Pcm, step_s: float, tracker: str = "auto") -> Track:
    """floor(seconds / step_s) + 1 values. `tracker` is "auto" or a name of TRACKERS.

    Raises BackendUnavailable.
    """
    if len(pcm) < SHORTEST or not pcm.any():
        return np.zeros(int(len(pcm) / RATE_HZ / step_s) + 1)
    tracking: Callable[[Pcm, float], Track] = resolve_name(
        TRACKERS[best() if tracker == "auto" else tracker]
    )
    return tracking(pcm, step_s)


def best() -> str:
    return "praat" if find_spec("parselmouth") else "world"
