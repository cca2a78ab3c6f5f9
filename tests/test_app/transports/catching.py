"""A callback that keeps what a transport gives it, and waiting for what no callback tells."""

import asyncio
from collections.abc import Callable

from sotto_app.transports.base import Address


class Caught:
    """Give it to a transport as `on_datagram`."""

    def __init__(self) -> None:
        self.datagrams = list[bytes]()
        self.senders = list[Address | None]()
        self.at_s = list[float]()
        self._more = asyncio.Event()

    def __call__(self, datagram: bytes, sender: Address | None) -> None:
        self.datagrams.append(datagram)
        self.senders.append(sender)
        self.at_s.append(asyncio.get_running_loop().time())
        self._more.set()

    async def until(self, count: int, within_s: float = 5.0) -> list[bytes]:
        """The datagrams once there are so many. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while len(self.datagrams) < count:
                self._more.clear()
                await self._more.wait()
        return self.datagrams


async def eventually(is_so: Callable[[], bool], within_s: float = 5.0) -> None:
    """Raises TimeoutError where it is not so in time."""
    async with asyncio.timeout(within_s):
        while not is_so():  # noqa: ASYNC110  # of counters and bytes no event tells
            await asyncio.sleep(0.001)
