"""What must arrive, over a link in memory: repeated until it is acknowledged, in order, each once.

The rules are those of the side stream of the thin wire, and so are its bytes; between two peers of
one relay each segment and each acknowledgement travels in a datagram of its own.
"""

from collections import deque

from sotto_app.link.channel import Channel
from sotto_app.link.chunks import Ack, Side, read, write
from sotto_app.link.meter import Cost
from sotto_app.link.packet import IPV4_UDP_BYTES
from sotto_app.link.profile import LinkProfile
from sotto_app.link.reliable import (
    SEGMENT_HEAD_BYTES,
    ReliableReceiver,
    ReliableSender,
)

ROOM_BYTES = 256


class Telling:
    """One direction: both of its ends, and the channels between them. Times are in seconds."""

    def __init__(self, profile: LinkProfile, seed: int) -> None:
        self._forth, self._back = (Channel(profile, IPV4_UDP_BYTES, seed + way) for way in (0, 1))
        self._sender, self._receiver = ReliableSender(), ReliableReceiver()
        self._costs = deque[Cost]()

    def change(self, profile: LinkProfile) -> None:
        """Another link from now on."""
        self._forth.change(profile)
        self._back.change(profile)

    def tell(self, message: bytes, waits: bool = False) -> None:
        """Queue it; one that `waits`, until all that was told has arrived. Raises ValueError where
        it is too long."""
        self._sender.send(message, waits)

    def take_back(self) -> None:
        """What still waits does not go any more."""
        self._sender.take_back(lambda message: True)

    def poll(self, now: float) -> list[bytes]:
        """What has arrived, whole; sends what is due."""
        for datagram in self._back.receive(now):
            for chunk in read(datagram):
                if isinstance(chunk, Ack):
                    self._sender.acknowledged(chunk, now)
        self._sender.let_go()
        while (side := self._sender.take(ROOM_BYTES, now)) is not None:
            self._send(side, now)
        told = [
            message
            for datagram in self._forth.receive(now)
            for chunk in read(datagram)
            if isinstance(chunk, Side)
            for message in self._receiver.receive(chunk, now)
        ]
        if self._receiver.ack_due_s is not None and self._receiver.ack_due_s <= now:
            self._acknowledge(now)
        return told

    def spent(self) -> list[Cost]:
        """Of each datagram since the last time, acknowledgements included."""
        costs = list(self._costs)
        self._costs.clear()
        return costs

    @property
    def due_s(self) -> float | None:
        """When to poll next; may have gone by."""
        due_s = (
            None if self._sender.behind_bytes is None else 0.0,
            self._sender.due_s,
            self._receiver.ack_due_s,
            self._forth.next_arrival_s,
            self._back.next_arrival_s,
        )
        return min((at for at in due_s if at is not None), default=None)

    def _send(self, side: Side, now: float) -> None:
        self._forth.send(write([side]), now)
        cost = Cost(len(side.data), SEGMENT_HEAD_BYTES, below=IPV4_UDP_BYTES)
        self._costs.append(cost)

    def _acknowledge(self, now: float) -> None:
        if ack := self._receiver.take_ack():
            datagram = write([ack])
            self._back.send(datagram, now)
            self._costs.append(Cost(control=len(datagram), below=IPV4_UDP_BYTES))
