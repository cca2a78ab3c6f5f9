"""The rooms on the network: an aiohttp application with /ws, /healthz and the page."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from aiohttp import WSCloseCode, WSMsgType, web

from sotto_signaling.connection import Connection
from sotto_signaling.errors import Code, SignalingError
from sotto_signaling.limits import address_key
from sotto_signaling.media import MediaHost, NoMedia, Place, ToPage
from sotto_signaling.messages import Error, Leave, Message, to_json
from sotto_signaling.outputs import Close, ClosePipeline, OpenPipeline, Output, Send, ToPipeline
from sotto_signaling.page import add_page
from sotto_signaling.pipelines import Pipelines
from sotto_signaling.rooms import Rooms

log = logging.getLogger(__name__)

# Up to this many times the limit, a message is read whole and gets a typed error; past it the
# connection is closed with WebSocket's own code for it, 1009 (RFC 6455 section 7.4.1).
READ_PAST_LIMIT = 16


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How the server meets its network. `allowed_origins` are like https://voice.example."""

    trust_proxy: bool = False  # the last entry of X-Forwarded-For is the client
    allowed_origins: tuple[str, ...] = ()  # besides the host that the page came from
    tick_s: float = 1.0
    waiting: int = 64  # messages that a slow socket may let wait before it is cut off
    close_s: float = 3.0  # for the other end to agree to a close
    media_call_s: float = 20.0  # for one call of the media host


def create_app(
    rooms: Rooms,
    media: MediaHost | None,
    page_dir: Path | None,
    options: ServerOptions | None = None,
) -> web.Application:
    """The application; routes that are added to it later go before the page's files."""
    app = web.Application()
    server = Server(rooms, media or NoMedia(), options or ServerOptions())
    health = {"status": "ok", "version": version("sotto-call")}

    async def healthz(request: web.Request) -> web.Response:
        return web.json_response(health | rooms.counts(), headers={"Cache-Control": "no-store"})

    app.router.add_get("/ws", server.websocket)
    app.router.add_get("/healthz", healthz)
    add_page(app, page_dir)
    app[SERVER] = server
    app.cleanup_ctx.append(server.ticking)
    app.on_shutdown.append(server.shutdown)
    return app


SERVER: web.AppKey["Server"] = web.AppKey("server")


class Listener(Protocol):
    """Hears what the rooms tell one socket; `close` is the last that it hears."""

    def send(self, message: Message) -> None: ...
    def close(self) -> None: ...


