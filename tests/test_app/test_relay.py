"""The whole relay on a real socket, with real WebRTC peers: calls, bad input, no leaks."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import aiohttp
import numpy as np
import pytest
import soundfile
from aiohttp import web

from sotto_app.media.call import Call, CallError, Report, Terms
from sotto_app.media.connection import Connection
from sotto_app.media.sound import Nowhere, Silence, Sink, Source, WavSink, WavSource
from sotto_app.settings import ServerSettings
from sotto_app.web import relay
from sotto_signaling.errors import Code
from sotto_signaling.limits import Limits
from sotto_signaling.messages import (
    Answer,
    Candidate,
    CreateRoom,
    Error,
    Join,
    Joined,
    Message,
    Offer,
    Ping,
    Pong,
    RoomCreated,
    SetMode,
    from_relay,
    to_json,
)
from tests.hearing import lag_s
from tests.speech import Speech

Kind = TypeVar("Kind", bound=Message)

RATE_HZ = 48_000
GENEROUS = Limits(rooms_per_address=1000, sockets_per_address=1000, seat_kept_s=1)


@pytest.fixture
async def base() -> AsyncIterator[str]:
    """A relay that runs in this process, so that its tasks and threads can be counted."""
    runner = web.AppRunner(relay(replace(ServerSettings(), limits=GENEROUS)), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


class Page:
    """A page's WebSocket, without the page."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def send(self, message: Message) -> None:
        await self.ws.send_str(to_json(message))

    async def expect(self, *kinds: type[Kind]) -> Kind:
        async with asyncio.timeout(10):
            async for frame in self.ws:
                message = from_relay(frame.data)
                if isinstance(message, kinds):
                    return message
        raise AssertionError(f"the socket was closed before {kinds}")

    async def join(self, room: str | None = None) -> Joined:
        if room is None:
            await self.send(CreateRoom())
            room = (await self.expect(RoomCreated)).room
        await self.send_join(room)
        return await self.expect(Joined)

    async def send_join(self, room: str) -> None:
        await self.send(Join(room, "test"))


async def heard_by_the_other(
    base: str, source: Path, out: Path, mode: str
) -> tuple[Report, Report]:
    """A call of two headless peers; the second only listens."""
    links: asyncio.Queue[str] = asyncio.Queue()

    def note(line: str) -> None:
        if line.startswith("Room: "):
            links.put_nowait(line.removeprefix("Room: "))

    async def run(url: str, mode: str | None, mouth: Source, ear: Sink) -> Report:
        return await Call(Terms(url, "test", mode, 60), mouth, ear, note).run()

    listening = asyncio.create_task(run(base, None, Silence(), WavSink(out)))
    link = await asyncio.wait_for(links.get(), 10)
    said = await run(link, mode, WavSource(source), Nowhere())
    return said, await listening


@pytest.mark.parametrize("mode", ["opus-24k", "opus-6k", "codec2-1200"])
async def test_two_headless_peers_hear_each_other(
    mode: str, base: str, tmp_path: Path, speech: Speech
) -> None:
    source = speech.at(RATE_HZ)[: 5 * RATE_HZ]
    soundfile.write(tmp_path / "said.wav", source, RATE_HZ)
    said, heard = await heard_by_the_other(
        base, tmp_path / "said.wav", tmp_path / "heard.wav", mode
    )
    assert said.ended == "all is said" and heard.ended == "the other hung up"
    assert heard.heard_mode == mode
    assert said.sent_bytes == pytest.approx(heard.received_bytes, abs=1500)
    recording, rate_hz = soundfile.read(tmp_path / "heard.wav", dtype="float32")
    longest_s = (len(recording) - len(source)) / rate_hz
    start = round(lag_s(source, recording, rate_hz, longest_s) * rate_hz)
    loud = np.std(recording[start : start + len(source)]) / np.std(source)
    assert 0.3 < loud < 2


