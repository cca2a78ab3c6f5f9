"""A link's budget in bits per second, kept to exactly.

In no window of 5 s, wherever it starts (half open), leave more bits than 5 s of budget, headers of
the layers below included. Datagrams are paced: one leaves only when the one before it would have
passed a line of the budget's rate. So the burst allowance is one datagram; and as with pacing alone
a window could hold that one too many, a datagram waits that the 5 s before it leave no room for.
"""

from collections import deque
from dataclasses import dataclass
from math import inf

WINDOW_S = 5.0
LINE_S = 1.0  # that a datagram of many items may take on the line
LARGEST_CONTROL_BYTES = 66  # a segment of the reliable stream: 63 bytes in a SIDE chunk


@dataclass(frozen=True, slots=True)
class Line:
    """What a link allows. `around_bytes` is the most that surrounds the chunks of a datagram: the
    layers below, counter and tag. `mtu_bytes` is the largest datagram, both included. A budget of
    0 is no limit. Raises ValueError for a budget too small for the largest control chunk.
    """

    budget_bps: float
    around_bytes: int
    mtu_bytes: int = 1280
    patience_s: float = 2.0  # how long media may wait

    def __post_init__(self) -> None:
        least = (self.around_bytes + LARGEST_CONTROL_BYTES) * 8 / WINDOW_S
        if self.budget_bps and self.budget_bps < least:
            raise ValueError(f"a budget of {self.budget_bps} bit/s is below {least:.0f}, the least")
        if self.mtu_bytes < self.around_bytes + LARGEST_CONTROL_BYTES:
            raise ValueError(f"datagrams of {self.mtu_bytes} bytes have no room for control")

    @property
    def window_bytes(self) -> float:
        return self.budget_bps * WINDOW_S / 8 if self.budget_bps else inf

    @property
    def room_bytes(self) -> float:
        """For the chunks of a datagram of many."""
        most = self.budget_bps * LINE_S / 8 if self.budget_bps else inf
        return min(self.mtu_bytes, most) - self.around_bytes

    @property
    def largest_bytes(self) -> float:
        """Of a bundle: the first one always finds room beside the first control chunk."""
        most = min(self.mtu_bytes, self.window_bytes)
        return most - self.around_bytes - LARGEST_CONTROL_BYTES

    def takes_s(self, size_bytes: float) -> float:
        return size_bytes * 8 / self.budget_bps if self.budget_bps else 0.0


class Spent:
    """What has left: the last 5 s to the byte, and until when the line is taken."""

    def __init__(self) -> None:
        self._line_free_s = -inf
        self._recent: deque[tuple[float, int]] = deque()  # until when it counts, bytes
        self._recent_bytes = 0

    def add(self, size_bytes: int, line: Line, now: float) -> None:
        self._forget(now)
        free_s = max(now, self._line_free_s) + line.takes_s(size_bytes)
        self._line_free_s = min(free_s, now + WINDOW_S)  # what waits for nothing may be too much
        self._recent.append((now + WINDOW_S, size_bytes))
        self._recent_bytes += size_bytes

    def correct(self, size_bytes: int, line: Line) -> None:
        """The last one was really of this size."""
        until_s, counted = self._recent.pop()
        self._recent.append((until_s, size_bytes))
        self._recent_bytes += size_bytes - counted
        self._line_free_s += line.takes_s(size_bytes - counted)

    def free_s(self, size_bytes: float, line: Line) -> float:
        """When a datagram of this size may leave."""
        free_s = self._line_free_s
        over = self._recent_bytes + size_bytes - line.window_bytes
        for until_s, counted in self._recent:
            if over <= 0:
                break
            over, free_s = over - counted, max(free_s, until_s)
        return free_s

    def left_bytes(self, line: Line, now: float) -> float:
        """What the 5 s before now leave of the budget."""
        self._forget(now)
        return line.window_bytes - self._recent_bytes

    def _forget(self, now: float) -> None:
        while self._recent and self._recent[0][0] <= now:
            self._recent_bytes -= self._recent.popleft()[1]
