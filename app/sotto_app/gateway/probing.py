"""A probe on a real port: `sotto link probe`."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress

from sotto_app.link.prober import Prober
from sotto_app.link.tariff import Toll
from sotto_app.transports.base import Address
from sotto_app.transports.udp import open_udp


async def probe(at: Address, show: Callable[[Prober], None]) -> tuple[Prober, Toll]:
    """Until all is measured, a minute at most; `show` is called at each step. Raises OSError."""
    loop, heard = asyncio.get_running_loop(), asyncio.Queue[tuple[bytes, float]]()

    def receive(datagram: bytes, sender: Address | None) -> None:
        heard.put_nowait((datagram, loop.time()))

    port = await open_udp(receive, remote=at)
    try:
        prober = Prober(os.urandom, port.cost.toll.below_bytes, loop.time())
        while prober.due_s is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(prober.due_s):
                    prober.receive(*await heard.get())
            for datagram in prober.poll(loop.time()):
                port.send(datagram)
            show(prober)
        return prober, port.cost.toll
    finally:
        await port.close()
