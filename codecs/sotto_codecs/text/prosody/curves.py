"""A smooth curve through a phrase as a few cosines, each worth its bits.

Pitch and loudness are curves of one value per STEP_S. What is sent is a discrete cosine transform
that skips the frames without a value (pauses; for pitch whatever has no voice): coefficients are
chosen one after the other against what the others leave, weighing error against bits.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

STEP_S = 0.01
PER_S = 100  # steps
MOST = 96  # cosines: a phrase of 16 s; a longer one is smoother
PASSES = 3
LARGEST = 12  # coefficients are -LARGEST to LARGEST steps

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """Where a weight is 0 there is no value."""

    values: Values
    weights: Values


@dataclass(frozen=True, slots=True)
class Grain:
    """How finely a curve is sent."""

    step: float  # of a coefficient, in the unit of the curve
    cosines_per_s: int
    thrift: float  # the mean squared error over a second that a bit must spare


def count(span: int, grain: Grain) -> int:
    """Of cosines, for a phrase of so many steps."""
    return min(MOST, max(2, -(-span * grain.cosines_per_s // PER_S)))


def cosines(times: npt.NDArray[np.floating], span: int, number: int) -> Values:
    """Shape (len(times), number); `times` in steps, held to [0, span]. Mean square 1 over span."""
    angle = np.pi * np.clip(times / max(span, 1), 0, 1)
    waves: Values = np.cos(np.outer(angle, np.arange(number)))
    waves[:, 1:] *= np.sqrt(2)
    return waves


def rank(index: int, span: int) -> int:
    """Which table a coefficient has: the first three their own, the others by their frequency in
    steps of 0.5 Hz."""
    return index if index < 3 else 3 + min(index * PER_S // max(span, 1), RANKS - 4)


RANKS = 10

Cost = Callable[[int, int], float]  # bits of a coefficient: (index, steps)


def coefficients(curve: Curve, span: int, grain: Grain, cost: Cost) -> list[int]:
    """In steps of the grain."""
    number = count(span, grain)
    times = np.arange(len(curve.values)) + 0.5
    waves = cosines(times, span, number) * np.sqrt(curve.weights)[:, None]
    left = curve.values * np.sqrt(curve.weights)
    chosen = [0] * number
    for _ in range(PASSES):
        for index in range(number):
            _improve(chosen, index, waves[:, index], left, _Price(span, grain, cost))
    return chosen


@dataclass(frozen=True, slots=True)
class _Price:
    span: int
    grain: Grain
    cost: Cost

    def of(self, index: int, steps: int, distance: float, power: float) -> float:
        """The error that is left, and the bits at their worth."""
        error = power * (distance * self.grain.step) ** 2
        return error + self.grain.thrift * self.cost(index, steps) * PER_S / max(self.span, 1)


def _improve(chosen: list[int], index: int, wave: Values, left: Values, price: _Price) -> None:
    """One coefficient anew; `left`, what no coefficient has, changes with it."""
    power = float(wave @ wave) / max(len(wave), 1)
    if power < 1e-3:
        return
    step = price.grain.step
    wanted = chosen[index] + float(wave @ left) / len(wave) / power / step
    options = {0, int(np.floor(wanted)), int(np.ceil(wanted))}
    held = sorted(min(max(it, -LARGEST), LARGEST) for it in options)
    best = min(held, key=lambda steps: price.of(index, steps, wanted - steps, power))
    left -= wave * ((best - chosen[index]) * step)
    chosen[index] = best


def drawn(chosen: list[int], span: int, grain: Grain) -> Curve:
    """What the coefficients say."""
    waves = cosines(np.arange(span) + 0.5, span, len(chosen))
    return Curve(waves @ (np.asarray(chosen) * grain.step), np.ones(span))
