"""Data channels to the side that is called. Whoever calls is let in and has an address; who it is,
the keys inside the datagrams say.
"""

import asyncio
import itertools
import logging
from functools import partial

from sotto_app.transports.base import DATA_CHANNEL_COST, Address, OnDatagram, Traffic
from sotto_app.transports.redial import MakeChannel
from sotto_app.transports.webrtc import CONNECT_S, MTU_BYTES, DataChannel

log = logging.getLogger(__name__)

MOST_CHANNELS = (
    4  # the other gateway's, its next while we have not noticed that one is lost, guests
)
NAME = "data channel"  # of an address, with a number in the place of the port


class Crowded(Exception):
    """There are as many channels as may be."""


class Lobby:
    """Used on one event loop. A channel stays until it fails."""

    def __init__(self, on_datagram: OnDatagram, make_channel: MakeChannel) -> None:
        self.mtu_bytes = MTU_BYTES
        self.cost = DATA_CHANNEL_COST
        self.traffic = Traffic()
        self._on_datagram, self._make_channel = on_datagram, make_channel
        self._numbers = itertools.count(1)
        self._channels: dict[Address, DataChannel] = {}
        self._hosts = set[asyncio.Task[None]]()
        self._closed = False

    async def answer(self, offer: str) -> str:
        """What to tell who sent this. Raises BadDescription, Crowded."""
        if self._closed or len(self._channels) >= MOST_CHANNELS:
            raise Crowded
        address = (NAME, next(self._numbers))
        channel = self._make_channel(partial(self._take, address), self.traffic)
        self._channels[address] = channel
        try:
            said = await channel.answer(offer)
        except BaseException:
            await self._part(address)
            raise
        host = asyncio.create_task(self._host(address), name=f"{NAME} {address[1]}")
        self._hosts.add(host)
        host.add_done_callback(self._hosts.discard)
        return said

    def send(self, datagram: bytes, to: Address | None = None) -> None:
        """Where the channel is gone that `to` names, to the newest: that is it again, no doubt."""
        channel = self._channels.get(to or (NAME, 0)) or self._newest
        if to is None or channel is None:
            self.traffic.dropped["not connected"] += 1
        else:
            channel.send(datagram)

    async def close(self) -> None:
        self._closed = True
        for host in self._hosts:
            host.cancel()
        await asyncio.gather(*self._hosts, return_exceptions=True)
        for address in [*self._channels]:  # of a call that is being answered
            await self._part(address)

    @property
    def _newest(self) -> DataChannel | None:
        connected = [it for it in self._channels.values() if it.connected.is_set()]
        return connected[-1] if connected else None

    def _take(self, address: Address, datagram: bytes, sender: Address | None) -> None:
        self._on_datagram(datagram, address)

    async def _host(self, address: Address) -> None:
        channel = self._channels[address]
        try:
            await channel.until_connected(CONNECT_S)
            log.info("a gateway has come by a data channel")
            await channel.failed.wait()
            log.warning("the gateway's data channel is lost")
        except OSError:  # it never came
            self.traffic.dropped["nobody came"] += 1
        finally:
            await self._part(address)

    async def _part(self, address: Address) -> None:
        if channel := self._channels.pop(address, None):
            await channel.close()
