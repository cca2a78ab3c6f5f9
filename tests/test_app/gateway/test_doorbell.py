"""Asking for a data channel over HTTP: what is refused, and what the other side then knows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from sotto_app.gateway.doorbell import LOBBY, SDP, SDP_BYTES, add_doorbell, ring
from sotto_app.media.aiortc_internals import allow_loopback
from sotto_app.transports.base import OnDatagram, Traffic
from sotto_app.transports.lobby import MOST_CHANNELS, Lobby
from sotto_app.transports.webrtc import DataChannel
from tests.test_app.transports.catching import Caught


def a_channel(on_datagram: OnDatagram, traffic: Traffic) -> DataChannel:
    return DataChannel(on_datagram, traffic=traffic)


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/gateway"
    await runner.cleanup()


@pytest.fixture
async def url() -> AsyncIterator[str]:
    allow_loopback()
    app, lobby = web.Application(), Lobby(Caught(), a_channel)
    app[LOBBY] = lobby
    add_doorbell(app)
    async with served(app) as url:
        yield url
    await lobby.close()


async def test_who_asks_gets_an_answer_that_fits_its_offer(url: str) -> None:
    channel = DataChannel(Caught())
    await channel.accept(await ring(url, await channel.offer()))
    await channel.until_connected(10)
    await channel.close()


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (SDP, b"v=0", 400),
        (SDP, b"", 400),
        (SDP, b"\xff", 400),
        (SDP, bytes(SDP_BYTES), 400),
        (SDP, bytes(SDP_BYTES + 1), 413),
        ("text/plain", b"v=0", 415),
        ("application/json", b"{}", 415),
    ],
)
async def test_what_is_no_offer_is_refused(kind: str, body: bytes, status: int, url: str) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.post(url, data=body, headers={"Content-Type": kind}) as answer:
            assert answer.status == status


async def test_more_than_may_be_let_in_are_told_to_wait(url: str) -> None:
    guests = [DataChannel(Caught()) for _ in range(MOST_CHANNELS + 1)]
    for guest in guests[:-1]:
        await ring(url, await guest.offer())
    with pytest.raises(OSError, match="says 503: 'Too many have come at once"):
        await ring(url, await guests[-1].offer())
    for guest in guests:
        await guest.close()


async def test_a_relay_that_waits_for_nobody_is_named_with_its_reason() -> None:
    app = web.Application()
    add_doorbell(app)
    async with served(app) as url:
        with pytest.raises(OSError, match=f"{url} says 404: 'This relay waits for no gateway"):
            await ring(url, "v=0")


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (web.Response(body=bytes(SDP_BYTES + 1)), f"more than {SDP_BYTES} bytes"),
        (web.Response(body=b"\xff"), "can't decode byte 0xff"),
        (web.Response(status=302, headers={"Location": "/elsewhere"}), "says 302"),
    ],
)
async def test_a_server_that_is_no_relay_is_a_fault_with_its_address(
    response: web.Response, message: str
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return response

    app = web.Application()
    app.router.add_post("/gateway", answer)
    async with served(app) as url:
        with pytest.raises(OSError, match=f"{url}.*{message}"):
            await ring(url, "v=0")


async def test_nobody_there_is_a_fault_with_its_address() -> None:
    with pytest.raises(OSError, match="http://127.0.0.1:1/gateway: "):
        await ring("http://127.0.0.1:1/gateway", "v=0")
