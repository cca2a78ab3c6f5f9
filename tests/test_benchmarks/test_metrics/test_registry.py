"""The table of instruments: light to read, and strict about what comes out."""

import subprocess
import sys
from collections.abc import Mapping
from math import inf, nan
from typing import ClassVar

import numpy as np
import pytest

from benchmarks.metrics import registry
from benchmarks.metrics.base import InstrumentMissing, Measure, NotApplicable, Score, Take
from sotto_codecs.base import Pcm

EVERY_COLUMN = """
import sys
from benchmarks.metrics import registry
for key in registry.INSTRUMENTS:
    registry.measures(key)
heavy = ("torch", "onnxruntime", "pesq", "pystoi", "scipy", "pyworld", "pocketsphinx", "librosa")
print(*(name for name in heavy if name in sys.modules))
"""


class Planted:
    """Says what it was told to say."""

    MEASURES: ClassVar[tuple[Measure, ...]] = ()
    name = "planted 1.0"

    def __init__(self, value: float) -> None:
        self._value = value

    def score(self, take: Take) -> Mapping[str, Score]:
        return {"planted": Score(self._value, weight=float(len(take.said)))}


class NeedsAbsentPackage:
    MEASURES: ClassVar[tuple[Measure, ...]] = ()

    def __init__(self) -> None:
        import a_package_that_nobody_has  # type: ignore[import-not-found]  # noqa: F401  # on purpose


def entry(target: str = "Planted", needs_timing: bool = False) -> registry.Entry:
    return registry.Entry(f"{__name__}:{target}", "torch", needs_timing, registry.EVERYWHERE)


def test_all_columns_are_known_without_loading_anything_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", EVERY_COLUMN],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split() == []


def test_no_two_instruments_fill_one_column_and_every_scale_has_two_ends() -> None:
    columns = [column for key in registry.INSTRUMENTS for column in registry.measures(key)]
    keys = [column.key for column in columns]
    assert len(keys) == len(set(keys))
    for column in columns:
        assert (column.best > column.worst) == (column.better == "higher"), column


@pytest.mark.parametrize("key", ["pesq", "stoi", "dnsmos", "plcmos"])
def test_what_the_bench_extra_installs_fills_its_columns(key: str, sentence: Pcm) -> None:
    instrument = registry.load(key)
    found = registry.score(
        registry.INSTRUMENTS[key], instrument, Take(sentence, sentence, "planks")
    )
    assert list(found) == [column.key for column in registry.measures(key)]
    for column in registry.measures(key):
        assert column.worst <= found[column.key].value <= column.best + 0.01, column


def test_a_missing_package_is_told_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    monkeypatch.setitem(registry.INSTRUMENTS, "absent", entry("NeedsAbsentPackage"))
    with pytest.raises(InstrumentMissing, match=r"nobody_has.*pip install '\.\[torch\]'$"):
        registry.load("absent")


def test_an_option_that_no_constructor_takes_is_an_error() -> None:
    with pytest.raises(TypeError, match="weights"):
        registry.load("pesq", {"weights": "here"})


def test_speech_with_another_timing_is_laid_over_nothing(sentence: Pcm) -> None:
    anew = Take(sentence, sentence, "", same_timing=False)
    with pytest.raises(NotApplicable, match="its own timing"):
        registry.score(entry(needs_timing=True), Planted(1.0), anew)
    assert registry.score(entry(), Planted(1.0), anew)["planted"].value == 1.0


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_score_that_is_no_number_is_an_error_with_its_name(value: float) -> None:
    take = Take(np.ones(1, np.float32), np.ones(1, np.float32), "")
    with pytest.raises(ValueError, match="planted of planted 1.0"):
        registry.score(entry(), Planted(value), take)
