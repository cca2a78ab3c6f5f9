"""Counts bits by kind, over the last second and since the start."""

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """Bytes of one or many packets, by kind. Who does not know the headers of the layers below
    apart from ours counts both in `header`."""

    payload: int = 0
    header: int = 0
    control: int = 0
    redundancy: int = 0
    below: int = 0
    cryptography: int = 0

    @property
    def total(self) -> int:
        return sum(self.by_kind.values())

    @property
    def by_kind(self) -> dict[str, int]:
        """As users are shown it: `header` with those of the layers below."""
        return {
            "payload": self.payload,
            "header": self.header + self.below,
            "control": self.control,
            "redundancy": self.redundancy,
            "cryptography": self.cryptography,
        }

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.payload + other.payload,
            self.header + other.header,
            self.control + other.control,
            self.redundancy + other.redundancy,
            self.below + other.below,
            self.cryptography + other.cryptography,
        )


def cost_of(datagram: bytes, payload_bytes: int, below_bytes: int) -> Cost:
    """Of a media packet, `below_bytes` being the headers of the layers below."""
    return Cost(payload_bytes, below_bytes + len(datagram) - payload_bytes)


class Meter:
    """One direction of one link. `window_s` is the span of the rates."""

    def __init__(self, window_s: float = 1.0) -> None:
        self.window_s = window_s
        self.total = Cost()
        self.packets = 0
        self._recent: deque[tuple[float, Cost]] = deque()

    def add(self, cost: Cost, now: float) -> None:
        self.total += cost
        self.packets += 1
        self._recent.append((now, cost))
        self._forget(now)

    def recent(self, now: float) -> tuple[Cost, int]:
        """Bytes by kind and number of packets within the window before `now`."""
        self._forget(now)
        return sum((cost for _, cost in self._recent), Cost()), len(self._recent)

    def _forget(self, now: float) -> None:
        while self._recent and self._recent[0][0] <= now - self.window_s:
            self._recent.popleft()
