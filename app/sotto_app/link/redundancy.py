"""How many earlier bundles go along with each, by the loss that the other end reports.

An earlier bundle more pays where it makes at least PAYS of all bundles heard. The d-th one is of
use once for each row of d or more packets that are lost; by chance that is p^d (1 - p) of them.
"""

from sotto_app.link.run import MAX_DEPTH

PAYS = 0.01
LOSS_STEPS = (0.01, 0.105, 0.235)  # from here on 1, 2, 3 earlier bundles pay
STEP_DOWN_S = 30.0


class Redundancy:
    """More at once, less by one step after 30 s of less loss."""

    def __init__(self, first: int = 0) -> None:
        """`first` is the depth until it is known what the link loses."""
        self._depth = first
        self._less_since: float | None = None

    def update(self, loss_share: float, now: float, most: int = MAX_DEPTH) -> int:
        """The depth that this report calls for, but `most` where the budget has no room."""
        wanted = sum(loss_share >= step for step in LOSS_STEPS)
        if wanted >= self._depth:
            self._depth, self._less_since = wanted, None
        elif self._less_since is None:
            self._less_since = now
        elif now - self._less_since >= STEP_DOWN_S:
            self._depth, self._less_since = self._depth - 1, now
        return min(self._depth, most)
