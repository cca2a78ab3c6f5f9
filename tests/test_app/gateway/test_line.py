"""Two thin lines in one process: what waits leaves behind all that was told, and delays nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest

from sotto_app.gateway.crossing import Crossing, Keep, Told, read, write
from sotto_app.gateway.kept import Kept
from sotto_app.gateway.line import Terms, ThinLine
from sotto_app.gateway.opening import Inbox
from sotto_app.gateway.said import Said
from sotto_app.link.events import Up
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.listen import Listener
from sotto_app.link.profile import LinkProfile
from sotto_app.link.session import ThinSession
from sotto_app.link.setup import Caller
from sotto_app.media.told import Body
from sotto_app.modes import load_modes
from sotto_app.transports.base import UDP_IPV4_COST
from sotto_app.transports.memory import memory_pair
from tests.leaping import leaping
from tests.test_app.link.thin_call import SHAPES, me

LINK = LinkProfile("thin", "", "", rate_bps=20_000, delay_ms=50)
SAMPLE = b"\x33\x01" + bytes(range(250)) * 3 + b"\0\0"  # as long as one of a voice
PHRASES, EVERY_S, PHRASE_BYTES = 45, 4.0, 25
PIECE_WIRE_BYTES = 52 + 3 + 13 + 28  # a segment, counter and tag, all below


class Ear:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.bodies, self.has_come = list[bytes](), asyncio.Event()
        self.is_ready = asyncio.Event()
        self.times_s = list[float]()

    def is_up(self, up: Up) -> None:
        self.is_ready.set()

    def is_down(self, reason: str) -> None:
        self.is_ready.clear()

    def told(self, message: bytes) -> None:
        self.bodies.append(message)
        self.times_s.append(asyncio.get_running_loop().time())
        self.has_come.set()

    def heard(self, said: Said, now: float) -> None:
        raise AssertionError("nobody talks")

    def hushed(self, call: int, level: int) -> None:
        raise AssertionError("nobody talks")


@asynccontextmanager
async def joined(
    link: LinkProfile = LINK, rate_bps: float = 0, within_s: float = 20, payload: bytes = bytes(8)
) -> AsyncIterator[tuple[ThinLine, Ear]]:
    """One line, and the ear at the other end, whose set-up says `payload`."""
    inboxes, ears, now = (Inbox(), Inbox()), (Ear(), Ear()), asyncio.get_running_loop().time()
    ways = memory_pair(*inboxes, link, UDP_IPV4_COST)
    lines = list[ThinLine]()
    for number, (inbox, ear, way) in enumerate(zip(inboxes, ears, ways, strict=True)):
        own = replace(me(number + 1), payload=payload) if number else me(1)
        set_up = Listener(own) if number else Caller(own, now)
        session = ThinSession(set_up, own, LinkSettings(SHAPES, rate_bps=rate_bps))
        inbox.line = line = ThinLine(session, Terms(rate_bps, {}, own.payload))
        line.ear = ear
        line.use(way)
        lines.append(line)
    running = [asyncio.create_task(line.run()) for line in lines]
    async with asyncio.timeout(within_s):
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


@pytest.mark.parametrize(
    ("theirs", "barred"),
    [(bytes(8), []), (bytes(7) + b"x", ["focal-800", "focal-600", "focal-550"])],
)
async def test_where_weights_differ_the_modes_that_each_relay_picks_them_for_are_barred(
    theirs: bytes, barred: list[str]
) -> None:
    async with joined(payload=theirs) as (line, _):
        assert [name for name, mode in load_modes().items() if line.bars(mode)] == barred


async def test_alone_it_leaves_at_once() -> None:
    async with joined() as (line, ear):
        line.tell(b"card", waits=True)
        await ear.has_come.wait()
    assert ear.bodies == [b"card"]


async def a_talk(rate_bps: float, body: Body | None) -> tuple[list[float], list[Crossing], float]:
    """When the phrases of three minutes came, what else did, and how many bits it all cost."""
    link = LinkProfile("thin", "", "", rate_bps=rate_bps, delay_ms=600)
    async with joined(link, rate_bps, 600) as (line, ear):
        start_s, before = asyncio.get_running_loop().time(), line.traffic.sent_bytes
        for place in range(PHRASES):
            line.tell(write(Told(1, bytes([place]) * PHRASE_BYTES)))
            if place == 5 and body:
                for piece in Kept().tell(1, body):
                    line.tell(write(piece), waits=True)
            await asyncio.sleep(EVERY_S)
        await asyncio.sleep(300)
        bits = 8 * (line.traffic.sent_bytes - before)
    came = [(read(it), at_s - start_s) for it, at_s in zip(ear.bodies, ear.times_s, strict=True)]
    words_s = [at_s for it, at_s in came if isinstance(it, Told)]
    return words_s, [it for it, _ in came if not isinstance(it, Told)], bits


@pytest.mark.parametrize("rate_bps", [222, 1000, 2400])
def test_words_keep_their_time_while_a_sample_crosses(
    rate_bps: float, record_property: Callable[[str, object], None]
) -> None:
    alone_s, nothing, bits = leaping(a_talk(rate_bps, None))
    beside_s, rest, all_bits = leaping(a_talk(rate_bps, Body(SAMPLE, waits=True)))
    later_s = np.subtract(beside_s, alone_s)
    piece_s = 8 * PIECE_WIRE_BYTES / rate_bps
    record_property("words come later by, s", [round(float(it), 2) for it in later_s])
    record_property("a piece on the line, s", piece_s)
    record_property("the sample costs, bytes", (all_bits - bits) / 8)
    far = Kept()
    heard = [far.hear(it) for it in rest if isinstance(it, Keep)]
    assert nothing == [] and len(alone_s) == len(beside_s) == PHRASES
    assert heard[-1] == SAMPLE and len(heard) == 16
    assert np.median(later_s) < 0.1 and later_s.max() <= piece_s + 0.1


def test_what_is_taken_back_does_not_leave() -> None:
    async def run() -> list[Crossing]:
        async with joined(within_s=600) as (line, ear):
            for call in (1, 2):
                for piece in Kept().tell(call, Body(SAMPLE, waits=True)):
                    line.tell(write(piece), waits=True)
            await asyncio.sleep(20)
            line.take_back(1)
            await asyncio.sleep(500)
        return [read(it) for it in ear.bodies]

    calls = [it.call for it in leaping(run())]
    assert 1 <= calls.count(1) < 16 and calls.count(2) == 16
