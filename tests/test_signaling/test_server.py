"""The server on a real socket: what clients that behave, misbehave and vanish get to see."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from aiohttp import WSCloseCode, WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestServer

from sotto_signaling.errors import Code
from sotto_signaling.messages import (
    Error,
    Leave,
    Message,
    ModeChanged,
    Mute,
    Offer,
    PeerDropped,
    PeerJoined,
    PeerLeft,
    PeerMuted,
    PeerResumed,
    Ping,
    Pong,
    SetMode,
    to_json,
)
from sotto_signaling.server import SERVER, Server
from tests.test_signaling.relay import (
    LIMITS,
    PATIENCE_S,
    QUICK,
    Client,
    Relay,
    running,
    until,
)


async def test_a_call_from_the_link_to_the_end() -> None:
    async with running() as relay:
        (ada, _), (grace, grace_joined) = await relay.call()
        await grace.say(SetMode("codec2-700c"))
        for client in (ada, grace):
            changed = await client.hear(ModeChanged)
            assert changed == ModeChanged(grace_joined.peer, "codec2-700c")
        await grace.say(Mute(True))
        assert await ada.hear(PeerMuted) == PeerMuted(grace_joined.peer, True)
        await ada.say(Ping(12))
        assert await ada.hear(Pong) == Pong(12)
        await grace.say(Leave())
        assert await ada.hear(PeerLeft) == PeerLeft(grace_joined.peer, "left")


async def test_health_says_how_many_are_here() -> None:
    async with running() as relay:
        await relay.call()
        async with relay.http.get(f"{relay.url}/healthz") as answer:
            health = await answer.json()
        assert answer.status == 200
        assert health["version"].count(".") == 2
        counted = {key: health[key] for key in ("status", "sockets", "rooms", "peers")}
        assert counted == {"status": "ok", "sockets": 2, "rooms": 1, "peers": 2}


async def test_a_third_finds_the_room_full() -> None:
    async with running() as relay:
        (_, ada_joined), _ = await relay.call()
        third = await relay.connect()
        await third.ws.send_json({"type": "join", "room": ada_joined.room, "name": "Eve"})
        assert (await third.hear(Error)).code is Code.ROOM_FULL


async def test_a_dropped_peer_takes_its_seat_again() -> None:
    async with running() as relay:
        (ada, ada_joined), (grace, _) = await relay.call()
        ada.vanish()
        assert await grace.hear(PeerDropped) == PeerDropped(ada_joined.peer, 60)
        back = await (await relay.connect()).join(ada_joined.room, "Ada", ada_joined.token)
        assert (back.resumed, back.peer) == (True, ada_joined.peer)
        assert await grace.hear(PeerResumed) == PeerResumed(ada_joined.peer)


async def test_a_new_connection_takes_over_from_one_that_hangs() -> None:
    async with running() as relay:
        (ada, ada_joined), (grace, _) = await relay.call()
        newer = await relay.connect()
        assert (await newer.join(ada_joined.room, "Ada", ada_joined.token)).resumed
        error = await ada.hear(Error)
        assert (error.code, error.fatal) == (Code.SEAT_TAKEN_OVER, True)
        assert await ada.closed() == 1000
        await newer.say(Leave())
        assert await grace.hear(PeerLeft) == PeerLeft(ada_joined.peer, "left")


async def test_a_page_that_says_it_goes_away_keeps_its_seat_for_a_reload_only() -> None:
    async with running() as relay:
        (ada, ada_joined), (grace, _) = await relay.call()
        await ada.ws.close(code=WSCloseCode.GOING_AWAY)
        assert await grace.hear(PeerDropped) == PeerDropped(ada_joined.peer, 5)


async def test_a_seat_runs_out() -> None:
    async with running(limits=replace(LIMITS, seat_kept_s=0)) as relay:
        (ada, ada_joined), (grace, _) = await relay.call()
        ada.vanish()
        await grace.hear(PeerDropped)
        assert await grace.hear(PeerLeft) == PeerLeft(ada_joined.peer, "timeout")


@pytest.mark.parametrize("seated", [False, True])
async def test_a_socket_that_says_nothing_is_told_and_closed(seated: bool) -> None:
    async with running(limits=replace(LIMITS, silent_after_s=0.3)) as relay:
        client = await relay.connect()
        if seated:
            await client.join(await client.create())
        error = await client.hear(Error)
        assert (error.code, error.fatal) == (Code.SILENT_SOCKET, True)
        assert await client.closed() == 1000


# --- bad input -------------------------------------------------------------------------------


async def garbage(client: Client) -> None:
    for text in ("", "[", "[" * 60_000, '{"type":"join"}', '{"type":"answer","sdp":""}', "\x00"):
        await client.ws.send_str(text)
        assert not (await client.hear(Error)).fatal
    await client.ws.send_bytes(b"\xff\xfe")
    assert (await client.hear(Error)).code is Code.BAD_MESSAGE


async def oversize(client: Client) -> None:
    await client.say(Offer("x" * 70_000))
    error = await client.hear(Error)
    assert (error.code, error.fatal) == (Code.MESSAGE_TOO_LARGE, True)
    assert await client.closed() == 1000


async def far_oversize(client: Client) -> None:
    await client.ws.send_str("x" * (LIMITS.message_bytes * 16 + 1))
    assert await client.closed() in (1009, 1006)  # 1006: cut before the close could be read


async def flood(client: Client) -> None:
    for number in range(LIMITS.message_burst + 200):
        await client.say(Ping(number))
    frames = [frame async for frame in client.ws if frame.type is WSMsgType.TEXT]
    assert '"rate-limited"' in frames[-1].data and '"fatal": true' in frames[-1].data
    assert client.ws.close_code == 1000


async def no_unicode(client: Client) -> None:
    writer = client.ws._writer  # send_frame is the one way to send text that is none
    await writer.send_frame(b"\xff\xff", WSMsgType.TEXT)
    assert await client.closed() == 1007  # RFC 6455 section 8.1


@pytest.mark.parametrize("nuisance", [garbage, oversize, far_oversize, flood, no_unicode])
async def test_two_peers_notice_nothing_of_a_third(
    nuisance: Callable[[Client], Awaitable[None]],
) -> None:
    async with running() as relay:
        (ada, ada_joined), (grace, _) = await relay.call()
        await nuisance(await relay.connect())
        await ada.say(Mute(True))
        assert await grace.hear(PeerMuted) == PeerMuted(ada_joined.peer, True)
        await grace.say(Ping(1))
        assert await grace.hear(Pong) == Pong(1)
        assert relay.rooms.counts()["peers"] == 2


async def test_one_address_gets_so_many_sockets() -> None:
    async with running(limits=replace(LIMITS, sockets_per_address=2)) as relay:
        first, _, third = [await relay.connect() for _ in range(3)]
        error = await third.hear(Error)
        assert (error.code, error.fatal) == (Code.TOO_MANY_SOCKETS, True)
        assert await third.closed() == 1000
        await first.ws.close()
        await until(lambda: relay.rooms.counts()["sockets"] == 1)
        await (await relay.connect()).create()


async def test_the_address_is_the_clients_only_behind_a_trusted_proxy() -> None:
    limits = replace(LIMITS, sockets_per_address=1)
    async with running(limits=limits, options=replace(QUICK, trust_proxy=True)) as relay:
        for forwarded in ("192.0.2.1", "192.0.2.2", "192.0.2.1, 192.0.2.3"):
            await (await relay.connect(**{"X-Forwarded-For": forwarded})).create()
        error = await (await relay.connect(**{"X-Forwarded-For": "x, 192.0.2.2"})).hear(Error)
        assert error.code is Code.TOO_MANY_SOCKETS
    async with running(limits=limits) as relay:
        await relay.connect(**{"X-Forwarded-For": "192.0.2.1"})
        second = await relay.connect(**{"X-Forwarded-For": "192.0.2.2"})
        assert (await second.hear(Error)).code is Code.TOO_MANY_SOCKETS


async def test_pages_of_other_origins_are_kept_out() -> None:
    options = replace(QUICK, allowed_origins=("https://voice.example",))
    async with running(options=options) as relay:
        for origin in (relay.url, "https://voice.example"):
            await (await relay.connect(Origin=origin)).create()
        for origin in ("https://evil.example", "null", "http://voice.example", "http://[", ""):
            with pytest.raises(WSServerHandshakeError) as refusal:
                await relay.connect(Origin=origin)
            assert refusal.value.status == 403, origin


# --- the end ---------------------------------------------------------------------------------


async def test_shutdown_is_told() -> None:
    async with running() as relay:
        (ada, _), (grace, _) = await relay.call()
        stopping = asyncio.create_task(relay.server.close())
        for client in (ada, grace):
            heard: list[Message] = [await client.hear(Message)]
            while not isinstance(heard[-1], Error):
                heard.append(await client.hear(Message))
            assert (heard[-1].code, heard[-1].fatal) == (Code.SHUTTING_DOWN, True)
            assert await client.closed() == 1000
        await stopping


class FarPeer:
    """A peer of another relay, who leaves when it is shown out."""

    def __init__(self, server: Server, room: str) -> None:
        self._server = server
        self._socket = server.join_far(room, "Grace", self)

    def send(self, message: Message) -> None:
        """Nobody listens."""

    def close(self) -> None:
        asyncio.get_running_loop().call_soon(self._server.leave_far, self._socket)


async def test_shutdown_does_not_wait_for_a_far_peer_who_has_left() -> None:
    async with running(options=replace(QUICK, close_s=PATIENCE_S)) as relay:
        ada = await relay.connect()
        room = await ada.create()
        await ada.join(room)
        assert isinstance(relay.server, TestServer)
        FarPeer(relay.server.app[SERVER], room)
        await ada.hear(PeerJoined)
        await ada.ws.close()
        await until(lambda: relay.rooms.counts()["sockets"] == 1)
        async with asyncio.timeout(PATIENCE_S):  # half of what it would wait
            await relay.server.close()


async def say_hello(relay: Relay, client: Client) -> None:
    pass


async def make_a_room(relay: Relay, client: Client) -> None:
    await client.create()


async def join_and_offer(relay: Relay, client: Client) -> None:
    await client.join(await client.create())
    await client.say(Offer("v=0"))


async def break_off_a_frame(relay: Relay, client: Client) -> None:
    connection = client.ws._response.connection  # below the WebSocket: half a frame
    assert connection and isinstance(connection.transport, asyncio.Transport)
    connection.transport.write(b"\x81\xfe\x10\x00")


async def get_refused(relay: Relay, client: Client) -> None:
    await client.ws.send_str(to_json(Offer("x" * 70_000)))


VANISHING = [say_hello, make_a_room, join_and_offer, break_off_a_frame, get_refused]


async def test_nothing_is_left_of_200_that_connect_and_vanish() -> None:
    # 80 of them make a room: none more may be had until those are gone
    limits = replace(LIMITS, seat_kept_s=0, empty_room_kept_s=0.5, rooms_per_address=80)
    async with running(limits=limits) as relay:
        await until(lambda: len(asyncio.all_tasks()) > 1)
        tasks, threads = len(asyncio.all_tasks()), threading.active_count()
        for number in range(200):
            client = await relay.connect()
            await VANISHING[number % 5](relay, client)
            client.vanish()
            if number % 40 == 39:  # the address may have 50 sockets
                await until(lambda: relay.rooms.counts()["sockets"] == 0)
        empty = {"sockets": 0, "rooms": 0, "peers": 0}
        await until(lambda: relay.rooms.counts() == empty)
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
        assert threading.active_count() == threads
        await relay.call()  # and the address may come again
