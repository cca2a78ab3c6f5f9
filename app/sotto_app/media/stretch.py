"""Make sound a little longer or shorter without changing its pitch.

One pitch period is repeated or left out, overlapped with its neighbour where the two are most
alike: the time-domain way of WSOLA (Verhelst and Roelands, ICASSP 1993).
"""

from functools import cache

import numpy as np

from sotto_codecs.base import Pcm

LONGEST_PERIOD_MS = 15.0  # 67 Hz
SHORTEST_PERIOD_MS = 2.5  # 400 Hz
OVERLAP_MS = 5.0
REST_MS = 80.0
ALIKE = 0.7  # normalised correlation from which a splice is not heard
QUIET_RMS = 0.003  # -50 dBFS: anything may be spliced


class Stretcher:
    """One stream. It keeps the last 15 ms that it gave out, to repeat from."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._rate_hz = sample_rate_hz
        self._rest = 0  # samples until the next search
        self._past = np.zeros(self._samples(LONGEST_PERIOD_MS), np.float32)

    def keep(self, pcm: Pcm) -> Pcm:
        """Pass the sound through as it is."""
        size = len(self._past)
        self._past = np.concatenate([self._past, pcm])[-size:]
        self._rest -= len(pcm)
        return pcm

    def lengthen(self, pcm: Pcm, *, at_any_price: bool = False) -> Pcm:
        """Repeat the last period before `pcm`, or none where nothing is alike."""
        past, overlap = self._past, min(self._samples(OVERLAP_MS), len(pcm))
        if overlap:
            around = np.concatenate([past, pcm[:overlap]])
            if period := self._period(around, overlap, at_any_price):
                repeated = past[len(past) - period :]
                splice = min(overlap, period)
                head = _fade(pcm[:splice], repeated[:splice])
                pcm = np.concatenate([head, repeated[splice:], pcm])
        return self.keep(pcm)

    def shorten(self, pcm: Pcm, *, at_any_price: bool = False) -> Pcm:
        """Leave out one period of `pcm`, or none where nothing is alike."""
        overlap = self._samples(OVERLAP_MS)
        if len(pcm) >= 2 * overlap:
            head = pcm[: overlap + self._samples(LONGEST_PERIOD_MS)][::-1]  # search forward in time
            if period := self._period(head, overlap, at_any_price):
                spliced = _fade(pcm[:overlap], pcm[period : period + overlap])
                pcm = np.concatenate([spliced, pcm[period + overlap :]])
        return self.keep(pcm)

    def _period(self, pcm: Pcm, overlap: int, at_any_price: bool) -> int | None:
        """By how much to splice. After a search that found nothing, none is made for a while."""
        if self._rest > 0 and not at_any_price:
            return None
        period, likeness = self._best_period(pcm, overlap)
        if at_any_price or likeness >= ALIKE or self._is_quiet(pcm):
            return period
        self._rest = self._samples(REST_MS)
        return None

    def _best_period(self, pcm: Pcm, overlap: int) -> tuple[int, float]:
        """Lag at which the last `overlap` samples are most like earlier ones, and how much."""
        template = pcm[-overlap:]
        earlier = pcm[: -self._samples(SHORTEST_PERIOD_MS)]
        products = np.correlate(earlier, template, "valid")
        squares = np.concatenate([[0.0], np.cumsum(earlier.astype(np.float64) ** 2)])
        energies = squares[overlap:] - squares[:-overlap]
        scale = np.sqrt(energies * float(template @ template)) + 1e-9
        likeness = products / scale
        best = int(np.argmax(likeness))
        return len(pcm) - overlap - best, float(likeness[best])

    def _is_quiet(self, pcm: Pcm) -> bool:
        return float(np.sqrt(np.mean(pcm**2))) < QUIET_RMS

    def _samples(self, milliseconds: float) -> int:
        return int(milliseconds * self._rate_hz / 1000)


def _fade(out: Pcm, into: Pcm) -> Pcm:
    ramp = _ramp(len(out))
    return out * (1 - ramp) + into * ramp


@cache
def _ramp(samples: int) -> Pcm:
    return np.linspace(0, 1, samples, endpoint=False, dtype=np.float32)
