"""PESQ, wide and narrow band: how far the sound is from the original, on a scale of opinions.

It compares loudness over time and pitch, after an alignment of its own; it was made for waveform
codecs and the telephone. Generative codecs, which are right about the voice and wrong about the
wave, score lower than people would say.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, ClassVar

from benchmarks.metrics.base import RATE_HZ, Measure, NotApplicable, Score, Take

_NARROW_HZ = 8_000
_FLOOR = 1.0  # the lowest opinion, "bad": ITU-T P.800
_SHORTEST_S = 0.25  # the package's own bound


class Pesq:
    """ITU-T P.862.2 at 16 kHz and P.862 with the mapping of P.862.1 at 8 kHz.

    Narrow band is what a telephone carries, so both sounds pass through 8 kHz first: the package
    would also take 16 kHz there, but then hears above 4 kHz what no telephone transmits.
    """

    MEASURES: ClassVar[tuple[Measure, ...]] = (
        Measure("pesq_wb", "PESQ-WB", "MOS", "higher", _FLOOR, 4.64, 2),
        Measure("pesq_nb", "PESQ-NB", "MOS", "higher", _FLOOR, 4.55, 2),
    )

    def __init__(self) -> None:
        import pesq
        import soxr

        self._pesq: Callable[..., float] = pesq.pesq
        self._resample: Callable[..., Any] = soxr.resample
        self._no_speech: type[Exception] = pesq.NoUtterancesError

    @property
    def name(self) -> str:
        return f"pesq {version('pesq')} (ITU-T P.862.2, P.862.1)"

    def score(self, take: Take) -> Mapping[str, Score]:
        """A codec that emits silence gets the floor: left out of the mean it would gain by it."""
        if len(take.said) < _SHORTEST_S * RATE_HZ:
            raise NotApplicable(f"PESQ needs {_SHORTEST_S} s")
        if not take.said.any():
            raise NotApplicable("the original is silent")
        if not take.heard.any():
            return {measure.key: Score(_FLOOR) for measure in self.MEASURES}
        said, heard = (self._resample(pcm, RATE_HZ, _NARROW_HZ) for pcm in (take.said, take.heard))
        try:
            return {
                "pesq_wb": Score(self._pesq(RATE_HZ, take.said, take.heard, "wb")),
                "pesq_nb": Score(self._pesq(_NARROW_HZ, said, heard, "nb")),
            }
        except self._no_speech:
            raise NotApplicable("PESQ finds no speech in the original") from None
