"""The table of instruments. Loading is on demand: an entry costs nothing until it measures."""

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from math import isfinite
from pkgutil import resolve_name
from typing import Literal

from benchmarks.metrics.base import (
    Instrument,
    InstrumentMissing,
    Measure,
    NotApplicable,
    Score,
    Take,
)

Kind = Literal["clean", "noisy", "loss"]
EVERYWHERE: frozenset[Kind] = frozenset({"clean", "noisy", "loss"})
NO_LOSS: frozenset[Kind] = frozenset({"clean", "noisy"})


@dataclass(frozen=True, slots=True)
class Entry:
    """`conditions` are the kinds in which the instrument is worth its time."""

    target: str  # "module:Class"
    extra: Literal["bench", "torch"]  # what installs it: pip install '.[bench]'
    needs_timing: bool  # lays what was heard over what was said
    conditions: frozenset[Kind]


INSTRUMENTS: dict[str, Entry] = {
    "pesq": Entry("benchmarks.metrics.pesq:Pesq", "bench", True, EVERYWHERE),
    "stoi": Entry("benchmarks.metrics.stoi:Stoi", "bench", True, EVERYWHERE),
    "dnsmos": Entry("benchmarks.metrics.dnsmos:Dnsmos", "bench", False, NO_LOSS),
    "plcmos": Entry("benchmarks.metrics.plcmos:Plcmos", "bench", False, frozenset({"loss"})),
    "nisqa": Entry("benchmarks.metrics.nisqa:Nisqa", "torch", False, NO_LOSS),
    "words": Entry("benchmarks.metrics.words:Words", "bench", False, NO_LOSS),
    "likeness": Entry(
        "benchmarks.metrics.likeness:Likeness", "torch", False, frozenset({"clean", "loss"})
    ),
    "pitch": Entry("benchmarks.metrics.pitch:Pitch", "bench", True, frozenset({"clean"})),
}


def load(key: str, options: Mapping[str, object] | None = None) -> Instrument:
    """The instrument `key`, built with `options`: keyword arguments of its constructor.

    Raises KeyError for an unknown key, TypeError for an option that it does not take,
    InstrumentMissing where a package or a file is not here.
    """
    entry = INSTRUMENTS[key]
    instrument = resolve_name(entry.target)
    signature(instrument).bind(**(options or {}))
    try:
        loaded: Instrument = instrument(**(options or {}))
    except ImportError as fault:
        raise InstrumentMissing(f"{fault}; pip install '.[{entry.extra}]'") from fault
    return loaded


def measures(key: str) -> tuple[Measure, ...]:
    """The columns that `key` fills, without loading what measures. Raises KeyError."""
    columns: tuple[Measure, ...] = resolve_name(INSTRUMENTS[key].target).MEASURES
    return columns


def score(entry: Entry, instrument: Instrument, take: Take) -> Mapping[str, Score]:
    """By the key of the measure. Raises NotApplicable; ValueError for what is no number."""
    if entry.needs_timing and not take.same_timing:
        raise NotApplicable("spoken anew, with its own timing")
    scores = instrument.score(take)
    for key, found in scores.items():
        if not isfinite(found.value) or not isfinite(found.weight):
            raise ValueError(f"{key} of {instrument.name} is {found.value}, which is no score")
    return scores
