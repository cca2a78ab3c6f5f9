"""Depth of redundancy: up at once, down slowly, never past the budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_app.link.redundancy import Redundancy, affordable


@pytest.mark.parametrize(
    ("loss", "depth"),
    [(0, 0), (0.009, 0), (0.01, 1), (0.059, 1), (0.06, 2), (0.179, 2), (0.18, 3), (1, 3)],
)
def test_loss_calls_for_a_depth_at_once(loss: float, depth: int) -> None:
    assert Redundancy().update(loss, 0.0) == depth


def test_one_step_down_after_thirty_seconds_of_less() -> None:
    redundancy = Redundancy()
    redundancy.update(0.3, 0.0)
    assert [redundancy.update(0.0, 5.0 * i) for i in range(1, 21)] == (
        [3] * 6 + [2] * 6 + [1] * 6 + [0] * 2
    )


def test_a_relapse_starts_the_thirty_seconds_anew() -> None:
    redundancy = Redundancy()
    redundancy.update(0.1, 0.0)
    redundancy.update(0.0, 5.0)
    assert redundancy.update(0.07, 30.0) == 2
    assert redundancy.update(0.0, 36.0) == 2
    assert redundancy.update(0.0, 66.0) == 1


@pytest.mark.parametrize("most", range(4))
def test_the_budget_limits_and_is_not_remembered(most: int) -> None:
    redundancy = Redundancy()
    assert redundancy.update(0.5, 0.0, most) == most
    assert redundancy.update(0.5, 1.0) == 3


@given(st.integers(1, 300), st.integers(0, 60), st.floats(20, 2000), st.floats(100, 9000))
def test_what_is_affordable_keeps_to_the_budget(
    bundle_bytes: int, rest_bytes: int, bundle_ms: float, budget_bps: float
) -> None:
    depth = affordable(bundle_bytes, rest_bytes, bundle_ms, budget_bps)

    def rate_bps(depth: int) -> float:
        each = bundle_bytes + (3 if bundle_bytes < 128 else 4)
        return (rest_bytes + bundle_bytes + depth * each) * 8000 / bundle_ms

    assert depth == 0 or rate_bps(depth) <= budget_bps * 1.000001
    assert depth == 3 or rate_bps(depth + 1) > budget_bps * 0.999999


def test_no_budget_is_no_limit() -> None:
    assert affordable(100, 45, 20, 0) == 3
