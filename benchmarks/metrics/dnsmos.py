"""DNSMOS P.835: what people would say of the voice, of the background and of the whole.

A network's guess from the sound alone. It was trained on noisy calls and noise suppression, not on
codecs: it cannot hear that a clean voice says other words or belongs to somebody else.
"""

from collections.abc import Mapping
from importlib.metadata import version
from typing import ClassVar

import numpy as np

from benchmarks.metrics.base import RATE_HZ, Measure, NotApplicable, Score, Take
from sotto_codecs.base import Pcm

_WINDOW_S = 9.01
_WINDOW = int(_WINDOW_S * RATE_HZ)
_MODEL = "dnsmos_models/sig_bak_ovr.onnx"
_MAPPINGS = (  # raw score to opinion, as in speechmos.dnsmos and the DNS challenge
    ("dnsmos_sig", (-0.08397278, 1.22083953, 0.0052439)),
    ("dnsmos_bak", (-0.13166888, 1.60915514, -0.39604546)),
    ("dnsmos_ovr", (-0.06766283, 1.11546468, 0.04602535)),
)


class Dnsmos:
    """Reddy et al., ICASSP 2022. The model is speechmos' own file; its P.808 model is left out,
    which takes librosa and half of the time. The figures are those of speechmos.dnsmos.run."""

    MEASURES: ClassVar[tuple[Measure, ...]] = (
        Measure("dnsmos_sig", "DNSMOS SIG", "MOS", "higher", 1.0, 5.0, 2),
        Measure("dnsmos_bak", "DNSMOS BAK", "MOS", "higher", 1.0, 5.0, 2),
        Measure("dnsmos_ovr", "DNSMOS OVR", "MOS", "higher", 1.0, 5.0, 2),
    )

    def __init__(self) -> None:
        from benchmarks.metrics.speechmos_model import session

        self._session = session(_MODEL)

    @property
    def name(self) -> str:
        return f"speechmos {version('speechmos')} (DNSMOS P.835)"

    def score(self, take: Take) -> Mapping[str, Score]:
        if not len(take.heard):
            raise NotApplicable("nothing was heard")
        raw = np.mean([self._opinions(window) for window in windows(take.heard)], axis=0)
        return {key: Score(float(value)) for (key, _), value in zip(_MAPPINGS, raw, strict=True)}

    def _opinions(self, window: Pcm) -> list[float]:
        raw = self._session.run(None, {"input_1": window[np.newaxis]})[0][0]
        return [
            float(np.polyval(mapping, value))
            for (_, mapping), value in zip(_MAPPINGS, raw, strict=True)
        ]


def windows(heard: Pcm) -> list[Pcm]:
    """Of 9.01 s, one every second; what is shorter is repeated, always in twos.

    Those from 7 to 23 s are missing, as in all published figures: their ends are rounded down, and
    a window that is one sample short is left out.
    """
    pcm = np.clip(heard, -1.0, 1.0).astype(np.float32)
    while len(pcm) < _WINDOW:
        pcm = np.concatenate([pcm, pcm])
    starts_s = range(max(1, len(pcm) // RATE_HZ - int(_WINDOW_S)))
    windows = [pcm[at * RATE_HZ : int((at + _WINDOW_S) * RATE_HZ)] for at in starts_s]
    return [window for window in windows if len(window) == _WINDOW]
