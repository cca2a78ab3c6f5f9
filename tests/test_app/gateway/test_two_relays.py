"""Two whole relays on real sockets, one thin link between them: the same room at both."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest
import soundfile
import soxr
from aiohttp import web

from sotto_app.media.call import Call, CallError, Report, Terms
from sotto_app.media.sound import Nowhere, Silence, WavSink, WavSource
from sotto_app.settings import FocalSettings, GatewaySettings, ServerSettings
from sotto_app.web import relay
from sotto_codecs.base import Pcm
from sotto_signaling.errors import Code
from sotto_signaling.messages import (
    Error,
    Joined,
    Leave,
    ModeChanged,
    Mute,
    PeerJoined,
    PeerLeft,
    PeerMuted,
    SetMode,
)
from tests.following import NEAR_HZ, likeness
from tests.speech import Speech
from tests.test_app.test_relay import GENEROUS, Page, threads_of_calls

RATE_HZ = 48_000
CHANCES = 3
HEARD_S = 4  # of what was said: who talks hangs up before the last bundle is through
BROAD_BPS = 200_000.0  # a link that is in nobody's way
FOCAL = FocalSettings()


@dataclass(frozen=True)
class Sites:
    """Where the two relays are."""

    ship: str
    shore: str


@asynccontextmanager
async def site(gateway: GatewaySettings, focal: FocalSettings = FOCAL) -> AsyncIterator[str]:
    settings = replace(ServerSettings(), limits=GENEROUS, gateway=gateway, focal=focal)
    runner = web.AppRunner(relay(settings), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def two_sites(
    folder: Path, calls: int = 2, budget_bps: float = BROAD_BPS, focal: FocalSettings = FOCAL
) -> AsyncIterator[Sites]:
    """`focal` is what the shore has."""
    at = f"127.0.0.1:{free_udp_port()}"
    common = GatewaySettings(budget_bps=budget_bps, calls=calls)
    ship, shore = (
        replace(
            common,
            key_file=str(folder / f"{name}.key"),
            known_file=str(folder / f"{name}.known"),
            to=at if name == "ship" else "",
            listen=at if name == "shore" else "",
        )
        for name in ("ship", "shore")
    )
    async with site(shore, focal) as shore_url, site(ship) as ship_url:
        yield Sites(ship_url, shore_url)


@pytest.fixture
async def sites(tmp_path: Path) -> AsyncIterator[Sites]:
    async with two_sites(tmp_path) as sites:
        yield sites


@asynccontextmanager
async def page(base: str) -> AsyncIterator[Page]:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{base}/ws") as ws:
        yield Page(ws)


async def join_from_afar(there: Page, room: str) -> Joined:
    """Once the room has crossed the link."""
    async with asyncio.timeout(10):
        while True:
            await there.send_join(room)
            answer: Joined | Error = await there.expect(Joined, Error)
            if isinstance(answer, Joined) and answer.peers:
                return answer
            await asyncio.sleep(0.1)


async def test_what_one_does_the_other_is_told(sites: Sites) -> None:
    async with page(sites.ship) as ada, page(sites.shore) as grace:
        ada_joined = await ada.join()
        grace_joined = await join_from_afar(grace, ada_joined.room)
        assert [peer.name for peer in grace_joined.peers] == ["test"]
        far = (await ada.expect(PeerJoined)).peer.peer
        await grace.send(SetMode("codec2-700c"))
        while (changed := await ada.expect(ModeChanged)).mode != "codec2-700c":
            pass
        assert changed.peer == far
        await grace.send(Mute(True))
        assert await ada.expect(PeerMuted) == PeerMuted(far, True)
        await grace.send(Leave())
        assert await ada.expect(PeerLeft) == PeerLeft(far, "left")


async def test_a_room_that_two_share_is_full_at_both_ends(sites: Sites) -> None:
    async with page(sites.ship) as ada, page(sites.shore) as grace, page(sites.shore) as eve:
        joined = await ada.join()
        await join_from_afar(grace, joined.room)
        await eve.send_join(joined.room)
        refused = await eve.expect(Error)
        assert refused.code is Code.ROOM_FULL


async def test_a_full_link_says_so_and_the_call_here_goes_on(tmp_path: Path) -> None:
    async with two_sites(tmp_path, calls=1) as sites:
        async with page(sites.ship) as ada, page(sites.ship) as grace, page(sites.shore) as far:
            joined = await ada.join()
            await join_from_afar(far, joined.room)
            await grace.join()
            told = await grace.expect(Error)
            assert told.message.startswith("The link is full: 1 of 1 calls.")
            assert told.code is Code.LINK_FULL and not told.fatal


async def test_a_mode_of_other_weights_does_not_cross_and_all_others_do(tmp_path: Path) -> None:
    """The shore has been told to use weights that are not there."""
    async with two_sites(tmp_path, focal=FocalSettings("published")) as sites:
        async with page(sites.ship) as ada, page(sites.shore) as far:
            joined = await ada.join()
            await join_from_afar(far, joined.room)
            await ada.send(SetMode("focal-600"))
            told = await ada.expect(Error)
            assert told.message.startswith("The other relay has other weights for focal-600")
            assert told.code is Code.LINK_FULL and not told.fatal
            await ada.send(SetMode("tiny-750"))
            while (await far.expect(ModeChanged)).mode != "tiny-750":
                pass


async def test_who_waits_for_room_on_the_link_gets_it_when_another_leaves(tmp_path: Path) -> None:
    async with two_sites(tmp_path, calls=1) as sites:
        async with page(sites.ship) as ada, page(sites.ship) as grace, page(sites.shore) as far:
            await ada.join()
            waiting = await grace.join()
            await grace.expect(Error)
            await ada.send(Leave())
            assert (await join_from_afar(far, waiting.room)).room == waiting.room


async def test_a_mode_that_the_link_has_no_room_for_is_refused_and_a_thinner_one_heard(
    tmp_path: Path,
) -> None:
    async with two_sites(tmp_path, budget_bps=2400) as sites:
        async with page(sites.ship) as ada, page(sites.shore) as grace:
            joined = await ada.join()
            assert joined.mode == "tiny-750"  # of which two fit
            await join_from_afar(grace, joined.room)
            await ada.send(SetMode("opus-24k"))
            told = await ada.expect(Error)
            assert told.code is Code.LINK_FULL
            assert told.message.startswith("The link is too thin for this mode: 2")
            await ada.send(SetMode("codec2-1200"))
            while (changed := await grace.expect(ModeChanged)).mode != "codec2-1200":
                assert changed.mode != "opus-24k"


@pytest.mark.parametrize("mode", ["codec2-1200", "opus-24k"])
async def test_a_voice_crosses_the_link(
    mode: str, sites: Sites, tmp_path: Path, speech: Speech
) -> None:
    floor = 0.9 if mode == "opus-24k" else 0.65
    assert await best_likeness(mode, sites, tmp_path, speech, floor) > floor


async def test_bundles_of_two_seconds_are_heard_whole(tmp_path: Path, speech: Speech) -> None:
    """On 1000 bit/s they have more frames than a packet of the relay's own."""
    async with two_sites(tmp_path, budget_bps=1000) as sites:
        assert await best_likeness("codec2-700c", sites, tmp_path, speech, 0.55) > 0.55


