"""How many earlier bundles go along with each, by the loss that the other end reports."""

from sotto_app.link.run import MAX_DEPTH

LOSS_STEPS = (0.01, 0.06, 0.18)  # from here on 1, 2, 3 earlier bundles
STEP_DOWN_S = 30.0
EARLIER_BYTES = 3  # kind, distance and a length of one byte


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


def affordable(bundle_bytes: int, rest_bytes: int, bundle_ms: float, budget_bps: float) -> int:
    """The greatest depth with which a packet each `bundle_ms` keeps to the budget.

    `rest_bytes` are those of the packet beside its bundles: all headers, tag. A budget of 0 is no
    limit. For a bundle of 128 bytes or more each length has one byte more.
    """
    if not budget_bps:
        return MAX_DEPTH
    spare = budget_bps * bundle_ms / 8000 - rest_bytes - bundle_bytes
    each = bundle_bytes + EARLIER_BYTES + (bundle_bytes >= 128)
    return max(0, min(MAX_DEPTH, int(spare // each)))
