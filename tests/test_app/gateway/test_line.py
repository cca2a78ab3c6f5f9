"""Two thin lines in one process: what waits leaves behind all that was told, and delays nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sotto_app.gateway.line import Terms, ThinLine
from sotto_app.gateway.opening import Inbox
from sotto_app.gateway.said import Said
from sotto_app.link.events import Up
from sotto_app.link.listen import Listener
from sotto_app.link.outgoing import LinkSettings
from sotto_app.link.profile import LinkProfile
from sotto_app.link.session import ThinSession
from sotto_app.link.setup import Caller
from sotto_app.transports.memory import memory_pair
from tests.test_app.link.thin_call import SHAPES, me

LINK = LinkProfile("thin", "", "", rate_bps=20_000, delay_ms=50)


class Ear:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.bodies, self.has_come = list[bytes](), asyncio.Event()
        self.is_ready = asyncio.Event()

    def is_up(self, up: Up) -> None:
        self.is_ready.set()

    def is_down(self, reason: str) -> None:
        self.is_ready.clear()

    def told(self, message: bytes) -> None:
        self.bodies.append(message)
        self.has_come.set()

    def heard(self, said: Said, now: float) -> None:
        raise AssertionError("nobody talks")

    def hushed(self, call: int, level: int) -> None:
        raise AssertionError("nobody talks")


@asynccontextmanager
async def joined() -> AsyncIterator[tuple[ThinLine, Ear]]:
    """One line, and the ear at the other end."""
    inboxes, ears, now = (Inbox(), Inbox()), (Ear(), Ear()), asyncio.get_running_loop().time()
    ways = memory_pair(*inboxes, LINK)
    lines = list[ThinLine]()
    for number, (inbox, ear, way) in enumerate(zip(inboxes, ears, ways, strict=True)):
        own = me(number + 1)
        set_up = Listener(own) if number else Caller(own, now)
        session = ThinSession(set_up, own, LinkSettings(SHAPES))
        inbox.line = line = ThinLine(session, Terms(0, {}, own.payload))
        line.ear = ear
        line.use(way)
        lines.append(line)
    running = [asyncio.create_task(line.run()) for line in lines]
    async with asyncio.timeout(20):
        for ear in ears:
            await ear.is_ready.wait()
        yield lines[0], ears[1]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    for line in lines:
        await line.close()


async def test_what_waits_is_overtaken() -> None:
    async with joined() as (line, ear):
        line.tell(b"first")
        line.tell(b"card", waits=True)
        while len(ear.bodies) < 3:
            await ear.has_come.wait()
            ear.has_come.clear()
            if ear.bodies == [b"first"]:  # which is not acknowledged yet
                line.tell(b"second")
    assert ear.bodies == [b"first", b"second", b"card"]


async def test_alone_it_leaves_at_once() -> None:
    async with joined() as (line, ear):
        line.tell(b"card", waits=True)
        await ear.has_come.wait()
    assert ear.bodies == [b"card"]
