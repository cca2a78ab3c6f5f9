"""PLCMOS: what people would say of the concealment of lost packets.

A network's guess from the sound alone, trained on concealed and broken wideband calls; a codec's
own colour counts little, so it is used under loss only.
"""

from collections.abc import Mapping
from importlib.metadata import version
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from benchmarks.metrics.base import Measure, NotApplicable, Score, Take
from sotto_codecs.base import Pcm

_MODEL = "plcmos_models/plcmos_v2.onnx"
_RATERS = 15  # the model takes a random number for a person; as many as speechmos draws
_RATER_SIZE = 64
_WINDOW = 512
_HOP = 256


class Plcmos:
    """PLCMOS v2: Diener et al., Interspeech 2023. The same raters hear every take, so that equal
    sounds score equally; speechmos draws them anew each time, which moves a score by .02."""

    MEASURES: ClassVar[tuple[Measure, ...]] = (
        Measure("plcmos", "PLCMOS", "MOS", "higher", 1.0, 5.0, 2),
    )

    def __init__(self) -> None:
        from benchmarks.metrics.speechmos_model import session

        self._session = session(_MODEL)
        drawn = np.random.default_rng(0).standard_normal((_RATERS, 1, _RATER_SIZE))
        self._raters = drawn.astype(np.float32)

    @property
    def name(self) -> str:
        return f"speechmos {version('speechmos')} (PLCMOS v2)"

    def score(self, take: Take) -> Mapping[str, Score]:
        if not len(take.heard):
            raise NotApplicable("nothing was heard")
        sound = _log_power(np.clip(take.heard, -1.0, 1.0))[np.newaxis, np.newaxis]
        opinions = [self._opinion(sound, rater) for rater in self._raters]
        return {"plcmos": Score(float(np.mean(opinions)))}

    def _opinion(self, sound: npt.NDArray[np.float32], rater: npt.NDArray[np.float32]) -> float:
        return float(self._session.run(None, {"degraded_audio": sound, "rater_embed": rater})[0])


def _log_power(pcm: Pcm) -> npt.NDArray[np.float32]:
    """(frames, bins), the input of the model: natural logarithm of the power, over 20.

    The first window ends after one hop and the last begins in the sound, as in speechmos.
    """
    frames = -(-(len(pcm) + _HOP) // _HOP)
    padded = np.zeros((frames - 1) * _HOP + _WINDOW)
    padded[_HOP : _HOP + len(pcm)] = pcm
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    power = np.abs(np.fft.rfft(windows * np.hamming(_WINDOW + 1)[:-1])) ** 2
    return np.asarray(np.log(np.where(power > 0, power, _least(power))) / 20, np.float32)


def _least(power: npt.NDArray[np.float64]) -> float:
    """What stands for no power at all: 120 dB below the least that there is."""
    return float(power[power > 0].min() * 1e-12) if power.any() else 1e-8
