"""Two whole relays, and between them each of the transports that the settings can name."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import aiohttp
import pytest
from aiohttp import web

from sotto_app.gateway.opening import LINE
from sotto_app.link.session import State
from sotto_app.media.aiortc_internals import allow_loopback
from sotto_app.settings import GatewaySettings, RadioSettings, ServerSettings
from sotto_app.strict_toml import SettingsError
from sotto_app.transports.base import DATA_CHANNEL_COST
from sotto_app.transports.webrtc import DataChannel
from sotto_app.web import relay
from tests.speech import Speech
from tests.test_app.gateway.test_two_relays import (
    BROAD_BPS,
    Sites,
    best_likeness,
    free_udp_port,
    join_from_afar,
    page,
)
from tests.test_app.test_metrics import Site, site
from tests.test_app.test_relay import threads_of_calls
from tests.test_app.transports.catching import eventually
from tests.test_app.transports.test_kiss import cable, modem

RADIO = RadioSettings(rate_bps=9600)


def settings(folder: Path, radio: RadioSettings = RADIO, **gateway: str | int) -> ServerSettings:
    name = "ship" if "to" in gateway else "shore"
    files = {"key_file": str(folder / f"{name}.key"), "known_file": str(folder / f"{name}.known")}
    return ServerSettings(
        gateway=GatewaySettings(**files, budget_bps=BROAD_BPS, **gateway),  # type: ignore[arg-type]  # strings and numbers by name
        radio=radio,
        default_mode="codec2-1200",  # fits them all
    )


@asynccontextmanager
async def linked(shore: ServerSettings, ship: ServerSettings) -> AsyncIterator[tuple[Site, Site]]:
    """Ship and shore."""
    async with site(shore) as shore_site, site(ship) as ship_site:
        yield ship_site, shore_site


@asynccontextmanager
async def by_udp(folder: Path) -> AsyncIterator[tuple[Site, Site]]:
    at = f"udp://[::1]:{free_udp_port()}"
    async with linked(settings(folder, listen=at), settings(folder, to=at)) as sites:
        yield sites


@asynccontextmanager
async def by_kiss(folder: Path) -> AsyncIterator[tuple[Site, Site]]:
    async with modem() as (_, _, port):
        at = f"kiss://127.0.0.1:{port}"
        async with linked(settings(folder, listen=at), settings(folder, to=at)) as sites:
            yield sites


@asynccontextmanager
async def by_half_duplex_kiss(folder: Path) -> AsyncIterator[tuple[Site, Site]]:
    radio = RadioSettings(rate_bps=9600, half_duplex=True, airtime_share=0.5)
    async with modem() as (_, _, port):
        at = f"kiss://127.0.0.1:{port}"
        ends = settings(folder, radio, listen=at), settings(folder, radio, to=at)
        async with linked(*ends) as sites:
            yield sites


@asynccontextmanager
async def by_serial(folder: Path) -> AsyncIterator[tuple[Site, Site]]:
    loop = asyncio.get_running_loop()
    with cable() as (left, device), cable() as (right, other):
        loop.add_reader(left, lambda: os.write(right, os.read(left, 4096)))
        loop.add_reader(right, lambda: os.write(left, os.read(right, 4096)))
        shore = settings(folder, RadioSettings(), listen=f"serial://{device}?baud=19200")
        ship = settings(folder, RadioSettings(), to=f"serial://{other}?baud=19200")
        async with linked(shore, ship) as sites:
            yield sites
        loop.remove_reader(left)
        loop.remove_reader(right)


@asynccontextmanager
async def by_data_channel(folder: Path) -> AsyncIterator[tuple[Site, Site]]:
    allow_loopback()
    async with site(settings(folder, listen="webrtc")) as shore:
        async with site(settings(folder, to=f"webrtc+{shore.url}")) as ship:
            yield ship, shore


WAYS = {
    "udp": by_udp,
    "kiss": by_kiss,
    "kiss, half duplex": by_half_duplex_kiss,
    "serial": by_serial,
    "webrtc": by_data_channel,
}
ANSWER_BYTES = {"webrtc": DATA_CHANNEL_COST.answer_bytes}


async def a_room_crosses(here: Site, there: Site) -> None:
    async with page(here.url) as ada, page(there.url) as grace:
        await join_from_afar(grace, (await ada.join()).room)


def is_quiet(ship: Site, shore: Site, answer_bytes: int) -> bool:
    """What the one has sent the other has received, and both meters say so."""
    for one, other in ((ship, shore), (shore, ship)):
        sent, received = one.app[LINE].traffic, other.app[LINE].traffic
        metered = one.app[LINE].session.sent.total, other.app[LINE].session.received.total
        answered = sent.sent_bytes + sent.sent * answer_bytes
        if [answered] * 2 != [it.total for it in metered] or sent.sent != received.received:
            return False
    return True


@pytest.mark.parametrize("way", WAYS)
async def test_a_room_crosses_and_both_meters_agree_with_the_socket(
    way: str, tmp_path: Path
) -> None:
    async with WAYS[way](tmp_path) as (ship, shore):
        await a_room_crosses(ship, shore)
        await eventually(lambda: is_quiet(ship, shore, ANSWER_BYTES.get(way, 0)), within_s=20)
        assert not ship.app[LINE].traffic.dropped


@pytest.mark.parametrize("way", ["kiss, half duplex", "serial", "webrtc"])
async def test_a_voice_crosses(way: str, tmp_path: Path, speech: Speech) -> None:
    async with WAYS[way](tmp_path) as (ship, shore):
        sites = Sites(ship.url, shore.url)
        assert await best_likeness("codec2-1200", sites, tmp_path, speech, 0.6) > 0.6


class Recorded(DataChannel):
    """Can be found, to be broken."""

    all: ClassVar[list["Recorded"]] = []

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.all.append(self)


@pytest.fixture
def channels(monkeypatch: pytest.MonkeyPatch) -> list[Recorded]:
    monkeypatch.setattr("sotto_app.gateway.way.DataChannel", Recorded)
    monkeypatch.setattr("sotto_app.transports.redial.FIRST_WAIT_S", 0.05)
    Recorded.all = []
    return Recorded.all


@pytest.mark.parametrize("lost", [0, 1], ids=["at the ship", "at the shore"])
async def test_a_data_channel_that_is_lost_is_set_up_again_and_the_session_goes_on(
    lost: int, channels: list[Recorded], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with by_data_channel(tmp_path) as (ship, shore):
        await a_room_crosses(ship, shore)
        assert len(channels) == 2
        await channels[lost].close()
        await eventually(lambda: len(channels) >= 4 and channels[-1].connected.is_set(), 20)
        await a_room_crosses(shore, ship)
        assert ship.app[LINE].state is shore.app[LINE].state is State.UP
    assert len([it for it in caplog.messages if it.startswith("the thin link is up")]) == 2


async def test_a_relay_without_the_setting_says_so(tmp_path: Path) -> None:
    async with site(ServerSettings()) as alone, aiohttp.ClientSession() as http:
        async with http.post(f"{alone.url}/gateway", data="v=0") as answer:
            assert answer.status == 404
            assert 'its settings lack gateway.listen = "webrtc"' in await answer.text()


@pytest.mark.parametrize(
    ("gateway", "radio", "message"),
    [
        ({"listen": "udp://192.0.2.77:8701"}, RADIO, "udp://192.0.2.77:8701: .*assign"),  # not ours
        (
            {"to": "kiss://127.0.0.1:1"},
            RadioSettings(rate_bps=100, half_duplex=True),
            "50 bit/s are left each way: a budget of ",
        ),
    ],
)
async def test_what_cannot_be_ends_the_start_with_a_sentence(
    gateway: dict[str, str], radio: RadioSettings, message: str, tmp_path: Path
) -> None:
    tasks = asyncio.all_tasks()
    runner = web.AppRunner(relay(settings(tmp_path, radio, **gateway)))
    with pytest.raises(SettingsError, match=f"gateway: {message}"):
        await runner.setup()
    await runner.cleanup()
    assert {it.get_name() for it in asyncio.all_tasks() - tasks} <= {"tick"}  # ends with the loop


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_is_left(way: str, tmp_path: Path) -> None:
    tasks, threads = asyncio.all_tasks(), threads_of_calls()
    files = len(os.listdir("/proc/self/fd"))
    async with WAYS[way](tmp_path) as (ship, shore):
        await eventually(lambda: shore.app[LINE].state is State.UP, within_s=20)
    await eventually(lambda: asyncio.all_tasks() == tasks)
    assert threads_of_calls() == threads
    await eventually(lambda: len(os.listdir("/proc/self/fd")) <= files)
