"""Comfort noise: how loud it is around a talker who is silent, and noise as loud as that.

Levels are in -dBov (RFC 3389 section 3): 0 is a square wave over the whole range, 127 is nothing.
"""

from collections import deque
from math import log10

import numpy as np

from sotto_codecs.base import Pcm

NOTHING = 127
LOUDEST = 40  # in a louder room DTX finds no silence: the level is of a voice that was cut off
INAUDIBLE = 85  # nobody hears such noise, and it would cost as much work as any
QUIET_S, MEMORY_S = 0.2, 3.0  # the background is the quietest of so much sound
TAKEN_DB = 2.0  # measured: Opus takes 1.3 of such noise; the quietest part is .7 below the whole
FADE_S = 0.03
CORNER_HZ = 1000  # rooms and motors sound dull
TAPS = 32


class Background:
    """One talker's. Before a browser's Opus falls silent it sends 0.3 s in which nobody talks."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[float, float]] = deque()  # seconds, and power times seconds
        self._held_s = 0.0

    def add(self, pcm: Pcm, rate_hz: int) -> None:
        """The next piece of sound."""
        energy = float(np.dot(pcm, pcm)) / rate_hz
        self._pieces.append((len(pcm) / rate_hz, energy))
        self._held_s += len(pcm) / rate_hz
        while self._held_s > MEMORY_S:
            self._held_s -= self._pieces.popleft()[0]

    @property
    def level(self) -> int | None:
        """None before there was enough to tell."""
        powers, seconds, energy, start = list[float](), 0.0, 0.0, 0
        pieces = list(self._pieces)
        for piece_s, piece_energy in pieces:
            seconds, energy = seconds + piece_s, energy + piece_energy
            while seconds - pieces[start][0] >= QUIET_S - 1e-9:
                seconds, energy = seconds - pieces[start][0], energy - pieces[start][1]
                start += 1
            if seconds >= QUIET_S - 1e-9:
                powers.append(max(0.0, energy / seconds))
        return level_of(min(powers) * 10 ** (TAKEN_DB / 10)) if powers else None


def level_of(power: float) -> int:
    """Of a mean square; 1 is the loudest there can be."""
    return min(NOTHING, max(0, round(-10 * log10(power)))) if power > 0 else NOTHING


class ComfortNoise:
    """Dull noise that fades in and out, and never clicks."""

    def __init__(self, rate_hz: int) -> None:
        self.level = NOTHING
        self._rate_hz = rate_hz
        self._amplitude = self._full = 0.0  # of the last sample; at the end of a fade
        self._chance = np.random.default_rng(0)
        taps = np.exp(-2 * np.pi * CORNER_HZ / rate_hz * np.arange(TAPS))
        self._taps = (taps / np.linalg.norm(taps)).astype(np.float32)
        self._white = self._new(TAPS - 1)

    @property
    def is_on(self) -> bool:
        """There is noise to be heard, unless somebody talks."""
        return self.level < INAUDIBLE or self._amplitude > 0

    def at(self, rate_hz: int) -> "ComfortNoise":
        """The same at another rate."""
        other = ComfortNoise(rate_hz)
        other.level, other._amplitude, other._full = self.level, self._amplitude, self._full
        return other

    def take(self, samples: int, wanted: bool) -> Pcm | None:
        """The next piece, louder and louder where it is `wanted`, else fading; None: no noise."""
        target = (
            10 ** (-max(LOUDEST, self.level) / 20) if wanted and self.level < INAUDIBLE else 0.0
        )
        before = self._amplitude
        if not target and not before:
            return None
        self._white = np.concatenate([self._white[1 - TAPS :], self._new(samples)])
        self._full = target or self._full
        step = max(self._full, before) / (FADE_S * self._rate_hz) * np.sign(target - before)
        ramp = before + step * np.arange(1, samples + 1)
        ramp = np.clip(ramp, min(before, target), max(before, target)).astype(np.float32)
        self._amplitude = float(ramp[-1])
        noise: Pcm = np.convolve(self._white, self._taps, "valid") * ramp
        return noise

    def stop(self) -> None:
        """At once."""
        self._amplitude = 0.0

    def _new(self, samples: int) -> Pcm:
        return self._chance.standard_normal(samples, np.float32)
