"""Two ends in one process with a link profile between them. Nothing leaves the machine."""

import asyncio
from collections.abc import Callable

from sotto_app.link.channel import Channel
from sotto_app.link.profile import PERFECT, LinkProfile
from sotto_app.transports.base import MEMORY_COST, Address, LinkCost, OnDatagram, Traffic

MTU_BYTES = 1472


class Memory:
    """One end. Made by `memory_pair`."""

    def __init__(self, on_datagram: OnDatagram, channel: Channel, cost: LinkCost) -> None:
        self.mtu_bytes = MTU_BYTES
        self.cost = cost
        self.traffic = Traffic()
        self._on_datagram = on_datagram
        self._channel = channel  # towards the other end
        self._deliver: Callable[[bytes], None] = lambda datagram: None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def join(self, other: "Memory") -> None:
        """What is sent here comes out there."""
        self._deliver = other.take

    def send(self, datagram: bytes, to: Address | None = None) -> None:
        if self._closed or len(datagram) > self.mtu_bytes:
            self.traffic.dropped["closed" if self._closed else "too large"] += 1
            return
        self.traffic.count_sent(datagram, self.cost)
        self._channel.send(datagram, asyncio.get_running_loop().time())
        self._set_timer()

    def take(self, datagram: bytes) -> None:
        """From the other end."""
        if not self._closed:
            self.traffic.count_received(datagram, self.cost)
            self._on_datagram(datagram, None)

    async def close(self) -> None:
        self._closed = True
        if self._timer:
            self._timer.cancel()

    def _set_timer(self) -> None:
        due_s = self._channel.next_arrival_s
        if self._timer:
            self._timer.cancel()
        if due_s is not None:  # never from within send: the answer would come before it returns
            self._timer = asyncio.get_running_loop().call_at(due_s, self._arrive, due_s)

    def _arrive(self, due_s: float) -> None:
        for datagram in self._channel.receive(max(due_s, asyncio.get_running_loop().time())):
            self._deliver(datagram)
        if not self._closed:
            self._set_timer()


def memory_pair(
    near: OnDatagram,
    far: OnDatagram,
    profile: LinkProfile = PERFECT,
    cost: LinkCost = MEMORY_COST,
    seed: int = 0,
) -> tuple[Memory, Memory]:
    """Two ends; each callback gets what the other end sends. The profile is of each direction."""
    one = Memory(near, Channel(profile, cost.toll.below_bytes, 2 * seed), cost)
    other = Memory(far, Channel(profile, cost.toll.below_bytes, 2 * seed + 1), cost)
    one.join(other)
    other.join(one)
    return one, other
