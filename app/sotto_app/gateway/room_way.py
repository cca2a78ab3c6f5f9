"""From a talker's thread to the gateway on the event loop."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sotto_app.gateway.peers import Near
from sotto_app.media.told import Body

log = logging.getLogger(__name__)


class Carrier(Protocol):
    """The gateway; on the event loop."""

    def near_in(self, room: str) -> Near | None: ...
    def say(self, near: Near, datagram: bytes) -> None: ...
    def hush(self, near: Near, level: int) -> None: ...
    def tell(self, near: Near, body: Body) -> None: ...
    def take_back(self, near: Near) -> None: ...
    def want_sample(self, near: Near) -> None: ...


@dataclass(frozen=True, slots=True)
class RoomWay:
    """sotto_app.media.far's FarWay."""

    gateway: Carrier
    loop: asyncio.AbstractEventLoop
    room: str

    def carry(self, datagram: bytes) -> None:
        self._soon(self.gateway.say, datagram)

    def hush(self, level: int) -> None:
        self._soon(self.gateway.hush, level)

    def tell(self, body: Body) -> None:
        self._soon(self.gateway.tell, body)

    def take_back(self) -> None:
        self._soon(self.gateway.take_back)

    def want_sample(self) -> None:
        self._soon(self.gateway.want_sample)

    def _soon(self, do: Callable[..., None], *what: bytes | int | Body) -> None:
        try:
            self.loop.call_soon_threadsafe(self._do, do, *what)
        except RuntimeError:  # the loop has ended while this talker was still at it
            log.debug("a packet came after the end")

    def _do(self, do: Callable[..., None], *what: bytes | int | Body) -> None:
        if near := self.gateway.near_in(self.room):
            do(near, *what)
