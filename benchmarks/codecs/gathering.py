"""What was found of one system, sentence by sentence, into its part of the report."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.codecs.conditions import Way
from benchmarks.codecs.results import Bits, Cell, Condition, Delay, Fault, Speed, SystemResult
from benchmarks.codecs.scoring import Marks
from benchmarks.codecs.statistics import summary
from benchmarks.codecs.system import System
from benchmarks.metrics import registry
from benchmarks.metrics.base import Score
from sotto_codecs.base import Codec

DIGITS = 4  # of a score, in the JSON


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """A string in the place of figures says why there are none."""

    system: System
    codec: Codec | None
    unavailable: str | None
    bits: Bits | str | None
    speed: Speed | str | None
    marks: Sequence[Marks]


def gathered(
    found: Found, conditions: Sequence[tuple[Way, Condition]], instruments: Sequence[str]
) -> SystemResult:
    system, marks = found.system, {mark.sentence: mark for mark in found.marks}
    return SystemResult(
        name=system.name,
        title=system.title,
        family=system.family,
        peer=system.is_peer,
        unavailable=found.unavailable,
        sample_rate_hz=found.codec.spec.sample_rate_hz if found.codec else None,
        delay=_delay(found, found.codec) if found.codec else None,
        bits=None if isinstance(found.bits, str) else found.bits,
        speed=None if isinstance(found.speed, str) else found.speed,
        scores={
            way.name: _cells(way, [marks.get(it) for it in condition.sentences], instruments)
            for way, condition in conditions
            if any(way.name in mark.packets for mark in found.marks)
        },
        lost={
            way.name: _lost(way, found.marks)
            for way, _ in conditions
            if way.loss and any(way.name in mark.packets for mark in found.marks)
        },
        faults=tuple(_faults(found)),
    )


def _cells(way: Way, marks: Sequence[Marks | None], instruments: Sequence[str]) -> dict[str, Cell]:
    """By the key of the measure; sentences are in the condition's order."""
    keys = [
        measure.key
        for instrument in instruments
        if way.kind in registry.INSTRUMENTS[instrument].conditions
        for measure in registry.measures(instrument)
    ]
    return {key: _cell([_score(mark, way.name, key) for mark in marks]) for key in keys}


def _score(mark: Marks | None, way: str, key: str) -> Score | str:
    scores = mark.scores.get(way) if mark else None
    return "it did not get through" if scores is None else scores.get(key, "no score")


def _cell(scores: Sequence[Score | str]) -> Cell:
    values = [None if isinstance(it, str) else round(it.value, DIGITS) for it in scores]
    weights = [0.0 if isinstance(it, str) else round(it.weight, DIGITS) for it in scores]
    uneven = any(weight not in (0.0, 1.0) for weight in weights)
    return Cell(
        values=tuple(values),
        weights=tuple(weights) if uneven else None,
        summary=summary(values, weights if uneven else None),
        words=_why([it for it in scores if isinstance(it, str)], len(scores)),
    )


def _why(reasons: list[str], of: int) -> str | None:
    """Why scores are missing, and how many where it is not all of them."""
    counted = Counter(reasons).most_common()
    if len(counted) == 1 and len(reasons) == of:
        return counted[0][0]
    return "; ".join(f"{count} of {of}: {why}" for why, count in counted) or None


def _delay(found: Found, codec: Codec) -> Delay:
    lags_s = [mark.found_s for mark in found.marks if mark.found_s is not None]
    per_ms = codec.spec.sample_rate_hz / 1000
    return Delay(
        promised_ms=codec.spec.delay_samples / per_ms,
        found_ms=1000 * median(lags_s) if lags_s else None,
        packet_ms=found.system.bundle_frames * codec.spec.frame_samples / per_ms,
    )


def _lost(way: Way, marks: Sequence[Marks]) -> float:
    pairs = [mark.packets[way.name] for mark in marks if way.name in mark.packets]
    return sum(lost for lost, _ in pairs) / max(1, sum(of for _, of in pairs))


def _faults(found: Found) -> list[Fault]:
    figures = [("bits", found.bits), ("speed", found.speed)]
    broken = [Fault(what, "", it) for what, it in figures if isinstance(it, str)]
    return broken + [
        Fault(condition, mark.sentence, words)
        for mark in found.marks
        for condition, words in mark.faults
    ]
