"""Which of a talker's phrases are fit to be heard as a sample of the voice, put together.

Voiced, loud enough, not clipped, well above what is heard between the words.
"""

import numpy as np
import numpy.typing as npt

from sotto_codecs.base import Pcm
from sotto_codecs.text.prosody import f0
from sotto_codecs.text.speaking import RATE_HZ

SAMPLE_S = 6.0
LEAST_S = 0.6  # of a phrase
STEP_S = 0.02
SPEECH_DB = 25.0  # below the loudest steps; the rest is closures and pauses
QUIETEST_DB = -45.0  # of the speech, above which a microphone's own noise matters little
ABOVE_DB = 15.0  # speech over background
CLIPPED, MOST_CLIPPED = 0.985, 2e-4  # of full scale; of the samples
LEAST_VOICED = 0.35  # of the speech
FADE_SAMPLES = RATE_HZ // 200  # where one phrase follows another
_STEP = round(STEP_S * RATE_HZ)

Levels = npt.NDArray[np.float64]


class Picking:
    """Of one talker. Keeps less than SAMPLE_S of sound."""

    def __init__(self) -> None:
        self._pieces = list[Pcm]()

    def add(self, pcm: Pcm) -> Pcm | None:
        """Another phrase at 16 kHz. The sample, once there is enough; then it begins anew."""
        piece = clean(pcm)
        if piece is None:
            return None
        self._pieces.append(piece)
        if sum(map(len, self._pieces)) < SAMPLE_S * RATE_HZ:
            return None
        whole, self._pieces = np.concatenate(self._pieces), []
        return whole[: round(SAMPLE_S * RATE_HZ)]


def clean(pcm: Pcm) -> Pcm | None:
    """What of a phrase may be heard, from its first sound to its last, faded; else None."""
    pcm = np.nan_to_num(pcm)
    levels = _levels_db(pcm)
    if len(levels) * STEP_S < LEAST_S or np.mean(np.abs(pcm) > CLIPPED) > MOST_CLIPPED:
        return None
    is_speech = levels > np.percentile(levels, 95) - SPEECH_DB
    first, last = np.flatnonzero(is_speech)[[0, -1]]
    loud_db = 10 * np.log10(np.mean(10 ** (levels[is_speech] / 10)))
    if loud_db < QUIETEST_DB or loud_db - np.percentile(levels, 5) < ABOVE_DB:
        return None
    piece = pcm[first * _STEP : (last + 1) * _STEP].copy()
    voiced = np.count_nonzero(f0.track(piece, STEP_S)) / (last + 1 - first)
    if len(piece) < LEAST_S * RATE_HZ or voiced < LEAST_VOICED:
        return None
    fade = np.linspace(0, 1, FADE_SAMPLES, dtype=np.float32)
    piece[:FADE_SAMPLES] *= fade
    piece[-FADE_SAMPLES:] *= fade[::-1]
    return piece


def _levels_db(pcm: Pcm) -> Levels:
    """Of each step."""
    steps = pcm[: len(pcm) // _STEP * _STEP].reshape(-1, _STEP).astype(np.float64)
    return np.asarray(10 * np.log10(np.maximum(np.mean(steps**2, axis=1), 1e-12)))
