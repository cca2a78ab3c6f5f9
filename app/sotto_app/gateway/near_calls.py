"""Peers of this relay, and which of them the link has room for.

Who is let on the link has a call number there until it leaves: the lowest that is free.
"""

from collections.abc import Iterator

from sotto_app.catalogue import Modes
from sotto_app.gateway import crossing
from sotto_app.gateway.line import ThinLine
from sotto_app.gateway.peers import Near

UNHEARD = "Nobody at the other end can hear you."


class NearCalls:
    """`most` may be on the link; the others wait."""

    def __init__(self, modes: Modes, line: ThinLine, most: int) -> None:
        self.most = min(most, crossing.MOST_CALLS)
        self._modes = {mode.name: mode for mode in modes.by_wire_id.values()}
        self._line = line
        self._peers: dict[str, Near] = {}

    def __iter__(self) -> Iterator[Near]:
        return iter(self._peers.values())

    @property
    def on_link(self) -> int:
        return sum(near.call is not None for near in self)

    @property
    def waiting(self) -> list[Near]:
        """For room on the link, in the mode that they chose."""
        return [near for near in self if near.call is None and near.mode]

    def add(self, near: Near) -> None:
        self._peers[near.place.peer] = near

    def remove(self, peer: str) -> Near | None:
        return self._peers.pop(peer, None)

    def of_peer(self, peer: str) -> Near | None:
        return self._peers.get(peer)

    def of_call(self, call: int) -> Near | None:
        return next((near for near in self if near.call == call), None)

    def in_room(self, room: str) -> Near | None:
        return next((near for near in self if near.place.room == room), None)

    def admit(self, near: Near) -> str | None:
        """Let this peer's voice on the link, in its mode, if there is room; else say why not."""
        near.fits = False
        if self.is_barred(near):
            return f"The other relay has other weights for {near.mode}, or none. {UNHEARD}"
        others = [it for it in self if it is not near and it.call is not None]
        numbers = [self._modes[it.mode].wire_id for it in others]
        verdict = self._line.fits(numbers, self._modes[near.mode].wire_id)
        taken = {it.call for it in others}
        free = next((it for it in range(self.most) if it not in taken), None)
        if free is None:
            return f"The link is full: {len(taken)} of {self.most} calls. {UNHEARD}"
        if not verdict.admitted:
            return f"{verdict.words[0].upper()}{verdict.words[1:]}. {UNHEARD}"
        near.fits = True
        if near.call is None:
            near.call = free
        return None

    def is_barred(self, near: Near) -> bool:
        """The bits of its mode mean something else at the far end."""
        return bool(near.mode) and self._line.bars(self._modes[near.mode])
