"""What the tests' recorder in a page heard, on the machine's one clock, and what it is worth."""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pystoi import stoi

from sotto_codecs.base import Pcm
from tests.hearing import lag_s

RATE_HZ = 48_000
PER_MS = RATE_HZ // 1000
_CLOCK_NEAR_MS = 1000
_PIECE_S = 1.0
_STRETCH_S = 0.2  # playout stretches time by less than this within a few seconds


@dataclass(frozen=True, eq=False)
class Recording:
    """Samples at 48 kHz, and for each block the count of samples and the wall clock at its end.

    A block is handed over when the sound card asks for it, early or late by up to 15 ms, so the
    earliest of many tells the time.
    """

    pcm: Pcm
    ends: npt.NDArray[np.float64]  # (blocks,), in samples from the first one
    walls_ms: npt.NDArray[np.float64]  # (blocks,)

    @staticmethod
    def of(taken: dict[str, Any]) -> "Recording":
        pcm = np.frombuffer(base64.b64decode(taken["pcm"]), "<f4")
        ends, walls_ms = np.array(taken["stamps"], np.float64).T
        return Recording(pcm, ends - ends[-1] + len(pcm), walls_ms)

    @property
    def starts_ms(self) -> float:
        """The wall clock at the first sample."""
        return self._starts_ms(self.walls_ms < self.walls_ms[0] + _CLOCK_NEAR_MS)

    def cut(self, from_ms: float, to_ms: float) -> Pcm:
        """The samples between two times of the wall clock; as many as there are."""
        near = (self.walls_ms > from_ms - _CLOCK_NEAR_MS) & (self.walls_ms < to_ms + _CLOCK_NEAR_MS)
        starts_ms = self._starts_ms(near)
        first, last = (round((at - starts_ms) * PER_MS) for at in (from_ms, to_ms))
        return self.pcm[max(0, first) : last]

    def _starts_ms(self, near: npt.NDArray[np.bool_]) -> float:
        return float((self.walls_ms - self.ends / PER_MS)[near].min())


@dataclass(frozen=True)
class Passage:
    """How speech came through."""

    delay_s: float  # mouth to ear
    stoi: float


def passage(said: Recording, heard: Recording, length_s: float, most_s: float) -> Passage:
    """The first `length_s` that both have; looks for delays up to `most_s`.

    Playout stretches time in quiet places when the link's jitter changes. That is no harm to an
    ear, but to STOI, which compares pieces of 0.4 s: each second is therefore aligned by itself.
    The delay is that of the middle one.
    """
    start_ms = max(said.starts_ms, heard.starts_ms)
    end_ms = start_ms + length_s * 1000
    spoken, come = said.cut(start_ms, end_ms), heard.cut(start_ms, end_ms + most_s * 1000)
    around_s = max(0.0, lag_s(spoken, come, RATE_HZ, most_s) - _STRETCH_S)
    late_s, pieces = _aligned(spoken, come[round(around_s * RATE_HZ) :])
    whole = np.concatenate(pieces)
    score = stoi(spoken[: len(whole)], whole, RATE_HZ)
    return Passage(round(around_s + float(np.median(late_s)), 3), round(float(score), 3))


def _aligned(spoken: Pcm, come: Pcm) -> tuple[list[float], list[Pcm]]:
    """How late each second of `spoken` is, and what was heard of it."""
    late_s, pieces = [], []
    piece, most = round(_PIECE_S * RATE_HZ), round(2 * _STRETCH_S * RATE_HZ)
    for start in range(0, len(spoken) - piece + 1, piece):
        ours = spoken[start : start + piece]
        theirs = come[start : start + piece + most]
        late_s.append(lag_s(ours, theirs, RATE_HZ, 2 * _STRETCH_S))
        pieces.append(theirs[round(late_s[-1] * RATE_HZ) :][:piece])
    return late_s, pieces
