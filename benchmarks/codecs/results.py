"""What a run of the judge found: the shape of its JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.metrics.base import Measure
from benchmarks.report import Machine, Stored

SCHEMA = 1
ORIGINAL = "original"  # the system that changes nothing: its row is the ceiling


@dataclass(frozen=True, slots=True)
class Sentence:
    """`id` is the manifest's path; the same id in two runs is the same sentence."""

    id: str
    speaker: str
    seconds: float
    transcript: str
    licence: str


@dataclass(frozen=True, slots=True)
class Material:
    name: str  # "flite's voices" where no recorded speech was there
    synthetic: bool
    level_dbfs: float
    seed: int
    sentences: tuple[Sentence, ...]
    faults: tuple[str, ...]  # sentences of the manifest that could not be read, and why


@dataclass(frozen=True, slots=True)
class Condition:
    """What happened to the sound or to the packets on the way."""

    name: str  # clean, noisy, loss-5, burst-5, ...
    words: str
    loss: float  # share of the packets
    mean_outage_ms: float  # 0 where each packet has its own luck
    sentences: tuple[str, ...]  # ids, in the order of all values


@dataclass(frozen=True, slots=True)
class Summary:
    """The weighted mean over sentences and its bootstrapped 95 % interval."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One system, one condition, one measure. `values` has None where a sentence has no score.

    `summary` is None where there is no score at all; `words` says why, or which are missing.
    """

    values: tuple[float | None, ...]
    weights: tuple[float, ...] | None  # None: all 1
    summary: Summary | None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """Of the codec alone: coder and decoder back to back. `found_ms` is the median."""

    promised_ms: float
    found_ms: float | None  # None where the sound has another timing
    packet_ms: float  # what bundling adds before the first sample can leave


@dataclass(frozen=True, slots=True)
class Bits:
    """Counted from the bytes of packets, over `seconds` of speech without a pause.

    `wall` is speech with the pauses of a conversation; `wire` has all headers. One-off bits (a
    timbre card) are apart from all others.
    """

    seconds: float
    promised_bps: float
    talk_bps: float
    wall_bps: float
    wire_talk_bps: float
    wire_wall_bps: float
    header_bytes: int  # of each packet
    packet_ms: float
    one_off_bits: float
    one_off_bps: float  # spread over a minute
    broken: bool  # more than promised by 1 % or more, in the worst minute


@dataclass(frozen=True, slots=True)
class Steps:
    """Time per frame, in one direction, on one thread."""

    rtf: float
    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Speed:
    encode: Steps
    decode: Steps
    cold_start_s: float  # from the start of a process to the first decoded frame
    peak_memory_mb: float  # of a process that does nothing else
    bare_memory_mb: float  # of it without the codec: Python, numpy, the measurement


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that could not be filled because something broke."""

    condition: str
    sentence: str  # id, or "" for all
    words: str


@dataclass(frozen=True, slots=True)
class SystemResult:
    name: str
    title: str
    family: str
    peer: bool
    unavailable: str | None  # why it could not run here; all else is then empty
    sample_rate_hz: int | None
    delay: Delay | None
    bits: Bits | None
    speed: Speed | None
    scores: Mapping[str, Mapping[str, Cell]]  # by condition, then by the measure's key
    lost: Mapping[str, float]  # by condition: the share of packets that was really lost
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """`measures` are keys. `missing` is why it could not run; `notes` go under the table."""

    key: str
    name: str
    measures: tuple[str, ...]
    missing: str | None
    required: bool  # asked for, or part of the bench extra: missing makes the run fail


@dataclass(frozen=True, slots=True)
class Run(Stored):
    schema: int
    started: str  # ISO 8601, UTC
    seconds: float
    command: str
    machine: Machine
    load_average_before: float
    material: Material
    conditions: tuple[Condition, ...]
    measures: tuple[Measure, ...]
    instruments: tuple[Instrument, ...]
    systems: tuple[SystemResult, ...]

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), separators=(",", ":")) + "\n")

    @property
    def faults(self) -> list[str]:
        """What went wrong, in words; the exit code is 1 where there is any."""
        missing = [*self.material.faults] + [
            f"{it.key}: {it.missing}" for it in self.instruments if it.missing and it.required
        ]
        return missing + [
            f"{system.name}, {fault.condition}{f', {fault.sentence}' if fault.sentence else ''}: "
            f"{fault.words}"
            for system in self.systems
            for fault in system.faults
        ]
