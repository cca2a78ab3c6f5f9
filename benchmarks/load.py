"""Cheap callers: many calls from one process, saying packets that were encoded beforehand and
decoding nothing.

Sound is in time if it comes within 60 ms of what the earliest of the ten seconds before it leads
one to expect: a listener who waits those three frames longer hears no hole.
"""

import asyncio
import gc
import itertools
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from typing import TypeVar

import aiohttp
import numpy as np
import psutil

from benchmarks.usage import Window
from sotto_app.link.jitter import Lateness
from sotto_app.link.packet import unwrap
from sotto_app.media.capture import RTP_RATE_HZ, RtpOpus
from sotto_app.media.connection import Connection
from sotto_app.media.downlink import OpusOut
from sotto_codecs.backends.libopus import packet_samples
from sotto_signaling import messages
from sotto_signaling.messages import Message, from_relay, to_json

Kind = TypeVar("Kind", bound=Message)

IN_TIME_MS = 60.0
PATIENCE_S = 60.0  # for a busy relay to answer
STRAGGLERS_S = 0.5  # how long after the window packets are still taken


@dataclass(frozen=True, slots=True)
class Job:
    """What one process has to do. Each call comes from an address of its own, 127.`number`.0.1 and
    on, for a relay lets no address have many."""

    url: str
    number: int
    cores: tuple[int, ...]
    mode: str
    calls: int
    voice: tuple[bytes, ...]  # Opus packets, said over and over
    frame_ms: int


@dataclass(frozen=True, slots=True)
class Sound:
    """A packet that came."""

    at_s: float
    place_ms: float  # in RTP time
    duration_ms: float
    late_ms: float


@dataclass(frozen=True, slots=True)
class Stream:
    """What became of one direction of one call within the window."""

    expected_ms: float  # what was sent, or more where the relay left gaps between packets
    in_time_ms: float
    late_ms: tuple[float, ...]  # of each packet, against the earliest before it
    concealed: float  # share of what came that the relay had to make up
    delay_ms: float | None  # within the relay, as it tells its pages


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one process saw, and whether it kept up."""

    streams: tuple[Stream, ...]
    cpu_share: float  # of one core
    send_late_ms: float  # 99th percentile: what was said later than planned


@dataclass(slots=True)
class Caller:
    """One peer. Times are monotonic seconds."""

    ws: aiohttp.ClientWebSocketResponse
    sent: list[float] = field(default_factory=list)
    heard: list[tuple[float, RtpOpus]] = field(default_factory=list)
    told: list[tuple[float, str]] = field(default_factory=list)
    ping_every_s: int = 1
    connection: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = Connection(self._hear, [])

    def _hear(self, packet: RtpOpus) -> None:
        self.heard.append((time.monotonic(), packet))

    async def tell(self, message: Message) -> None:
        await self.ws.send_str(to_json(message))

    async def expect(self, kind: type[Kind]) -> Kind:
        """Raises TimeoutError, ConnectionError."""
        async with asyncio.timeout(PATIENCE_S):
            async for frame in self.ws:
                message = from_relay(frame.data)
                if isinstance(message, kind):
                    return message
        raise ConnectionError(f"the relay hung up before {kind.__name__}")

    async def take_seat(self, room: str, mode: str) -> None:
        await self.tell(messages.Join(room, "load"))
        self.ping_every_s = (await self.expect(messages.Joined)).ping_every_s
        await self.tell(messages.Offer(await self.connection.offer()))
        await self.connection.accept((await self.expect(messages.Answer)).sdp)
        async with asyncio.timeout(PATIENCE_S):
            await self.connection.connected.wait()
        await self.tell(messages.SetMode(mode))

    async def listen(self) -> None:
        """Keep what the relay tells; it is read when nothing else has to be done."""
        async for frame in self.ws:
            self.told.append((time.monotonic(), frame.data))

    async def stay(self) -> None:
        """Show the relay that somebody is there."""
        for number in itertools.count():
            await self.tell(messages.Ping(number))
            await asyncio.sleep(self.ping_every_s)


def run(job: Job, pipe: Pipe) -> None:
    """The process: says over the pipe when all calls are up, gets a Window, gives an Outcome."""
    psutil.Process().cpu_affinity(list(job.cores))
    gc.disable()  # its pauses, a tenth of a second, would be taken for the relay's
    asyncio.run(_run(job, pipe))


async def _run(job: Job, pipe: Pipe) -> None:
    async with AsyncExitStack() as stack:
        calls = [
            await stack.enter_async_context(_call(job, f"127.{job.number}.0.{place}"))
            for place in range(1, job.calls + 1)
        ]
        callers = [caller for call in calls for caller in call]
        pipe.send("ready")
        window: Window = await asyncio.to_thread(pipe.recv)
        late_ms: list[float] = []
        async with _running(_talk(callers, job, late_ms)):
            cpu_share = await _cpu_share(window)
            await asyncio.sleep(STRAGGLERS_S)
        pairs = [pair for one, other in calls for pair in ((one, other), (other, one))]
        streams = tuple(_stream(mouth, ear, job.frame_ms, window) for mouth, ear in pairs)
        pipe.send(Outcome(streams, cpu_share, float(np.percentile(late_ms, 99))))


@asynccontextmanager
async def _running(*jobs: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """As long as nothing else is to be done; then they are cancelled."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _call(job: Job, address: str) -> AsyncIterator[tuple[Caller, Caller]]:
    """Two peers in a room of their own, connected."""
    connector = aiohttp.TCPConnector(local_addr=(address, 0))
    async with aiohttp.ClientSession(connector=connector) as session, AsyncExitStack() as stack:
        callers = []
        for _ in range(2):
            ws = await stack.enter_async_context(session.ws_connect(f"{job.url}/ws"))
            callers.append(Caller(ws))
            stack.push_async_callback(callers[-1].connection.close)
        one, other = callers
        await one.tell(messages.CreateRoom())
        room = (await one.expect(messages.RoomCreated)).room
        for caller in callers:
            await caller.take_seat(room, job.mode)
            await stack.enter_async_context(_running(caller.listen(), caller.stay()))
        yield one, other


