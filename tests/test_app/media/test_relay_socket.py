"""What a headless peer makes of what a relay says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sotto_app.media.relay_socket import CallError, RelaySocket
from sotto_signaling.errors import Code
from sotto_signaling.messages import Error, Message, Pong, RoomCreated, to_json

FULL = Error(Code.LINK_FULL, "The link is full.", False)


@asynccontextmanager
async def relay_that_says(*frames: str | bytes) -> AsyncIterator[RelaySocket]:
    """And then hangs up."""

    async def talk(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        for frame in frames:
            await (ws.send_str(frame) if isinstance(frame, str) else ws.send_bytes(frame))
        await ws.close()
        return ws

    app = web.Application()
    app.router.add_get("/ws", talk)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.make_url("/ws")) as ws:
            yield RelaySocket(ws)


async def test_what_is_not_understood_is_passed_over() -> None:
    frames = ("{}", "nonsense", b"\0\1", '{"type": "of tomorrow"}', to_json(Pong(7)))
    async with relay_that_says(*frames) as relay:
        assert [await relay.hear(), await relay.hear()] == [Pong(7), None]


async def test_others_than_the_expected_one_are_noted_a_full_link_among_them() -> None:
    noted = list[Message]()
    said = [to_json(it) for it in (Pong(1), FULL, RoomCreated("here"), Pong(2))]
    async with relay_that_says(*said) as relay:
        assert await relay.expect(RoomCreated, noted.append) == RoomCreated("here")
        assert noted == [Pong(1), FULL] and await relay.hear() == Pong(2)


async def test_an_error_and_a_hang_up_end_the_wait() -> None:
    refused = Error(Code.ROOM_FULL, "Two people are here.", True)
    async with relay_that_says(to_json(refused)) as relay:
        with pytest.raises(CallError, match="Two people are here"):
            await relay.expect(RoomCreated)
        with pytest.raises(CallError, match="hung up"):
            await relay.expect(RoomCreated)
