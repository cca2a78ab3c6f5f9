"""Concealment for codecs that have none: the sound goes on, fades, and falls silent.

What goes on is what the codec makes of its last frame again, or where that cannot be had the last
pitch cycle, the thought of ITU-T G.711 Appendix I.
"""

import numpy as np

from sotto_codecs.base import Pcm

FADE_S = 0.2  # a lost frame: the cycle is repeated that long at most, ever more quietly
FALL_S = 0.02  # the same where the sender says that silence goes on
JOIN_S = 0.005  # from the repeated cycle over to sound that arrived
LOWEST_HZ, HIGHEST_HZ = 50, 400  # of a voice
VOICED = 0.5  # likeness of two cycles from which on they are taken for voice


class Concealment:
    """One listener's; mono."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._past = np.zeros(2 * rate_hz // LOWEST_HZ, np.float32)
        self._cycle: Pcm | None = None  # what is repeated, its next sample first; None: no loss now
        self._gain = 1.0

    def arrived(self, pcm: Pcm) -> Pcm:
        """A frame that is here, joined to what was played in the place of lost ones."""
        if self._gain < 1.0:
            samples = min(len(pcm), round(JOIN_S * self._rate_hz))
            share = np.arange(1, samples + 1, dtype=np.float32) / np.float32(samples)
            leaving = pcm[:samples] if self._cycle is None else self._go_on(self._cycle, samples)
            join = share * pcm[:samples] + (1 - share) * leaving * np.float32(self._gain)
            pcm = np.concatenate([join, pcm[samples:]])
            self._cycle, self._gain = None, 1.0
        self._past = np.concatenate([self._past, pcm])[-len(self._past) :]
        return pcm

    def lost(self, samples: int, fade_s: float = FADE_S, again: Pcm | None = None) -> Pcm:
        """Sound in the place of a lost frame: `again` faded, by default the last pitch cycle."""
        if again is None:
            cycle = self._last_cycle() if self._cycle is None else self._cycle
            again = self._go_on(cycle, samples)
        steps = np.arange(1, samples + 1, dtype=np.float32) / np.float32(fade_s * self._rate_hz)
        gains: Pcm = np.maximum(np.float32(self._gain) - steps, 0)
        self._gain = float(gains[-1])
        return again * gains

    @property
    def is_silent(self) -> bool:
        """The fade has ended."""
        return self._gain == 0.0

    def _go_on(self, cycle: Pcm, samples: int) -> Pcm:
        self._cycle = np.roll(cycle, -samples)
        return np.resize(cycle, samples)

    def _last_cycle(self) -> Pcm:
        """The last pitch cycle; where there is no pitch the longest, so as not to hum."""
        longest = len(self._past) // 2
        cycles = range(self._rate_hz // HIGHEST_HZ, longest + 1)
        likeness = [self._likeness(cycle, longest) for cycle in cycles]
        best = int(np.argmax(likeness))
        cycle = cycles[best] if likeness[best] > VOICED else longest
        return self._past[len(self._past) - cycle :]

    def _likeness(self, cycle: int, window: int) -> float:
        end = len(self._past)
        now, before = self._past[end - window :], self._past[end - window - cycle : end - cycle]
        return float(now @ before / np.sqrt((now @ now) * (before @ before) + 1e-9))
