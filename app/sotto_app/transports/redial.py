"""A data channel from the side that calls: whenever it is lost another one is set up."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sotto_app.transports.base import DATA_CHANNEL_COST, Address, OnDatagram, Traffic
from sotto_app.transports.webrtc import CONNECT_S, MTU_BYTES, BadDescription, DataChannel

log = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0

MakeChannel = Callable[[OnDatagram, Traffic], DataChannel]
Ask = Callable[[str], Awaitable[str]]
"""Takes an offer to the other end and brings its answer. Raises OSError."""


class Redial:
    """Made inside a running loop. What is sent while there is no channel is dropped."""

    def __init__(self, on_datagram: OnDatagram, make_channel: MakeChannel, ask: Ask) -> None:
        self.mtu_bytes = MTU_BYTES
        self.cost = DATA_CHANNEL_COST
        self.traffic = Traffic()
        self.connected = asyncio.Event()
        self._on_datagram, self._make_channel, self._ask = on_datagram, make_channel, ask
        self._channel: DataChannel | None = None
        self._wait_s = FIRST_WAIT_S
        self._task = asyncio.create_task(self._keep_up(), name="data channel")

    def send(self, datagram: bytes, to: Address | None = None) -> None:
        if self._channel is None:
            self.traffic.dropped["not connected"] += 1
        else:
            self._channel.send(datagram)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_up(self) -> None:
        while True:
            channel = self._make_channel(self._on_datagram, self.traffic)
            try:
                await self._set_up(channel)
                await channel.failed.wait()
                log.warning("the data channel to the other gateway is lost; it is set up again")
            except (OSError, BadDescription) as fault:  # a TimeoutError is an OSError
                log.warning("no data channel to the other gateway: %s", str(fault) or "no answer")
            finally:
                self._channel = None
                self.connected.clear()
                await channel.close()
            self.traffic.dropped["channel lost"] += 1
            await asyncio.sleep(self._wait_s)
            self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)

    async def _set_up(self, channel: DataChannel) -> None:
        await channel.accept(await self._ask(await channel.offer()))
        await channel.until_connected(CONNECT_S)
        self._channel, self._wait_s = channel, FIRST_WAIT_S
        self.connected.set()
        log.info("the data channel to the other gateway is up")
