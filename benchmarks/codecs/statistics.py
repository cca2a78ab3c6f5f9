"""Means over sentences, how sure they are, and whether two of them differ.

Intervals are bootstrapped (Efron, "Bootstrap methods: another look at the jackknife", 1979): the
sentences are drawn again with replacement, and the middle 95 % of the means that come out is the
interval. It says how the figure would vary with other sentences like these, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.codecs.results import Cell, Summary

RESAMPLES = 2000
ENDS_PERCENT = (2.5, 97.5)
ENOUGH_SHARED = 0.5  # of the smaller run's sentences

Floats = npt.NDArray[np.float64]
Scored = Mapping[str, tuple[float, float]]  # id of a sentence: value, weight


@dataclass(frozen=True, slots=True)
class Change:
    """New minus old, and its 95 % interval. `paired`: over the `n` sentences that both have."""

    difference: float
    low: float
    high: float
    n: int
    paired: bool

    @property
    def is_sure(self) -> bool:
        """Larger than its interval. One sentence proves nothing."""
        return self.n > 1 and (self.low > 0 or self.high < 0)


def summary(
    values: Sequence[float | None], weights: Sequence[float] | None, seed: int = 0
) -> Summary | None:
    """None where no sentence has a value with a weight above 0.

    One sentence has no spread: its interval is the mean itself, and `n` tells that it means
    nothing.
    """
    held = _held(values, weights)
    if not len(held):
        return None
    drawn = _means(held, _draws(len(held), np.random.default_rng(seed)))
    low, high = np.percentile(drawn, ENDS_PERCENT)
    return Summary(_mean(held), float(low), float(high), len(held))


def scored(sentences: Sequence[str], cell: Cell) -> Scored:
    """The cell's values by the ids of the condition's sentences, without those that are missing."""
    weights = cell.weights or (1.0,) * len(cell.values)
    return {
        sentence: (value, weight)
        for sentence, value, weight in zip(sentences, cell.values, weights, strict=True)
        if value is not None and weight > 0
    }


def change(old: Scored, new: Scored, seed: int = 0) -> Change | None:
    """None where a side has no score.

    Paired where the two share enough sentences, which takes out what makes some sentences harder
    than others; else both sides are drawn on their own.
    """
    shared = [sentence for sentence in old if sentence in new]
    if not old or not new:
        return None
    rng = np.random.default_rng(seed)
    paired = len(shared) >= max(2, ENOUGH_SHARED * min(len(old), len(new)))
    before = np.array([old[it] for it in (shared if paired else old)], dtype=np.float64)
    after = np.array([new[it] for it in (shared if paired else new)], dtype=np.float64)
    draws = _draws(len(before), rng)
    differences = _means(after, draws if paired else _draws(len(after), rng)) - _means(
        before, draws
    )
    low, high = np.percentile(differences, ENDS_PERCENT)
    n = min(len(before), len(after))
    return Change(_mean(after) - _mean(before), float(low), float(high), n, paired)


def _held(values: Sequence[float | None], weights: Sequence[float] | None) -> Floats:
    pairs = zip(values, weights or (1.0,) * len(values), strict=True)
    held = [(value, weight) for value, weight in pairs if value is not None and weight > 0]
    return np.array(held, dtype=np.float64).reshape(-1, 2)


def _mean(held: Floats) -> float:
    return float(np.average(held[:, 0], weights=held[:, 1]))


def _draws(n: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    return rng.integers(0, n, (RESAMPLES, n))


def _means(held: Floats, draws: npt.NDArray[np.int64]) -> Floats:
    """The weighted mean of each row of draws."""
    value, weight = held[draws, 0], held[draws, 1]
    means: Floats = (value * weight).sum(axis=1) / weight.sum(axis=1)
    return means
