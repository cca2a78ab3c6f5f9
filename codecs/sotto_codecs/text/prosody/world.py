"""Speech as WORLD has it: pitch, spectral envelope and noisiness every STEP_S, free to be moved.

Morise, Yokomori and Ozawa, IEICE Transactions E99-D (2016).
"""

from dataclasses import dataclass

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.text.prosody.curves import Values
from sotto_codecs.text.prosody.dio import pyworld
from sotto_codecs.text.prosody.f0 import LOWEST_HZ, RATE_HZ, track

STEP_S = 0.005
FFT_SIZE = 1024  # CheapTrick wants three periods of the lowest voice


@dataclass(frozen=True, eq=False, slots=True)
class Spoken:
    """All three have one row for each STEP_S from the first sample."""

    hertz: Values  # (frames,); 0 is unvoiced
    envelope: Values  # (frames, FFT_SIZE // 2 + 1), power
    noise: Values  # the same shape: the share of the amplitude that is noise


def analysed(pcm: Pcm) -> Spoken:
    """Sound at RATE_HZ, of at least f0.SHORTEST samples. About a twentieth of real time."""
    hertz = track(pcm, STEP_S, "world")
    samples, times_s = pcm.astype(np.float64), np.arange(len(hertz)) * STEP_S
    envelope = pyworld().cheaptrick(samples, hertz, times_s, RATE_HZ, fft_size=FFT_SIZE)
    noise = pyworld().d4c(samples, hertz, times_s, RATE_HZ, fft_size=FFT_SIZE)
    return Spoken(hertz, envelope, noise)


def at(spoken: Spoken, times_s: Values) -> Spoken:
    """Read at other times: one row for each. Between two rows the power goes in a straight line;
    a frame is voiced or not as the nearer one is."""
    places = np.clip(times_s / STEP_S, 0, len(spoken.hertz) - 1)
    below = np.minimum(places.astype(int), max(len(spoken.hertz) - 2, 0))
    above = np.minimum(below + 1, len(spoken.hertz) - 1)
    share = (places - below)[:, None]
    nearest = np.rint(places).astype(int)
    envelope = spoken.envelope[below] * (1 - share) + spoken.envelope[above] * share
    return Spoken(spoken.hertz[nearest], envelope, spoken.noise[nearest])


def synthesised(spoken: Spoken) -> Pcm:
    """frames * STEP_S of sound."""
    hertz = np.where(spoken.hertz > 0, np.clip(spoken.hertz, LOWEST_HZ, None), 0.0)
    rows = (np.ascontiguousarray(it) for it in (hertz, spoken.envelope, spoken.noise))
    sound = pyworld().synthesize(*rows, RATE_HZ, frame_period=1000 * STEP_S)
    return np.asarray(sound[: round(len(hertz) * STEP_S * RATE_HZ)], np.float32)
