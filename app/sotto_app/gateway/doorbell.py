"""How two gateways agree on a data channel: the offer is posted to the other relay, the reply is
the answer; both are SDP and nothing else. Both ends of it, the calling and the called.
"""

import asyncio

import aiohttp
from aiohttp import web

from sotto_app.gateway.address import WEBRTC_PATH
from sotto_app.transports.lobby import Crowded, Lobby
from sotto_app.transports.webrtc import BadDescription

SDP = "application/sdp"
SDP_BYTES = 16_384
PATIENCE_S = 120.0  # TCP, TLS and two descriptions on 2400 bit/s
LOBBY: web.AppKey[Lobby] = web.AppKey("lobby")


class TooLong(ValueError):
    """More than any description has."""


def add_doorbell(app: web.Application) -> None:
    """The route; it opens only where the settings have put a Lobby into the application."""
    app.router.add_post(WEBRTC_PATH, _called)


async def ring(url: str, offer: str) -> str:
    """The answer to this offer. Raises OSError with a sentence that says why there is none."""
    patience = aiohttp.ClientTimeout(total=PATIENCE_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=patience) as http,
            http.post(
                url, data=offer, headers={"Content-Type": SDP}, allow_redirects=False
            ) as response,
        ):
            said, status = await _text(response.content), response.status
    except (aiohttp.ClientError, ValueError) as fault:
        raise ConnectionError(f"{url}: {fault}") from fault
    if status != 200:
        raise ConnectionRefusedError(f"{url} says {status}: {said[:200]!r}")
    return said


async def _called(request: web.Request) -> web.Response:
    lobby = request.app.get(LOBBY)
    if lobby is None:
        sentence = (
            'This relay waits for no gateway here: its settings lack gateway.listen = "webrtc".'
        )
        raise web.HTTPNotFound(text=sentence)
    if request.content_type != SDP:
        raise web.HTTPUnsupportedMediaType(text=f"An offer is of the type {SDP}.")
    return web.Response(text=await _answer(lobby, request), content_type=SDP)


async def _answer(lobby: Lobby, request: web.Request) -> str:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await lobby.answer(await _text(request.content))
    except TooLong as fault:
        raise web.HTTPRequestEntityTooLarge(SDP_BYTES, SDP_BYTES + 1) from fault
    except Crowded as fault:
        sentence = "Too many have come at once; try again in a minute."
        raise web.HTTPServiceUnavailable(text=sentence, headers={"Retry-After": "60"}) from fault
    except TimeoutError as fault:
        raise web.HTTPRequestTimeout from fault
    except BadDescription as fault:
        raise web.HTTPBadRequest(text=f"{fault}.") from fault
    except UnicodeDecodeError as fault:
        raise web.HTTPBadRequest(text="This is no SDP.") from fault


async def _text(body: aiohttp.StreamReader) -> str:
    """Raises TooLong, UnicodeDecodeError."""
    read = bytearray()
    async for part in body.iter_any():
        read += part
        if len(read) > SDP_BYTES:
            raise TooLong(f"more than {SDP_BYTES} bytes")
    return read.decode()
