"""What the voice is made of before it is shaped, in numpy: pulses at the pitch, and noise.

The same as training.tiny.excitation, tested equal: Dirichlet's kernel (Winham and Steiglitz 1970).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from sotto_codecs.base import Pcm

EDGE = 0.97  # of the band: the highest harmonic lies below it
FIRST_PITCH = 7.0  # log2 of Hz, before anything was heard
NOISE_STEPS = 128  # of 40 ms, then the noise begins anew: nobody hears a period of 5 s


@dataclass(frozen=True, slots=True)
class Excited:
    """How far a stream's pulses are."""

    pitch: float = FIRST_PITCH  # log2 of Hz, at the end of the last row
    phase: float = 0.0  # in turns


def pulses(pitch: Pcm, state: Excited, row: int, rate_hz: int) -> tuple[Pcm, Excited]:
    """(rows,) at the end of each row, log2 of Hz -> (samples,) of power one, linear in log between.

    The phase is added up in double precision: in single, a long talk would drift.
    """
    start = np.concatenate([np.array([state.pitch], np.float32), pitch[:-1]])[:, None]
    share = np.arange(1, row + 1, dtype=np.float32) / np.float32(row)
    pitch_hz: Pcm = np.exp2(start + (pitch[:, None] - start) * share).ravel()
    turns = state.phase + np.cumsum(pitch_hz / rate_hz, dtype=np.float64)
    angle = np.float32(np.pi) * (turns - np.floor(turns)).astype(np.float32)
    harmonics = np.floor(np.float32(EDGE * rate_hz / 2) / pitch_hz)
    below = np.sin(angle)
    flat = below < 1e-4  # at the pulse itself: the limit
    kernel = np.sin((2 * harmonics + 1) * angle) / np.where(flat, np.float32(1), below)
    kernel = np.where(flat, 2 * harmonics + 1, kernel)
    sound: Pcm = (kernel - 1) * np.sqrt(np.float32(0.5) / harmonics)
    return sound, Excited(float(pitch[-1]), float(turns[-1] - np.floor(turns[-1])))


@cache
def noise(step: int) -> npt.NDArray[np.float32]:
    """White, of power one, for NOISE_STEPS steps: the same in every stream."""
    return np.random.default_rng(0).standard_normal(NOISE_STEPS * step, np.float32)


def breath(first_step: int, steps: int, step: int) -> Pcm:
    """(samples,) of noise for steps of a stream counted from its beginning."""
    at = (first_step + np.arange(steps)) % NOISE_STEPS
    taken: Pcm = noise(step).reshape(NOISE_STEPS, step)[at].ravel()
    return taken
