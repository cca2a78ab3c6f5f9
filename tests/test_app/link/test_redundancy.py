"""Depth of redundancy: up at once, down slowly, never past the budget."""

import pytest

from sotto_app.link.redundancy import LOSS_STEPS, PAYS, Redundancy


@pytest.mark.parametrize(
    ("loss", "depth"),
    [(0, 0), (0.009, 0), (0.01, 1), (0.104, 1), (0.105, 2), (0.234, 2), (0.235, 3), (1, 3)],
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
    redundancy.update(0.2, 0.0)
    redundancy.update(0.0, 5.0)
    assert redundancy.update(0.11, 30.0) == 2
    assert redundancy.update(0.0, 36.0) == 2
    assert redundancy.update(0.0, 66.0) == 1


@pytest.mark.parametrize("most", range(4))
def test_the_budget_limits_and_is_not_remembered(most: int) -> None:
    redundancy = Redundancy()
    assert redundancy.update(0.5, 0.0, most) == most
    assert redundancy.update(0.5, 1.0) == 3


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_steps_are_where_one_bundle_more_makes_one_in_a_hundred_heard(depth: int) -> None:
    loss = LOSS_STEPS[depth - 1]
    assert loss**depth * (1 - loss) == pytest.approx(PAYS, rel=0.02)
