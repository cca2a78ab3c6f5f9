"""The emulator between real sockets."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sotto_app.emulator.line import Cut, Impairment, Line
from sotto_app.emulator.udp import UdpBridge, open_udp_bridge
from sotto_app.link.profile import PERFECT, LinkProfile
from sotto_app.transports.base import Address
from sotto_app.transports.udp import Udp, open_udp
from tests.test_app.transports.catching import Caught, eventually

ANY = ("127.0.0.1", 0)


@asynccontextmanager
async def forwarding(impairment: Impairment, far: Caught) -> AsyncIterator[tuple[UdpBridge, Udp]]:
    """A bridge and the program at its far end."""
    program = await open_udp(far, ANY)
    bridge = await open_udp_bridge(impairment, ANY, to=program.address)
    try:
        yield bridge, program
    finally:
        await bridge.close()
        await program.close()


@asynccontextmanager
async def dialling(to: Address, caught: Caught) -> AsyncIterator[Udp]:
    udp = await open_udp(caught, None, to)
    try:
        yield udp
    finally:
        await udp.close()


async def test_both_ways_and_every_byte_counted() -> None:
    near, far = Caught(), Caught()
    async with forwarding(Impairment(PERFECT, 28), far) as (bridge, program):
        async with dialling(bridge.addresses[0], near) as dialler:
            for n in range(50):
                dialler.send(bytes(n + 1))
            assert await far.until(50) == [bytes(n + 1) for n in range(50)]
            program.send(b"back", far.senders[0])
            assert await near.until(1) == [b"back"]
            assert near.senders == [bridge.addresses[0]]
        there, back = bridge.bridge.near_to_far.tally, bridge.bridge.far_to_near.tally
        assert there.sent_bytes == there.arrived_bytes == 50 * 51 // 2 + 50 * 28
        assert there.sent_bytes == dialler.traffic.sent_bytes == program.traffic.received_bytes
        assert back.arrived_bytes == 4 + 28


async def test_two_that_both_dial_in_find_each_other() -> None:
    near, far = Caught(), Caught()
    bridge = await open_udp_bridge(Impairment(PERFECT, 28), ANY, far=ANY)
    near_at, far_at = bridge.addresses
    async with dialling(near_at, near) as one, dialling(far_at, far) as other:
        one.send(b"nobody is there yet")
        await eventually(lambda: bridge.bridge.near_to_far.tally.arrived == 1)
        other.send(b"here")
        assert await near.until(1) == [b"here"]
        one.send(b"there")
        assert await far.until(1) == [b"there"]
    await bridge.close()


async def test_loss_is_that_of_the_seed_and_delay_that_of_the_profile() -> None:
    profile = LinkProfile("test", "", "", delay_ms=60, jitter_ms=20, loss=0.2)
    impairment = Impairment(profile, 28, seed=11)
    same = Line(impairment, near=True)
    for n in range(300):
        same.send(bytes([n % 256]), 0.0)
    expected = len(same.receive(10.0))
    assert expected == pytest.approx(240, abs=25)
    far = Caught()
    async with forwarding(impairment, far) as (bridge, _):
        async with dialling(bridge.addresses[0], Caught()) as dialler:
            tally = bridge.bridge.near_to_far.tally
            start_s = asyncio.get_running_loop().time()
            for n in range(300):
                dialler.send(bytes([n % 256]))
                if n % 50 == 49:  # a socket holds some 270 small datagrams
                    await eventually(lambda: tally.sent == n + 1)  # noqa: B023  # awaited here
            await far.until(expected)
            await eventually(lambda: bridge.bridge.near_to_far.due_s is None)
    assert len(far.datagrams) == expected
    assert 0.06 <= far.at_s[0] - start_s < 0.3  # on an idle machine: 0.06


async def test_the_rate_holds() -> None:
    profile = LinkProfile("test", "", "", rate_bps=32_000)
    far = Caught()
    async with forwarding(Impairment(profile, 28), far) as (bridge, _):
        async with dialling(bridge.addresses[0], Caught()) as dialler:
            for _ in range(20):
                dialler.send(bytes(72))  # 100 bytes on the wire: 25 ms
            await far.until(20)
    assert far.at_s[-1] - far.at_s[0] == pytest.approx(19 * 0.025, abs=0.08)


async def test_a_cut_takes_all() -> None:
    far = Caught()
    async with forwarding(Impairment(PERFECT, 28, (Cut(0.0, 60.0),)), far) as (bridge, _):
        async with dialling(bridge.addresses[0], Caught()) as dialler:
            dialler.send(b"x")
            await eventually(lambda: bridge.bridge.near_to_far.tally.cut == 1)
    assert far.datagrams == []


async def test_nothing_is_left_after_close_even_with_packets_under_way() -> None:
    tasks, files = asyncio.all_tasks(), len(os.listdir("/proc/self/fd"))
    slow, far = LinkProfile("test", "", "", delay_ms=100), Caught()
    async with forwarding(Impairment(slow, 28), far) as (bridge, _):
        async with dialling(bridge.addresses[0], Caught()) as dialler:
            dialler.send(b"x")
            await eventually(lambda: bridge.bridge.near_to_far.tally.sent == 1)
    await asyncio.sleep(0.15)
    assert far.datagrams == []
    assert asyncio.all_tasks() == tasks and len(os.listdir("/proc/self/fd")) == files


async def test_a_taken_far_port_leaves_no_socket() -> None:
    async with forwarding(Impairment(PERFECT, 28), Caught()) as (bridge, program):
        files = len(os.listdir("/proc/self/fd"))
        with pytest.raises(OSError, match="in use"):
            await open_udp_bridge(Impairment(PERFECT, 28), ANY, far=program.address)
        assert len(os.listdir("/proc/self/fd")) == files