class Server:
    """Carries out what the rooms want."""

    def __init__(self, rooms: Rooms, media: MediaHost, options: ServerOptions) -> None:
        self._rooms = rooms
        self._options = options
        self._connections: dict[int, Listener] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._numbers = itertools.count(1)
        self._pipelines = Pipelines(media, self._media_failed, options.media_call_s)

    async def websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One socket, from its handshake until it is closed and nothing of it is left."""
        if not _may_come_from(request, self._options.allowed_origins):
            raise web.HTTPForbidden(text="This origin may not open a call here.")
        ws = web.WebSocketResponse(
            timeout=self._options.close_s,
            max_msg_size=READ_PAST_LIMIT * self._rooms.limits.message_bytes,
            compress=False,
        )
        await ws.prepare(request)
        assert request.transport is not None  # prepare has just written to it
        connection = Connection(ws, request.transport, self._options.waiting)
        socket = next(self._numbers)
        self._connections[socket] = connection
        self._idle.clear()
        address = _address_of(request, self._options.trust_proxy)
        try:
            self._step(socket, partial(self._rooms.connected, socket, address))
            await self._converse(socket, ws, connection)
        finally:
            self._drop(socket)
            self._gone(socket, ws)
        return ws

    def join_far(self, room: str, name: str, listener: Listener) -> int:
        """A peer of another relay comes in. `listener` hears what its page would; whoever calls
        this speaks for it with `say_far`, by the number that this gives.
        """
        socket = next(self._numbers)
        self._connections[socket] = listener
        self._step(socket, partial(self._rooms.join_far, socket, room, name))
        return socket

    def say_far(self, socket: int, message: Message) -> None:
        self._step(socket, partial(self._rooms.received, socket, to_json(message)))

    def leave_far(self, socket: int) -> None:
        """It is gone for good, or was never let in."""
        if self._drop(socket):
            self.say_far(socket, Leave())
            self._carry_out(self._rooms.gone(socket, _now()))

    def _drop(self, socket: int) -> Listener | None:
        connection = self._connections.pop(socket, None)
        if not self._connections:
            self._idle.set()
        return connection

    async def _converse(self, socket: int, ws: web.WebSocketResponse, to: Connection) -> None:
        """Read and write until either ends; then say goodbye, for as long as that may take."""
        loop = asyncio.get_running_loop()
        reader = asyncio.create_task(self._read(socket, ws), name=f"reader of socket {socket}")
        writer = asyncio.create_task(to.write(), name=f"writer of socket {socket}")
        try:
            await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
            self._gone(socket, ws)  # the other peer need not wait
            await _ended(reader)  # so that ws.close() may read until the other end agrees
            deadline = loop.call_later(self._options.close_s, to.cut)
            await ws.close()
            deadline.cancel()
        finally:
            await _ended(reader, writer)

    def _gone(self, socket: int, ws: web.WebSocketResponse) -> None:
        page_went = ws.close_code == WSCloseCode.GOING_AWAY
        self._carry_out(self._rooms.gone(socket, _now(), page_went=page_went))

    async def _read(self, socket: int, ws: web.WebSocketResponse) -> None:
        async for frame in ws:
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            self._step(socket, partial(self._rooms.received, socket, frame.data))
            await asyncio.sleep(0)  # frames that came together must not hold up the writers

    def _step(self, socket: int, step: Callable[[float], list[Output]]) -> None:
        try:
            self._carry_out(step(_now()))
        except Exception:  # a fault of ours in one message must not end the other calls
            log.exception("a message of socket %s failed", socket)
            sentence = "Something failed in the relay; it is in its log."
            self._send(socket, Error(Code.INTERNAL, sentence, fatal=False))

    def _carry_out(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            match output:
                case Send(socket, message):
                    self._send(socket, message)
                case Close(socket):
                    if connection := self._connections.get(socket):
                        connection.close()
                case OpenPipeline(room, peer, name, far):
                    self._pipelines.open(Place(room, peer, name, far), self._sender(peer))
                case ToPipeline(peer, message):
                    self._pipelines.put(peer, message)
                case ClosePipeline(peer):
                    self._pipelines.close(peer)

    def _send(self, socket: int | None, message: Message) -> bool:
        if socket is None or (connection := self._connections.get(socket)) is None:
            return False
        connection.send(message)
        return True

    def _sender(self, peer: str) -> ToPage:
        return lambda message: self._send(self._rooms.socket_of(peer), message)

    def _media_failed(self, peer: str, fault: SignalingError) -> None:
        self._carry_out(self._rooms.failed(peer, fault, _now()))

    async def ticking(self, app: web.Application) -> AsyncIterator[None]:
        """Time goes by for the rooms while the application runs."""
        task = asyncio.create_task(self._tick(), name="tick")
        yield
        await _ended(task)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._options.tick_s)
            try:
                self._carry_out(self._rooms.tick(_now()))
            except Exception:  # a fault in one tick must not stop time for every room
                log.exception("a tick failed")

    async def shutdown(self, app: web.Application) -> None:
        """Every socket is told, then the media host gives up what is left."""
        self._carry_out(self._rooms.shutdown(_now()))
        with suppress(TimeoutError):  # a socket that does not close is cut off by aiohttp
            async with asyncio.timeout(2 * self._options.close_s):
                await self._idle.wait()
        await self._pipelines.shutdown()


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _ended(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _may_come_from(request: web.Request, allowed: tuple[str, ...]) -> bool:
    """A page of the same host, or of an allowed one; no origin at all is not a browser."""
    origin = request.headers.get("Origin")
    own = (f"http://{request.host}", f"https://{request.host}")
    return origin is None or origin in (*own, *allowed)


def _address_of(request: web.Request, trust_proxy: bool) -> str:
    """What the limits count. The last entry is the one that our own proxy wrote."""
    forwarded = request.headers.getall("X-Forwarded-For", []) if trust_proxy else []
    address = forwarded[-1].rsplit(",", 1)[-1].strip() if forwarded else request.remote
    return address_key(address or "unknown")
