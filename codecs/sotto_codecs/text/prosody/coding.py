"""Prosody as a few bits behind the words, and back.

    density 1 bit | per word: pause, duration | pitch, by cosines | loudness, likewise

In the arithmetic code that the words are in (text/coding/arithmetic.py), under static tables
(tables.py): both ends have the words by then, and nothing says where it ends.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from sotto_codecs.text.coding.words import Weights
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.prosody.curves import (
    LARGEST,
    Curve,
    Grain,
    coefficients,
    count,
    drawn,
    rank,
)
from sotto_codecs.text.prosody.measuring import Prosody
from sotto_codecs.text.prosody.tables import DENSITIES, Density, Row, Tables, density, shipped
from sotto_codecs.text.prosody.timing import Pace, Shape, shapes, spread

MOST_TICKS = 31  # of a word, of a pause
LEAST_PAUSE_S = 0.06  # shorter ones belong to the words
USUAL_ST = 2.24  # how far the pitch of a phrase strays from its mean
MOST_STEPS = 6000  # of a curve: a minute


class Sink(Protocol):
    """A Recorder, or what counts in its place."""

    def choose(self, weights: Weights, wanted: int) -> int: ...
    def uniform(self, count: int, wanted: int) -> int: ...


class Source(Protocol):
    """A Reader, or what knows better."""

    def choose(self, weights: Weights) -> int: ...
    def uniform(self, count: int) -> int: ...


def write(prosody: Prosody, how: str, sink: Sink) -> None:
    """`how` is "sparse" or "dense". Raises BadSettings."""
    chosen = density(how)
    sink.uniform(len(DENSITIES), DENSITIES.index(chosen))
    put(prosody, chosen, shipped(how), sink)


def read(source: Source, words: Sequence[str]) -> Prosody:
    """What was written for the same words. Raises BadFrame."""
    chosen = DENSITIES[source.uniform(len(DENSITIES))]
    tables = shipped(chosen.name)
    spans, ticks = _take_times(shapes(words), chosen, tables, source)
    pitch = _take_curve(_steps(ticks, chosen), chosen.pitch, tables.pitch, source)
    level = _take_curve(_steps(ticks, chosen), chosen.level, tables.level, source)
    timed = zip(words, spans, strict=True)
    return Prosody(tuple(Word(it, *span) for it, span in timed), pitch, level)


def put(prosody: Prosody, chosen: Density, tables: Tables, sink: Sink) -> None:
    """All but the density."""
    steps = _steps(_put_times(prosody.words, chosen, tables, sink), chosen)
    pitch = _against_its_range(chosen.pitch, prosody.pitch)
    _put_curve(prosody.pitch, steps, pitch, tables.pitch, sink)
    _put_curve(prosody.level, steps, chosen.level, tables.level, sink)


def _put_times(words: Sequence[Word], chosen: Density, tables: Tables, sink: Sink) -> int:
    """The tick at which the last word ends."""
    pace, now, ended_s, tick_s = Pace(tables.word_ms, chosen.tick_ms), 0, 0.0, chosen.tick_ms / 1000
    for index, shape in enumerate(shapes([word.text for word in words])):
        word = words[index]
        paused = word.start_s - ended_s > LEAST_PAUSE_S
        pause = max(round(word.start_s / tick_s) - now, 0) if paused else 0
        now += sink.choose(tables.pause[index > 0].weights, min(pause, MOST_TICKS))
        row = tables.duration[pace.table(shape)]
        wanted = _duration(word.end_s / tick_s - now, row, chosen.thrift)
        ticks = sink.choose(row.weights, wanted)
        pace.heard(shape, ticks)
        now += ticks
        ended_s = word.end_s
    return now


def _duration(wanted: float, row: Row, thrift: float) -> int:
    """In ticks: the cheaper of two that are nearly as good."""
    options = {min(max(0, int(wanted) + more), MOST_TICKS) for more in (0, 1)}
    return min(options, key=lambda it: ((it - wanted) ** 2 + thrift * row.bits[it], it))


def _take_times(
    words: Sequence[Shape], chosen: Density, tables: Tables, source: Source
) -> tuple[list[tuple[float, float]], int]:
    """Seconds of each word, and the tick at which the last one ends."""
    pace, now, spans = Pace(tables.word_ms, chosen.tick_ms), 0, list[tuple[int, int]]()
    for index, shape in enumerate(words):
        start = now + source.choose(tables.pause[index > 0].weights)
        ticks = source.choose(tables.duration[pace.table(shape)].weights)
        pace.heard(shape, ticks)
        now = start + ticks
        spans.append((start, now))
    expected_ms = [pace.expected_ms(shape) for shape in words]
    return spread(spans, expected_ms, chosen.tick_ms / 1000), now


def _against_its_range(grain: Grain, pitch: Curve) -> Grain:
    """A quiet melody deserves bits that a lively one does not. Only the sender needs to know."""
    voiced = pitch.values[pitch.weights > 0]
    strays = float(np.var(voiced)) / USUAL_ST**2 if len(voiced) else 1.0
    return replace(grain, thrift=grain.thrift * min(max(strays, 0.05), 1.5))


def _put_curve(curve: Curve, steps: int, grain: Grain, rows: Sequence[Row], sink: Sink) -> None:
    def cost(index: int, value: int) -> float:
        return rows[rank(index, steps)].bits[value + LARGEST]

    for index, value in enumerate(coefficients(curve, steps, grain, cost)):
        sink.choose(rows[rank(index, steps)].weights, value + LARGEST)


def _take_curve(steps: int, grain: Grain, rows: Sequence[Row], source: Source) -> Curve:
    taken = (source.choose(rows[rank(it, steps)].weights) for it in range(count(steps, grain)))
    return drawn([it - LARGEST for it in taken], steps, grain)


def _steps(ticks: int, chosen: Density) -> int:
    return min(ticks * chosen.tick_ms // 10, MOST_STEPS)
