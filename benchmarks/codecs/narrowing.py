"""The clean figures of those sentences only that also met loss: else two sets are compared."""

from collections.abc import Mapping
from dataclasses import replace

from benchmarks.codecs.results import Cell, Run, SystemResult
from benchmarks.codecs.statistics import summary

CLEAN = "clean"


def beside_loss(run: Run) -> Run:
    """`run` with its clean condition cut down to the sentences of the first one with loss."""
    clean = next((it for it in run.conditions if it.name == CLEAN), None)
    lossy = next((it for it in run.conditions if it.loss > 0), None)
    if not clean or not lossy:
        return run
    places = [place for place, it in enumerate(clean.sentences) if it in lossy.sentences]
    narrow = replace(clean, sentences=tuple(clean.sentences[place] for place in places))
    return replace(
        run,
        conditions=tuple(narrow if it is clean else it for it in run.conditions),
        systems=tuple(_narrowed(system, places) for system in run.systems),
    )


def _narrowed(system: SystemResult, places: list[int]) -> SystemResult:
    if CLEAN not in system.scores:
        return system
    cells = {key: _cut(cell, places) for key, cell in system.scores[CLEAN].items()}
    scores: Mapping[str, Mapping[str, Cell]] = {**system.scores, CLEAN: cells}
    return replace(system, scores=scores)


def _cut(cell: Cell, places: list[int]) -> Cell:
    values = tuple(cell.values[place] for place in places)
    weights = tuple(cell.weights[place] for place in places) if cell.weights else None
    return Cell(values, weights, summary(values, weights), cell.words)
