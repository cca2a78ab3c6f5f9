"""A whole call of a headless peer: signaling over a WebSocket, one WebRTC connection, mouth and
ear.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from sotto_app.media.connection import Connection
from sotto_app.media.downlink import OpusOut
from sotto_app.media.headless import Ear, Mouth
from sotto_app.media.relay_socket import CallError as CallError
from sotto_app.media.relay_socket import RelaySocket
from sotto_app.media.sound import Sink, Source
from sotto_app.modes import BrowserOpus
from sotto_signaling.messages import (
    Answer,
    Caption,
    CreateRoom,
    Error,
    Join,
    Joined,
    Leave,
    Message,
    Offer,
    PeerJoined,
    PeerLeft,
    Ping,
    RoomCreated,
    SetMode,
    Stats,
)

TAIL_S = 2.0  # after the last word, so that it is heard before the line goes dead
SETTLE_S = 1.0  # after both are there, so that the first word is heard
CONNECT_S = 15.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What the caller wants."""

    url: str
    name: str
    mode: str | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a call came to."""

    room: str
    sent_mode: str
    heard_mode: str | None
    sent_bytes: int
    received_bytes: int
    delay_ms: float | None
    ended: str  # why, in words


class Call:
    """One call; `run` once. `say` gets lines for the user, `heed` what the relay counts."""

    def __init__(
        self,
        terms: Terms,
        source: Source,
        sink: Sink,
        say: Callable[[str], None],
        heed: Callable[[Stats], None] | None = None,
    ) -> None:
        self._terms, self._say, self._heed = terms, say, heed
        self._source, self._sink = source, sink
        self._company = asyncio.Event()
        self._all_said = asyncio.Event()
        self._over = asyncio.Event()
        self._ended = ""
        self._mode = terms.mode or ""
        self._browser: dict[str, BrowserOpus] = {}
        self._stats: Stats | None = None

    async def run(self) -> Report:
        """Raises CallError. Closes source and sink, however it ends."""
        try:
            return await self._reach(*_address(self._terms.url))
        finally:
            self._source.close()
            self._sink.close()

    async def _reach(self, base: str, room: str) -> Report:
        try:
            async with aiohttp.ClientSession() as session:
                await self._load_modes(session, base)
                async with session.ws_connect(f"{base}/ws", max_msg_size=1 << 20) as ws:
                    return await self._converse(RelaySocket(ws), base, room)
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise CallError(f"the relay at {base} cannot be reached: {fault}") from fault

    async def _load_modes(self, session: aiohttp.ClientSession, base: str) -> None:
        async with session.get(f"{base}/api/config") as response:
            config = await response.json()
        self._browser = {
            mode["name"]: BrowserOpus(**mode["browser"])
            for mode in config["modes"]
            if mode["available"]
        }
        self._mode = self._mode or config["default_mode"]
        if self._mode not in self._browser:
            raise CallError(f"no mode {self._mode!r} here; there are {', '.join(self._browser)}")

    async def _converse(self, relay: RelaySocket, base: str, room: str) -> Report:
        joined = await self._join(relay, base, room)
        ear = Ear(self._sink)
        connection = Connection(ear.receive, joined.ice_servers)
        mouth = self._mouth(connection)
        tasks = [asyncio.create_task(self._ping(relay, joined.ping_every_s))]
        try:
            await self._connect(relay, connection)
            await relay.send(SetMode(self._mode))
            talk = self._listen(relay), self._talk(mouth), self._watch(connection)
            tasks += [asyncio.create_task(it) for it in talk]
            await self._until_over()
            await relay.send(Leave())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(asyncio.to_thread(mouth.stop), asyncio.to_thread(ear.stop))
            await connection.close()
        self._say(f"The call is over: {self._ended}.")
        return self._report(joined.room)

    async def _join(self, relay: RelaySocket, base: str, room: str) -> Joined:
        """A room, a new one where none is given."""
        if not room:
            await relay.send(CreateRoom())
            room = (await relay.expect(RoomCreated)).room
            self._say(f"Room: {base}/r/{room}")
        await relay.send(Join(room, self._terms.name))
        joined = await relay.expect(Joined)
        if joined.peers:
            self._company.set()
        return joined

    def _mouth(self, connection: Connection) -> Mouth:
        """Its callbacks come from its own thread."""
        loop = asyncio.get_running_loop()

        def send(packet: OpusOut) -> None:
            loop.call_soon_threadsafe(connection.send, packet)

        def all_said() -> None:
            loop.call_soon_threadsafe(self._all_said.set)

        return Mouth(self._source, self._browser[self._mode], send, all_said)

    async def _connect(self, relay: RelaySocket, connection: Connection) -> None:
        await relay.send(Offer(await connection.offer()))
        await connection.accept((await relay.expect(Answer, self._note)).sdp)
        async with asyncio.timeout(CONNECT_S):
            await connection.connected.wait()
        self._say(f"Connected, sending in {self._mode}.")

    async def _listen(self, relay: RelaySocket) -> None:
        while (message := await relay.hear()) is not None:
            self._note(message)
        self._end("the relay is gone")

    def _note(self, message: Message) -> None:
        match message:
            case PeerJoined():
                self._say(f"{message.peer.name} is here.")
                self._company.set()
            case PeerLeft():
                self._end("the other hung up" if message.reason == "left" else "the other is lost")
            case Stats():
                self._stats = message
                if self._heed:
                    self._heed(message)
            case Caption(own=own, words=words, final=True):
                self._say(f"{'You' if own else 'The other'}: {words}")
            case Error():
                self._say(f"The relay says: {message.message}")
                if message.fatal:
                    self._end(message.message)

    async def _talk(self, mouth: Mouth) -> None:
        await self._company.wait()
        await asyncio.sleep(SETTLE_S)
        mouth.start()
        await self._all_said.wait()
        await asyncio.sleep(TAIL_S)
        self._end("all is said")

    async def _watch(self, connection: Connection) -> None:
        await connection.failed.wait()
        self._end("the connection is lost")

    async def _ping(self, relay: RelaySocket, every_s: float) -> None:
        number = 0
        while True:
            await asyncio.sleep(every_s)
            number += 1
            await relay.send(Ping(number))

    async def _until_over(self) -> None:
        try:
            async with asyncio.timeout(self._terms.seconds):
                await self._over.wait()
        except TimeoutError:
            self._ended = "time is up"

    def _end(self, why: str) -> None:
        self._ended = self._ended or why
        self._over.set()

    def _report(self, room: str) -> Report:
        stats = self._stats
        return Report(
            room=room,
            sent_mode=self._mode,
            heard_mode=stats.reception.mode if stats else None,
            sent_bytes=stats.sent.total_bytes if stats else 0,
            received_bytes=stats.received.total_bytes if stats else 0,
            delay_ms=stats.reception.delay_ms if stats else None,
            ended=self._ended,
        )


def _address(url: str) -> tuple[str, str]:
    """The relay's address and the room, which may be empty. Raises CallError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise CallError(f"{url!r} is not like http://localhost:8080/r/ROOM")
    return f"{parts.scheme}://{parts.netloc}", parts.path.removeprefix("/r/").strip("/")
