"""NISQA v2: quality of transmitted speech and four of its dimensions, from the sound alone.

Its weights are CC BY-NC-SA 4.0: for measuring only, never a part of the product. Trained on calls
up to 48 kHz, so that sound at 16 kHz scores lower than people would say at a wideband call.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, ClassVar

import numpy as np

from benchmarks.metrics.base import RATE_HZ, InstrumentMissing, Measure, NotApplicable, Score, Take
from sotto_codecs.base import Pcm

_FILE = "nisqa.tar"
_SHORTEST_S = 0.3  # one window of its spectrogram, 4096 samples, and a little
_LONGEST_S = 50.0  # 1300 segments, 40 ms apart
_MEND = (
    f"NISQA v2 needs its weights, {_FILE} (CC BY-NC-SA 4.0, measuring only): from "
    "github.com/gabrielmittag/NISQA, folder weights; then --nisqa FOLDER"
)


class Nisqa:
    """Mittag et al., Interspeech 2021, as torchmetrics computes it."""

    MEASURES: ClassVar[tuple[Measure, ...]] = tuple(
        Measure(f"nisqa_{key}", f"NISQA {title}", "MOS", "higher", 1.0, 5.0, 2)
        for key, title in (  # in the order of the model's output
            ("mos", "MOS"),
            ("noisiness", "noisiness"),
            ("discontinuity", "discontinuity"),
            ("coloration", "coloration"),
            ("loudness", "loudness"),
        )
    )

    def __init__(self, weights: Path | None = None) -> None:
        """`weights` is the folder with nisqa.tar. Raises InstrumentMissing, ImportError."""
        if weights is None or not (weights / _FILE).is_file():
            raise InstrumentMissing(f"{_FILE} is not in {weights}: {_MEND}" if weights else _MEND)
        import torch
        from torchmetrics.functional.audio import nisqa

        # For the whole process: two threads on a machine that does something else take longer.
        torch.set_num_threads(1)
        self._tensor: Callable[[Pcm], Any] = torch.from_numpy
        self._model: Callable[[Any, int], Any] = nisqa.non_intrusive_speech_quality_assessment
        try:
            self._load(nisqa, weights)
        except (RuntimeError, KeyError, UnpicklingError) as fault:
            raise InstrumentMissing(f"{weights / _FILE} is broken: {_MEND}") from fault

    def _load(self, nisqa: Any, weights: Path) -> None:
        """torchmetrics knows one folder, in the home, and fetches what is not there: show it ours
        for as long as it loads, which it does once per process and at the first sound."""
        nisqa._load_nisqa_model.cache_clear()
        home, nisqa.NISQA_DIR = nisqa.NISQA_DIR, str(weights.resolve())
        try:
            self._model(self._tensor(np.zeros(RATE_HZ, np.float32)), RATE_HZ)
        finally:
            nisqa.NISQA_DIR = home

    @property
    def name(self) -> str:
        return f"NISQA v2 (torchmetrics {version('torchmetrics')})"

    def score(self, take: Take) -> Mapping[str, Score]:
        seconds = len(take.heard) / RATE_HZ
        if not _SHORTEST_S <= seconds <= _LONGEST_S:
            raise NotApplicable(f"NISQA takes {_SHORTEST_S} to {_LONGEST_S} s, not {seconds:.1f}")
        opinions = self._model(self._tensor(take.heard.copy()), RATE_HZ).tolist()
        keys = (measure.key for measure in self.MEASURES)
        return {key: Score(value) for key, value in zip(keys, opinions, strict=True)}
