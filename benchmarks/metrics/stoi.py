"""STOI and ESTOI: how much of the words gets through, from the envelopes of 15 thirds of an octave.

Both lay windows of 0.4 s over each other, so they see nothing of speech that was spoken anew.
"""

import warnings
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import ClassVar

from benchmarks.metrics.base import RATE_HZ, Measure, NotApplicable, Score, Take

_SHORTEST_S = 0.4  # one window: 30 frames of 256 samples at 10 kHz, half overlapped
_TOO_FEW = "Not enough STFT frames"  # the package then warns and returns 1e-5


class Stoi:
    """Taal et al., IEEE TASL 19 (2011); extended: Jensen and Taal, IEEE/ACM TASLP 24 (2016)."""

    MEASURES: ClassVar[tuple[Measure, ...]] = (
        Measure("stoi", "STOI", "", "higher", 0.0, 1.0, 3),
        Measure("estoi", "ESTOI", "", "higher", 0.0, 1.0, 3),
    )

    def __init__(self) -> None:
        from pystoi import stoi

        self._stoi: Callable[..., float] = stoi

    @property
    def name(self) -> str:
        return f"pystoi {version('pystoi')}"

    def score(self, take: Take) -> Mapping[str, Score]:
        if len(take.said) < _SHORTEST_S * RATE_HZ:
            raise NotApplicable(f"STOI needs {_SHORTEST_S} s")
        if not take.said.any():
            raise NotApplicable("the original is silent")
        with warnings.catch_warnings():
            warnings.filterwarnings("error", _TOO_FEW, RuntimeWarning)
            try:
                return {key: self._score(take, key == "estoi") for key in ("stoi", "estoi")}
            except RuntimeWarning:
                raise NotApplicable(f"STOI needs {_SHORTEST_S} s of speech") from None

    def _score(self, take: Take, extended: bool) -> Score:
        return Score(float(self._stoi(take.said, take.heard, RATE_HZ, extended=extended)))