async def best_likeness(
    mode: str, sites: Sites, folder: Path, speech: Speech, enough: float
) -> float:
    """Of so many calls as it takes: a machine may do something else in one of them."""
    found = list[float]()
    while len(found) < CHANCES and max(found, default=0.0) <= enough:
        found.append(await heard_likeness(mode, sites, folder, speech))
    return max(found)


async def once_it_crossed(url: str, mode: str, voice: Path) -> Report:
    """A call into a room that may not be there yet."""
    for _ in range(50):
        call = Call(Terms(url, "mouth", mode, 40), WavSource(voice), Nowhere(), lambda line: None)
        try:
            return await call.run()
        except CallError as fault:
            assert "no such room" in str(fault)
            await asyncio.sleep(0.2)
    raise AssertionError("the room did not cross the link")


async def heard_likeness(mode: str, sites: Sites, tmp_path: Path, speech: Speech) -> float:
    source = speech.at(RATE_HZ)[: 6 * RATE_HZ]
    heard = await heard_of(source, mode, sites, tmp_path)
    said_16k, heard_16k = (soxr.resample(it, RATE_HZ, NEAR_HZ) for it in (source, heard))
    return likeness(said_16k[: HEARD_S * NEAR_HZ], heard_16k)


async def heard_of(source: Pcm, mode: str, sites: Sites, tmp_path: Path) -> Pcm:
    """At the shore, of what is said on the ship."""
    soundfile.write(tmp_path / "said.wav", source, RATE_HZ)
    rooms: asyncio.Queue[str] = asyncio.Queue()

    def note(line: str) -> None:
        if line.startswith("Room: "):
            rooms.put_nowait(line.rsplit("/", 1)[1])

    ear = WavSink(tmp_path / "heard.wav")
    listening = asyncio.create_task(
        Call(Terms(sites.shore, "ear", None, 40), Silence(), ear, note).run()
    )
    room = await asyncio.wait_for(rooms.get(), 10)
    said = await once_it_crossed(f"{sites.ship}/r/{room}", mode, tmp_path / "said.wav")
    heard_report = await listening
    assert (said.ended, heard_report.ended) == ("all is said", "the other hung up")
    assert heard_report.heard_mode == mode
    heard: Pcm = soundfile.read(tmp_path / "heard.wav", dtype="float32")[0]
    return heard


async def test_nothing_is_left_of_two_sites(tmp_path: Path) -> None:
    tasks, threads = len(asyncio.all_tasks()), threads_of_calls()
    async with two_sites(tmp_path) as sites:
        async with page(sites.ship) as ada, page(sites.shore) as grace:
            joined = await ada.join()
            await join_from_afar(grace, joined.room)
    assert (len(asyncio.all_tasks()), threads_of_calls()) == (tasks, threads)
