"""Puts packets with a sequence number back in order, and says which are lost."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from sotto_app.link.packet import JUMP, unwrap

Item = TypeVar("Item")

PATIENCE_PACKETS = 3  # later packets that may wait for a missing one


@dataclass(frozen=True, slots=True)
class Lost:
    """So many packets are missing here."""

    packets: int


class Reorder(Generic[Item]):
    """Gives packets on as soon as their order is clear: at once where nothing is missing."""

    def __init__(self, bits: int = 16) -> None:
        self._bits = bits
        self._next: int | None = None
        self._waiting: dict[int, Item] = {}

    def push(self, sequence: int, item: Item) -> list[Item | Lost]:
        """What can be given on now. Duplicates and packets after their turn are dropped."""
        if self._next is None:
            self._next = sequence
        sequence = unwrap(sequence, self._next, self._bits)
        if abs(sequence - self._next) > JUMP:
            self._waiting.clear()
            self._next = sequence
        if sequence >= self._next:
            self._waiting.setdefault(sequence, item)
        ready = self._in_order()
        if len(self._waiting) >= PATIENCE_PACKETS:
            ready += self.give_up()
        return ready

    def give_up(self) -> list[Item | Lost]:
        """Wait no longer for what is missing."""
        if not self._waiting or self._next is None:
            return []
        first = min(self._waiting)
        lost: list[Item | Lost] = [Lost(first - self._next)]
        self._next = first
        return lost + self._in_order()

    def _in_order(self) -> list[Item | Lost]:
        ready: list[Item | Lost] = []
        while self._next in self._waiting:
            ready.append(self._waiting.pop(self._next))
            self._next += 1
        return ready
