"""UDP over real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sotto_app.transports.base import Address
from sotto_app.transports.udp import LEAST_MTU_BYTES, MOST_MTU_BYTES, Udp, open_udp
from tests.test_app.transports.catching import Caught

ANY = ("127.0.0.1", 0)


@asynccontextmanager
async def port(
    caught: Caught, local: Address | None = ANY, remote: Address | None = None
) -> AsyncIterator[Udp]:
    udp = await open_udp(caught, local, remote)
    try:
        yield udp
    finally:
        await udp.close()


@pytest.mark.parametrize(("host", "below"), [("127.0.0.1", 28), ("::1", 48)])
async def test_one_port_serves_all_peers_and_says_who_sent(host: str, below: int) -> None:
    at_hub, at_one, at_two = Caught(), Caught(), Caught()
    async with (
        port(at_hub, (host, 0)) as hub,
        port(at_one, None, hub.address) as one,
        port(at_two, None, hub.address) as two,
    ):
        one.send(b"from one")
        two.send(b"from the other")
        await at_hub.until(2)
        senders = dict(zip(at_hub.datagrams, at_hub.senders, strict=True))
        for datagram, sender in senders.items():
            hub.send(b"to " + datagram, sender)
        assert await at_one.until(1) == [b"to from one"]
        assert await at_two.until(1) == [b"to from the other"]
        assert at_one.senders == [hub.address]
        assert one.traffic.sent_bytes == 8 + below
        assert hub.traffic.received_bytes == 8 + 14 + 2 * below
        assert hub.cost.below(b"x") == below and hub.cost.keepalive_s == 20


async def test_a_name_is_looked_up_once_and_decides_the_family() -> None:
    caught = Caught()
    async with port(caught) as hub, port(Caught(), None, ("localhost", hub.address[1])) as one:
        one.send(b"hello")
        assert await caught.until(1) == [b"hello"]


async def test_a_datagram_too_large_for_the_path_is_dropped_and_counted() -> None:
    caught = Caught()
    async with port(caught) as hub, port(Caught(), None, hub.address) as one:
        one.send(bytes(65_508))  # one more than UDP over IPv4 has room for
        one.send(b"goes on")
        assert await caught.until(1) == [b"goes on"]
        assert one.traffic.dropped == {"too large": 1} and one.traffic.sent == 1
        assert one.mtu_bytes == MOST_MTU_BYTES and hub.mtu_bytes == LEAST_MTU_BYTES


async def test_a_peer_that_is_not_there_does_not_end_it() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(ANY)
        nowhere = gone.getsockname()
    caught = Caught()
    async with port(caught) as hub, port(Caught(), None, nowhere) as one:
        for _ in range(3):
            one.send(b"anybody")
            await asyncio.sleep(0)
        one.send(b"hub", hub.address)
        assert await caught.until(1) == [b"hub"]


async def test_no_route_is_counted() -> None:
    async with port(Caught(), ("127.0.0.1", 0)) as one:  # from loopback nothing leaves
        one.send(b"x", ("192.0.2.1", 9))
        assert one.traffic.dropped == {"unreachable": 1} and one.traffic.sent == 0


async def test_nobody_to_send_to_and_closed_are_counted() -> None:
    udp = await open_udp(Caught(), ANY)
    udp.send(b"x")
    await udp.close()
    await udp.close()
    udp.send(b"x", ANY)
    assert udp.traffic.dropped == {"no peer": 1, "closed": 1}


async def test_a_port_that_is_taken_says_so_and_leaves_no_socket() -> None:
    async with port(Caught()) as hub:
        with pytest.raises(OSError, match="in use"):
            await open_udp(Caught(), hub.address)


async def test_after_close_the_port_is_free_again() -> None:
    first = await open_udp(Caught(), ANY)
    address = first.address
    await first.close()
    again = await open_udp(Caught(), address)
    await again.close()


async def test_a_callback_that_fails_does_not_end_it() -> None:
    said = list[str]()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: said.append(repr(context.get("exception"))))
    caught = Caught()

    def stumble(datagram: bytes, sender: Address | None) -> None:
        caught(datagram, sender)
        raise ArithmeticError

    hub = await open_udp(stumble, ANY)
    async with port(Caught(), None, hub.address) as one:
        one.send(b"a")
        one.send(b"b")
        assert await caught.until(2) == [b"a", b"b"]
    await hub.close()
    assert said == ["ArithmeticError()"] * 2
