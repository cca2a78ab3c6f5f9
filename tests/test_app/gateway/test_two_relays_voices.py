"""Two whole relays: what is to be kept crosses the link once, then as its hash, or is asked for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import web

from sotto_app.catalogue import load_catalogue
from sotto_app.gateway.crossing import Ask, Keep, Known, Want, write
from sotto_app.gateway.gateway import Gateway
from sotto_app.gateway.line import Ear, ThinLine
from sotto_app.gateway.opening import GATEWAY, LINE
from sotto_app.gateway.peers import Near
from sotto_app.gateway.said import Said
from sotto_app.link.events import Up
from sotto_app.media.told import Body, told, written
from sotto_app.settings import GatewaySettings, ServerSettings, TextSettings
from sotto_app.web import relay
from sotto_codecs.base import Frame
from sotto_codecs.text.speaking import SYNTHESISERS
from sotto_codecs.text.streams import ABOUT
from sotto_codecs.text.voice.bases import CARDS
from sotto_signaling.messages import Caption
from tests.cloning import CLONER
from tests.test_app.gateway.test_two_relays import (
    BROAD_BPS,
    free_udp_port,
    join_from_afar,
    page,
)
from tests.test_app.test_relay import GENEROUS, Page

KINDS = (Keep.KIND, Known.KIND, Ask.KIND, Want.KIND)
CARD = Frame(b"\0" + bytes.fromhex(CARDS["slt"]), 0, 0, ABOUT, priority=1)


@dataclass
class Overheard:
    """Between a line and its gateway. `forgets` a body that is to be kept, once."""

    ear: Ear
    kinds: list[int] = field(default_factory=list)
    forgets: bool = False

    def is_up(self, up: Up) -> None:
        self.ear.is_up(up)

    def is_down(self, reason: str) -> None:
        self.ear.is_down(reason)

    def told(self, message: bytes) -> None:
        self.kinds += [kind for kind in KINDS if kind == message[0]]
        if self.forgets and message[0] == Keep.KIND:
            self.forgets = False
            return
        self.ear.told(message)

    def heard(self, said: Said, now: float) -> None:
        self.ear.heard(said, now)

    def hushed(self, call: int, level: int) -> None:
        self.ear.hushed(call, level)


@dataclass
class Site:
    url: str
    gateway: Gateway
    line: ThinLine
    overheard: Overheard


async def opened(stack: AsyncExitStack, gateway: GatewaySettings, tts: str) -> Site:
    text = TextSettings(stt="pocketsphinx", tts=tts)
    app = relay(replace(ServerSettings(), limits=GENEROUS, gateway=gateway, text=text))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    app[LINE].ear = overheard = Overheard(app[GATEWAY])
    return Site(f"http://127.0.0.1:{runner.addresses[0][1]}", app[GATEWAY], app[LINE], overheard)


@asynccontextmanager
async def ship_and_shore(
    folder: Path, shore_tts: str = "flite"
) -> AsyncIterator[tuple[Site, Site]]:
    at, common = f"127.0.0.1:{free_udp_port()}", GatewaySettings(budget_bps=BROAD_BPS, calls=2)
    async with AsyncExitStack() as stack:
        sites = list[Site]()
        for name in ("shore", "ship"):
            own = replace(
                common,
                key_file=str(folder / f"{name}.key"),
                known_file=str(folder / f"{name}.known"),
                to=at if name == "ship" else "",
                listen=at if name == "shore" else "",
            )
            sites.append(await opened(stack, own, shore_tts if name == "shore" else "flite"))
        yield sites[1], sites[0]


@asynccontextmanager
async def afar(
    folder: Path, shore_tts: str = "flite"
) -> AsyncIterator[tuple[Site, Site, Page, Near]]:
    """Ship and shore, who listens there, and who talks here."""
    async with (
        ship_and_shore(folder, shore_tts) as (ship, shore),
        page(ship.url) as ada,
        page(shore.url) as grace,
    ):
        room = (await ada.join()).room
        await join_from_afar(grace, room)
        near = ship.gateway.near_in(room)
        assert near
        yield ship, shore, grace, near


async def test_it_crosses_whole_once_and_whoever_forgot_it_asks(tmp_path: Path) -> None:
    async with afar(tmp_path) as (ship, shore, grace, near):
        for line in ("one", "one", "two"):
            shore.overheard.forgets = line == "two"
            ship.gateway.tell(near, Body(written(line).data, waits=True))
            if line == "two":
                ship.gateway.tell(near, Body(written(line).data, waits=True))
            assert (await grace.expect(Caption)).words == line
    assert shore.overheard.kinds[:2] == [Keep.KIND, Known.KIND]
    assert sorted(shore.overheard.kinds[2:]) == [Keep.KIND, Keep.KIND, Known.KIND]
    assert ship.overheard.kinds == [Ask.KIND]


@pytest.mark.parametrize(("shore_tts", "wanted"), [("cloner", [Want.KIND]), ("flite", [])])
async def test_a_sample_is_asked_for_once_by_a_site_that_can_use_it_and_by_no_other(
    tmp_path: Path, shore_tts: str, wanted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SYNTHESISERS, "cloner", CLONER)
    async with afar(tmp_path, shore_tts) as (ship, shore, grace, near):
        text = load_catalogue("opus-24k", "perfect").modes["text"].wire_id
        for words in ("one", "two"):
            for body in (told(text, CARD), written(words)):
                ship.gateway.tell(near, body)
                await asyncio.sleep(0.2)
            assert (await grace.expect(Caption)).words == words
        calls = ship.gateway._far.in_room(near.place.room).values()
        pipelines = [far.pipeline for far in calls if far.pipeline]
        await eventually(lambda: ship.overheard.kinds == wanted)
        assert [it.listening.wants_sample for it in pipelines] == [bool(wanted)]
    assert shore.overheard.kinds == [Keep.KIND, Known.KIND]


async def test_what_is_taken_back_is_neither_sent_nor_answered(tmp_path: Path) -> None:
    sample = Body(b"\x33\1" + bytes(700), waits=True)
    async with afar(tmp_path) as (ship, shore, grace, near):
        ship.gateway.tell(near, sample)
        await eventually(lambda: shore.overheard.kinds != [])
        ship.gateway.take_back(near)
        came = len(shore.overheard.kinds)
        ship.gateway.tell(near, written("that is all"))
        await grace.expect(Caption)
        await asyncio.sleep(1.0)
        assert len(shore.overheard.kinds) <= came + 1 < 15


async def eventually(is_so: Callable[[], bool]) -> None:
    for _ in range(1000):
        if is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to that")


async def test_a_bad_piece_is_dropped_and_counted_and_the_call_goes_on(tmp_path: Path) -> None:
    async with afar(tmp_path) as (ship, shore, grace, near):
        assert near.call is not None
        for piece in (b"\xfd", b"\xfd\0", b"\xfd\xff.", b"\xfd\0" + bytes(49), b"\xfd\1 cut off"):
            shore.gateway.told(write(Keep(near.call, piece)))
        ship.gateway.tell(near, written("still here"))
        assert (await grace.expect(Caption)).words == "still here"
        assert shore.line.traffic.dropped["bad piece"] == 4
