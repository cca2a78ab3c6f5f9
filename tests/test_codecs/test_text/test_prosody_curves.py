import numpy as np
import pytest

from sotto_codecs.text.prosody.curves import (
    LARGEST,
    MOST,
    RANKS,
    Curve,
    Grain,
    Values,
    coefficients,
    count,
    drawn,
    rank,
)

GRAIN = Grain(0.5, 6, 0.0)


def free(index: int, steps: int) -> float:
    return 0.0


def melody(span: int) -> Values:
    times = np.arange(span) / span
    return np.asarray(3 * np.cos(np.pi * times) - 2 * np.sin(5 * times))


def test_a_smooth_curve_comes_back_within_the_grain() -> None:
    wanted = melody(300)
    curve = Curve(wanted, np.ones(300))
    again = drawn(coefficients(curve, 300, GRAIN, free), 300, GRAIN).values
    assert np.sqrt(np.mean((again - wanted) ** 2)) < 0.75


def test_what_has_no_value_does_not_matter() -> None:
    weights = np.ones(300)
    weights[100:160] = 0
    spoilt = np.where(weights > 0, melody(300), 1e3)
    whole, gapped = (
        coefficients(Curve(values, weights), 300, GRAIN, free) for values in (melody(300), spoilt)
    )
    assert whole == gapped


def test_dear_bits_leave_only_what_matters() -> None:
    curve = Curve(melody(300) + np.random.default_rng(1).normal(0, 1, 300), np.ones(300))
    cheap = coefficients(curve, 300, GRAIN, lambda index, steps: abs(steps))
    dear = coefficients(curve, 300, Grain(0.5, 6, 0.2), lambda index, steps: abs(steps))
    assert np.count_nonzero(dear) < np.count_nonzero(cheap)
    assert np.count_nonzero(dear)


@pytest.mark.parametrize("span", [0, 1, 7, 100, 6000])
def test_any_length_has_coefficients_within_bounds(span: int) -> None:
    curve = Curve(np.full(span, 1e6), np.ones(span))
    chosen = coefficients(curve, span, GRAIN, free)
    assert len(chosen) == count(span, GRAIN) <= MOST
    assert all(abs(it) <= LARGEST for it in chosen)
    assert all(0 <= rank(it, span) < RANKS for it in range(len(chosen)))
    assert len(drawn(chosen, span, GRAIN).values) == span


def test_nothing_voiced_is_a_flat_curve() -> None:
    assert not any(coefficients(Curve(melody(100), np.zeros(100)), 100, GRAIN, free))
