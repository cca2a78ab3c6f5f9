"""How often each symbol of prosody comes, as training/text/prosody.py counted it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Self

import numpy as np

from sotto_codecs.errors import BadSettings
from sotto_codecs.text.coding.words import Weights
from sotto_codecs.text.prosody.curves import Grain

KINDS = ("pitch", "level", "pause", "duration")
FILE = "tables.json"


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """How often each symbol comes."""

    weights: Weights
    bits: tuple[float, ...]  # that each costs

    @classmethod
    def of(cls, frequencies: Sequence[int]) -> Self:
        """Each at least 1, else ValueError."""
        if min(frequencies) < 1:
            raise ValueError("a symbol that never comes cannot be sent")
        weights = np.array(frequencies, np.int64)
        return cls(weights, tuple(np.log2(weights.sum() / weights).tolist()))


@dataclass(frozen=True, slots=True)
class Density:
    """How much is sent of a phrase."""

    name: str
    tick_ms: int  # of the times of words
    thrift: float  # the squared error in ticks that a bit must spare
    pitch: Grain  # semitones
    level: Grain  # dB


DENSITIES = (
    Density("sparse", 250, 0.5, Grain(0.7, 6, 0.1), Grain(4.0, 2, 0.9)),
    Density("dense", 80, 0.05, Grain(0.6, 8, 0.03), Grain(2.0, 3, 0.15)),
)


@dataclass(frozen=True, slots=True)
class Tables:
    pitch: tuple[Row, ...]  # by the rank of the coefficient; symbols count from -LARGEST
    level: tuple[Row, ...]
    pause: tuple[Row, ...]  # before the first word, before any other; ticks
    duration: tuple[Row, ...]  # by Pace.table; ticks
    word_ms: tuple[int, ...]  # the weights of Pace


def density(name: str) -> Density:
    """Raises BadSettings."""
    for it in DENSITIES:
        if it.name == name:
            return it
    raise BadSettings(f"prosody is {' or '.join(it.name for it in DENSITIES)}, not {name!r}")


@cache
def shipped(name: str) -> Tables:
    text = files("sotto_codecs.text.prosody").joinpath(FILE).read_text(encoding="ascii")
    return parsed(json.loads(text)[name])


def parsed(table: Mapping[str, Sequence[Sequence[int]]]) -> Tables:
    kinds = {kind: tuple(map(Row.of, table[kind])) for kind in KINDS}
    return Tables(**kinds, word_ms=tuple(table["word_ms"][0]))
