"""The seam of a metric: one sentence as it was said and as it was heard, to a few numbers.

A module of a metric imports its heavy libraries in the constructor only, so that the table of all
measures costs nothing. Instruments are loaded once per process; `score` keeps no state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from sotto_codecs.base import Pcm

RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of the report."""

    key: str  # "pesq_wb"
    title: str  # "PESQ-WB"
    unit: str  # "MOS", "%", or "" where it has none
    better: Literal["higher", "lower"]
    worst: float  # ends of the scale, for plots
    best: float
    digits: int  # behind the point, in tables


@dataclass(frozen=True, eq=False, slots=True)
class Take:
    """One sentence through one system. Both sounds are mono, at RATE_HZ, and equally long unless
    the timing is another."""

    said: Pcm  # the clean original, at the level of the run
    heard: Pcm  # what the system made of it, its delay taken out
    transcript: str
    same_timing: bool = True  # False: spoken anew, with its own pace; nothing can be laid over it


@dataclass(frozen=True, slots=True)
class Score:
    """Means are weighted: a rate of errors by its number of words or frames, all else by one."""

    value: float
    weight: float = 1.0


class NotApplicable(Exception):
    """This metric says nothing about this take; the message says why, for the table."""


class InstrumentMissing(Exception):
    """It cannot run here; the message ends with the command or the file that mends it."""


class Instrument(Protocol):
    """Constructed without arguments, or with those of its entry in the registry. Raises
    InstrumentMissing."""

    MEASURES: ClassVar[tuple[Measure, ...]]

    @property
    def name(self) -> str:
        """With the version of what does the measuring: "pesq 0.0.4 (ITU-T P.862.2)"."""

    def score(self, take: Take) -> Mapping[str, Score]:
        """By the key of the measure. Raises NotApplicable."""
