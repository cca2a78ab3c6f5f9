"""WORLD's pitch tracker, asked twice: of the sound itself, and of the envelope of its middle band.

DIO looks for the fundamental, which rooms and microphones often take away; the envelope beats at
the pitch all the same, but lacks it where harmonics are few. Where the two differ, it is mostly by
an octave: the path through both that jumps least is taken.
DIO: Morise et al., AES 35 (2009). The path: Viterbi over candidates, as in Boersma, IFA 17 (1993).
"""

import warnings
from functools import cache
from types import ModuleType

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable
from sotto_codecs.text.prosody.f0 import HIGHEST_HZ, LOWEST_HZ, RATE_HZ, Track

BAND_HZ = (150.0, 300.0, 2800.0, 3300.0)  # its lower and its upper edge
DEAREST_ST = 12.0  # a jump of an octave costs as much as any
FORGETS = 4  # unvoiced steps after which a jump costs half
STRAYING = 0.02  # of the distance from the median: voices do not stay an octave away


def dio_path(pcm: Pcm, step_s: float) -> Track:
    """Raises BackendUnavailable."""
    samples = pcm.astype(np.float64)
    return least_jumps(np.stack([_dio(samples, step_s), _dio(_envelope(samples), step_s)]))


def _dio(samples: Track, step_s: float) -> Track:
    """With StoneMask."""
    rough, times_s = pyworld().dio(
        samples, RATE_HZ, LOWEST_HZ, HIGHEST_HZ, frame_period=1000 * step_s
    )
    found: Track = pyworld().stonemask(samples, rough, times_s, RATE_HZ)
    return found


def _envelope(samples: Track) -> Track:
    size = 1 << (len(samples) - 1).bit_length()
    bins_hz = np.fft.fftfreq(size, 1 / RATE_HZ)
    edges = np.interp(bins_hz, BAND_HZ, (0, 1, 1, 0))  # none of the negative: an analytic signal
    beating: Track = np.abs(np.fft.ifft(2 * edges * np.fft.fft(samples, size))[: len(samples)])
    return np.asarray(beating - beating.mean())


def least_jumps(candidates: Track) -> Track:
    """One of the candidates of each frame, shape (candidates, frames); 0 where all are."""
    steps = np.flatnonzero((candidates > 0).any(axis=0))
    chosen = np.zeros(candidates.shape[1])
    if len(steps):
        hertz = candidates[:, steps]
        semitones = 12 * np.log2(np.where(hertz > 0, hertz, np.nan))
        path = _path(semitones, DEAREST_ST * FORGETS / (FORGETS + np.diff(steps) - 1))
        chosen[steps] = hertz[path, np.arange(len(steps))]
    return chosen


def _path(semitones: Track, dearest: Track) -> list[int]:
    """Which candidate at each place, NaN where it is none; `dearest`: a jump between two places."""
    strays = abs(semitones - np.nanmedian(semitones))
    own = np.where(np.isnan(semitones), np.inf, STRAYING * np.minimum(strays, DEAREST_ST))
    jumps = abs(semitones[:, None, 1:] - semitones[None, :, :-1])  # to, from, place
    jumps = np.nan_to_num(np.minimum(jumps / DEAREST_ST, 1.0)) * dearest
    total, back = own[:, 0], []
    for place in range(1, semitones.shape[1]):
        reached = total + jumps[:, :, place - 1]
        back.append(reached.argmin(axis=1))
        total = reached.min(axis=1) + own[:, place]
    path = [int(total.argmin())]
    for came_from in reversed(back):
        path.append(int(came_from[path[-1]]))
    return path[::-1]


@cache
def pyworld() -> ModuleType:
    """Loaded when it is first needed. Raises BackendUnavailable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it imports the retired pkg_resources
            import pyworld
    except ImportError as error:
        remedy = "pip install 'sotto-call[text]'"
        raise BackendUnavailable("pyworld (or setuptools<81) is missing", remedy) from error
    module: ModuleType = pyworld
    return module
