"""A real relay on a real socket, and clients that speak to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector, WSMsgType
from aiohttp.test_utils import BaseTestServer, TestServer

from sotto_signaling.limits import Limits
from sotto_signaling.media import MediaHost
from sotto_signaling.messages import (
    CreateRoom,
    Join,
    Joined,
    Message,
    RoomCreated,
    from_relay,
    to_json,
)
from sotto_signaling.rooms import Rooms
from sotto_signaling.server import ServerOptions, create_app
from tests.test_signaling.virtual import DEFAULTS

LIMITS = Limits()
QUICK = ServerOptions(tick_s=0.02, close_s=1.0)
PATIENCE_S = 20.0  # for what must happen; a machine may be busy
M = TypeVar("M", bound=Message)


@dataclass
class Client:
    """One WebSocket to the relay."""

    ws: ClientWebSocketResponse

    async def say(self, message: Message) -> None:
        await self.ws.send_str(to_json(message))

    async def hear(self, kind: type[M]) -> M:
        """The next message, which is of this kind."""
        frame = await self.ws.receive(PATIENCE_S)
        assert frame.type is WSMsgType.TEXT, frame
        message = from_relay(frame.data)
        assert isinstance(message, kind), message
        return message

    async def closed(self) -> int | None:
        """The code that the relay closes with, once nothing else is to be heard."""
        frame = await self.ws.receive(PATIENCE_S)
        assert frame.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR), frame
        return self.ws.close_code

    async def create(self) -> str:
        await self.say(CreateRoom())
        return (await self.hear(RoomCreated)).room

    async def join(self, room: str, name: str = "Ada", token: str | None = None) -> Joined:
        await self.say(Join(room, name, token))
        return await self.hear(Joined)

    def vanish(self) -> None:
        """As when a cable is pulled: no close frame."""
        connection = self.ws._response.connection  # no public way to hang up rudely
        assert connection and connection.transport
        connection.transport.abort()


@dataclass
class Relay:
    """A running relay. `rooms` may be asked, not told."""

    rooms: Rooms
    server: BaseTestServer
    http: ClientSession
    open: list[ClientWebSocketResponse] = field(default_factory=list)

    @property
    def url(self) -> str:
        return str(self.server.make_url("/")).rstrip("/")

    async def connect(self, **headers: str) -> Client:
        ws = await self.http.ws_connect(f"{self.url}/ws", headers=headers, max_msg_size=0)
        self.open.append(ws)
        return Client(ws)

    async def call(self) -> tuple[tuple[Client, Joined], tuple[Client, Joined]]:
        """Ada and Grace in one room."""
        ada, grace = await self.connect(), await self.connect()
        room = await ada.create()
        ada_joined, grace_joined = await ada.join(room, "Ada"), await grace.join(room, "Grace")
        await ada.ws.receive(PATIENCE_S)  # peer-joined
        return (ada, ada_joined), (grace, grace_joined)


@asynccontextmanager
async def running(
    media: MediaHost | None = None,
    page_dir: Path | None = None,
    limits: Limits = LIMITS,
    options: ServerOptions = QUICK,
) -> AsyncIterator[Relay]:
    rooms = Rooms(limits, DEFAULTS)
    app = create_app(rooms, media, page_dir, options)
    async with TestServer(app) as server, ClientSession(connector=TCPConnector(limit=0)) as http:
        relay = Relay(rooms, server, http)
        yield relay
        for ws in relay.open:
            await ws.close()


async def until(what: Callable[[], bool]) -> None:
    """Returns when it is so; fails when it does not come."""
    for _ in range(int(PATIENCE_S / 0.01)):
        if what():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to pass")