async def _talk(callers: list[Caller], job: Job, late_ms: list[float]) -> None:
    """All peers in turn, spread evenly over the length of a frame as people would be."""
    frame_s = job.frame_ms / 1000
    start = time.monotonic()
    for number in itertools.count():
        payload = job.voice[number % len(job.voice)]
        timestamp = number * job.frame_ms * RTP_RATE_HZ // 1000
        for place, caller in enumerate(callers):
            due = start + (number + place / len(callers)) * frame_s
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            caller.connection.send(OpusOut(timestamp, payload))
            now = time.monotonic()
            caller.sent.append(now)
            late_ms.append((now - due) * 1000)


async def _cpu_share(window: Window) -> float:
    """Of one core, by this process, until the window ends."""
    await asyncio.sleep(window.from_s - time.monotonic())
    before = time.process_time()
    await asyncio.sleep(window.to_s - time.monotonic())
    return (time.process_time() - before) / (window.to_s - window.from_s)


def _stream(mouth: Caller, ear: Caller, frame_ms: int, window: Window) -> Stream:
    sent_ms = frame_ms * sum(at in window for at in mouth.sent)
    sounds = [sound for sound in _sounds(ear.heard) if sound.at_s in window]
    places_ms = [sound.place_ms for sound in sounds]
    spanned_ms = max(places_ms) - min(places_ms) + frame_ms if sounds else 0.0
    told = [from_relay(text) for at, text in ear.told if at in window]
    receptions = [message.reception for message in told if isinstance(message, messages.Stats)]
    return Stream(
        expected_ms=max(sent_ms, spanned_ms),
        in_time_ms=sum(sound.duration_ms for sound in sounds if sound.late_ms <= IN_TIME_MS),
        late_ms=tuple(sound.late_ms for sound in sounds),
        concealed=float(np.mean([it.concealed for it in receptions])) if receptions else 0.0,
        delay_ms=receptions[-1].delay_ms if receptions else None,
    )


def _sounds(heard: list[tuple[float, RtpOpus]]) -> Iterator[Sound]:
    lateness, near = Lateness(), 0
    for at_s, packet in heard:
        near = unwrap(packet.timestamp, near, 32)
        place_ms = near * 1000 / RTP_RATE_HZ
        duration_ms = packet_samples(packet.payload, RTP_RATE_HZ) * 1000 / RTP_RATE_HZ
        lateness.add(at_s * 1000 - place_ms, at_s)
        yield Sound(at_s, place_ms, duration_ms, at_s * 1000 - place_ms - lateness.earliest_ms)
