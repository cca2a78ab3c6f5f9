"""Does the melody come through? Pitch and voicing by pyworld (WORLD: DIO and StoneMask).

DIO is Morise et al., AES 35 (2009). Harvest takes 20 times as long and errs more on envelopes.
The correlation is deaf to a voice that is higher throughout; the error in cents is not.
"""

import warnings
from importlib.metadata import version
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from benchmarks.metrics.base import RATE_HZ, Measure, NotApplicable, Score, Take
from sotto_codecs.base import Pcm

FRAME_MS = 5.0
LOWEST_HZ = 60.0
HIGHEST_HZ = 500.0
BAND_HZ = (150.0, 300.0, 2800.0, 3300.0)  # its lower and its upper edge
LEAST_FRAMES = 20  # voiced in both: 100 ms, or a correlation is chance
QUIET_DB = 40.0  # so far below its loudest frame, a sound is silent
WINDOW = 400  # samples: 25 ms, about two periods of the lowest voice

Track = npt.NDArray[np.float64]  # hertz every FRAME_MS; 0 where there is no voice
Mask = npt.NDArray[np.bool_]


class Pitch:
    """Needs the same timing."""

    MEASURES: ClassVar[tuple[Measure, ...]] = (
        Measure("f0_corr", "F0 correlation", "", better="higher", worst=0, best=1, digits=3),
        Measure("f0_rmse_cents", "F0 error", "cents", "lower", worst=1200, best=0, digits=0),
        Measure("voicing_error", "Voicing error", "%", "lower", worst=100, best=0, digits=1),
    )

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it imports the retired pkg_resources
            import pyworld
        self._world = pyworld
        self.name = f"pyworld {version('pyworld')} (DIO, StoneMask)"

    def score(self, take: Take) -> dict[str, Score]:
        """All weighted by frames: those voiced in both, for the voicing error those in which the
        original is not silent. Only that one where too few are voiced in both."""
        said, heard = self._track(take.said), self._track(take.heard)
        if (said > 0).sum() < LEAST_FRAMES:
            raise NotApplicable(f"voiced for less than {LEAST_FRAMES * FRAME_MS:.0f} ms")
        audible = _audible(take.said, len(said))
        wrong = ((said > 0) != (heard > 0))[audible]
        voicing = {"voicing_error": Score(100 * float(wrong.mean()), len(wrong))}
        both = (said > 0) & (heard > 0)
        return voicing if both.sum() < LEAST_FRAMES else voicing | _melody(said[both], heard[both])

    def _track(self, pcm: Pcm) -> Track:
        samples = _envelope(pcm)
        rough, times_s = self._world.dio(
            samples, RATE_HZ, f0_floor=LOWEST_HZ, f0_ceil=HIGHEST_HZ, frame_period=FRAME_MS
        )
        track: Track = self._world.stonemask(samples, rough, times_s, RATE_HZ)
        return np.where(_audible(pcm, len(track)), track, 0.0)  # DIO hears pitch in any whisper


def _envelope(pcm: Pcm) -> Track:
    """Of the band of a telephone: it beats at the pitch, whatever became of the fundamental.

    DIO looks for the fundamental itself, which many codecs cut off: on plain sound it took the
    wrong octave in 47 % of the frames of Codec2 3200 (6 % of the originals'), this way in 2 % of
    both: counted against pYIN on four sentences of LibriSpeech.
    """
    size = 1 << max(len(pcm) - 1, 1).bit_length()
    bins_hz = np.fft.fftfreq(size, 1 / RATE_HZ)
    edges = np.interp(bins_hz, BAND_HZ, (0, 1, 1, 0))  # none of the negative: an analytic signal
    analytic = np.fft.ifft(2 * edges * np.fft.fft(pcm, size))[: len(pcm)]
    envelope: Track = np.abs(analytic)
    return envelope - envelope.mean() if len(pcm) else envelope


def _melody(said: Track, heard: Track) -> dict[str, Score]:
    """Over frames that are voiced in both. A monotone follows nothing: 0."""
    cents = 1200 * np.log2(np.stack([said, heard]))
    moves = np.ptp(cents, axis=1).min() >= 1
    error = np.sqrt(np.mean((cents[1] - cents[0]) ** 2))
    return {
        "f0_corr": Score(float(np.corrcoef(cents)[0, 1]) if moves else 0.0, len(said)),
        "f0_rmse_cents": Score(float(error), len(said)),
    }


def _audible(pcm: Pcm, frames: int) -> Mask:
    """By the power of a window around the middle of each frame."""
    energy = np.concatenate([[0.0], np.cumsum(pcm.astype(np.float64) ** 2)])
    middles = np.round(np.arange(frames) * FRAME_MS / 1000 * RATE_HZ).astype(int)
    first, last = (np.clip(middles + half, 0, len(pcm)) for half in (-WINDOW // 2, WINDOW // 2))
    power = energy[last] - energy[first]
    mask: Mask = power > power.max() * 10 ** (-QUIET_DB / 10)
    return mask