GARBAGE = [
    ("", Code.BAD_SDP),
    ("garbage", Code.BAD_SDP),
    ("v=0\r\nm=audio x y z\r\n", Code.BAD_SDP),
    ("v=0\r\no=- 1 1 IN IP4 0\r\ns=-\r\nt=0 0\r\nm=video 9 RTP/AVP 96\r\n", Code.BAD_SDP),
    ("\0" * 5000, Code.BAD_SDP),
]


@pytest.mark.parametrize(("sdp", "code"), GARBAGE)
async def test_garbage_in_an_offer_is_told_to_its_sender_and_the_next_one_works(
    sdp: str, code: Code, base: str
) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{base}/ws") as ws:
        page = Page(ws)
        await page.join()
        await page.send(Offer(sdp))
        fault = await page.expect(Error)
        assert (fault.code, fault.fatal) == (code, False)
        assert "Traceback" not in fault.message
        await page.send(Offer(await real_offer()))
        assert "m=audio" in (await page.expect(Answer)).sdp


async def test_other_bad_input_is_told_by_its_code(base: str) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{base}/ws") as ws:
        page = Page(ws)
        await page.join()
        await page.send(Candidate("candidate:1 1 udp 1 10.0.0.1 9 typ host"))
        assert (await page.expect(Error)).code == Code.UNEXPECTED_CANDIDATE
        await page.send(SetMode("morse"))
        fault = await page.expect(Error)
        assert fault.code == Code.UNKNOWN_MODE and "codec2-700c" in fault.message
        await page.send(Offer(await real_offer()))
        await page.expect(Answer)
        await page.send(Candidate("candidate:what is this", "0", 0))
        assert (await page.expect(Error)).code == Code.BAD_CANDIDATE
        await page.send(Offer(await real_offer()))  # a new connection in place of the old one
        await page.expect(Answer)
        await page.send(Ping(7))
        assert (await page.expect(Pong)).id == 7


async def test_two_hundred_that_connect_and_vanish_leave_no_task_and_no_thread(base: str) -> None:
    offer = Offer(await real_offer())
    tasks, threads = len(asyncio.all_tasks()), threads_of_calls()
    async with aiohttp.ClientSession() as session:
        for round_ in range(200):
            ws = await session.ws_connect(f"{base}/ws")
            page = Page(ws)
            if round_ % 4:
                await page.join()
            if round_ % 4 > 1:
                await page.send(offer)
            if round_ % 4 > 2:
                await page.expect(Answer)
            assert ws._response.connection and ws._response.connection.transport
            ws._response.connection.transport.abort()
            await ws.close()
        for _ in range(300):  # the seats are kept for a second
            if len(asyncio.all_tasks()) <= tasks and threads_of_calls() <= threads:
                break
            await asyncio.sleep(0.1)
        assert len(asyncio.all_tasks()) <= tasks
        assert threads_of_calls() <= threads
        async with session.get(f"{base}/healthz") as response:
            health = await response.json()
    assert (health["sockets"], health["peers"]) == (0, 0)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "is not like http"),
        ("http://127.0.0.1:1/r/x", "cannot be reached"),
    ],
)
async def test_a_call_that_cannot_be_says_why_and_closes_what_it_was_given(
    url: str, words: str, tmp_path: Path
) -> None:
    sink = WavSink(tmp_path / "heard.wav")
    with pytest.raises(CallError, match=words):
        await Call(Terms(url, "test", None, 5), Silence(), sink, print).run()
    with pytest.raises(RuntimeError, match="closed"):
        sink.write(np.zeros(960, np.float32))


async def test_a_call_to_an_unknown_room_or_in_an_unknown_mode_says_so(base: str) -> None:
    for terms, words in (
        (Terms(f"{base}/r/nowhere", "test", None, 5), "room"),
        (Terms(base, "test", "morse", 5), "no mode 'morse'"),
    ):
        with pytest.raises(CallError, match=words):
            await Call(terms, Silence(), Nowhere(), lambda line: None).run()


def threads_of_calls() -> int:
    """All threads but the event loop's own pool, which stays and is bounded."""
    return sum(not thread.name.startswith("asyncio_") for thread in threading.enumerate())


async def real_offer() -> str:
    connection = Connection(lambda packet: None, [])
    try:
        return await connection.offer()
    finally:
        await connection.close()
