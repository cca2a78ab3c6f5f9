"""KISS to a modem that stands at the other end of a TCP connection or of a pseudo terminal."""

import asyncio
import os
import pty
import tty
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from sotto_app.link.airtime import AirRules
from sotto_app.link.kiss import Parameters, frame
from sotto_app.transports.kiss import Kiss, KissSettings, OpenLine, serial, tcp
from tests.test_app.transports.catching import Caught, eventually

NASTY = bytes(range(256)) * 2 + b"\xc0\xdb\xdc\xdd" * 8  # every byte, and all that is escaped
SETTINGS = KissSettings(mtu_bytes=1000, parameters=Parameters(tx_delay_s=0.3))


class Modem:
    """Two TCP stations on one air: what one sends, the others get."""

    def __init__(self) -> None:
        self.got = bytearray()
        self.writers = list[asyncio.StreamWriter]()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        try:
            while part := await reader.read(4096):
                self.got += part
                for other in self.writers:
                    if other is not writer:
                        other.write(part)
        except OSError:
            pass  # the station has gone
        finally:
            self.writers.remove(writer)
            writer.close()


@asynccontextmanager
async def modem(port: int = 0) -> AsyncIterator[tuple[Modem, OpenLine, int]]:
    there = Modem()
    server = await asyncio.start_server(there.serve, "127.0.0.1", port)
    port = server.sockets[0].getsockname()[1]
    try:
        yield there, tcp("127.0.0.1", port), port
    finally:
        for writer in there.writers:
            writer.transport.abort()
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def station(
    line: OpenLine, caught: Caught, settings: KissSettings = SETTINGS, wait: bool = True
) -> AsyncIterator[Kiss]:
    kiss = Kiss(line, caught, settings)
    try:
        if wait:
            await asyncio.wait_for(kiss.connected.wait(), 5)
        yield kiss
    finally:
        await kiss.close()


@contextmanager
def cable() -> Iterator[tuple[int, str]]:
    """A file to read and write on this side, and the device at the other end of it."""
    ours, theirs = pty.openpty()
    tty.setraw(ours)
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    try:
        yield ours, os.ttyname(theirs)
    finally:
        os.close(ours)
        os.close(theirs)


async def read(ours: int, count: int) -> bytes:
    """So many bytes from the cable."""
    got = b""
    async with asyncio.timeout(5):
        while len(got) < count:
            try:
                got += os.read(ours, count - len(got))
            except BlockingIOError:
                await asyncio.sleep(0.005)
    return got


async def test_two_stations_hear_each_other_and_count_every_byte() -> None:
    at_one, at_two = Caught(), Caught()
    async with modem() as (air, line, _), station(line, at_one) as one, station(line, at_two):
        one.send(NASTY)
        one.send(b"next")
        assert await at_two.until(2) == [NASTY, b"next"]
        sent = frame(NASTY) + frame(b"next")
        assert bytes(air.got).endswith(sent)
        assert one.traffic.sent_bytes == len(sent)
        assert at_one.datagrams == []


async def test_the_modem_is_told_its_parameters_first() -> None:
    async with modem() as (air, line, _), station(line, Caught()) as one:
        one.send(b"voice")
        await eventually(lambda: len(air.got) >= 12)
        assert bytes(air.got) == bytes.fromhex("c0011ec0") + frame(b"voice")


async def test_a_line_that_breaks_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sotto_app.transports.kiss.FIRST_WAIT_S", 0.02)
    caught = Caught()
    async with modem() as (air, line, port), station(line, caught) as one:
        air.writers[0].transport.abort()
        await eventually(lambda: not one.connected.is_set())
        one.send(b"into the void")
        await asyncio.wait_for(one.connected.wait(), 5)
        air.writers[0].write(b"rest of a frame\xc0" + frame(b"back"))
        assert await caught.until(1) == [b"back"]
        assert one.traffic.dropped == {"line lost": 1, "no line": 1, "garbage": 1}


async def test_a_modem_that_is_not_there_yet_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sotto_app.transports.kiss.FIRST_WAIT_S", 0.02)
    async with modem() as (_, line, port):
        pass
    async with station(line, Caught(), wait=False) as one:
        await eventually(lambda: one.traffic.dropped["line lost"] >= 2)
        async with modem(port):
            await asyncio.wait_for(one.connected.wait(), 5)


async def test_what_is_too_large_or_too_much_is_dropped() -> None:
    async with modem() as (_, line, _), station(line, Caught()) as one:
        one.send(bytes(1001))
        for _ in range(100_000):  # without a pause: nobody reads meanwhile
            one.send(bytes(1000))
            if one.traffic.dropped["queue full"]:
                break
        assert one.traffic.dropped["too large"] == 1 and one.traffic.dropped["queue full"] == 1


async def test_half_duplex_waits_for_the_other_to_finish() -> None:
    rules = AirRules(rate_bps=9600, quiet_s=0.15, slot_s=0.02, slots=4)
    caught = Caught()
    async with (
        modem() as (air, line, _),
        station(line, caught, KissSettings(air=rules)) as one,
    ):
        assert one.cost.half_duplex and one.cost.rate_bps == 9600
        air.writers[0].write(frame(b"I talk"))
        await caught.until(1)
        one.send(b"now I")
        assert not air.got and one.traffic.sent == 0
        await eventually(lambda: bool(air.got))
        waited_s = asyncio.get_running_loop().time() - caught.at_s[0]
        assert bytes(air.got) == frame(b"now I") and waited_s > 0.1


async def test_a_serial_device_carries_every_byte_both_ways() -> None:
    caught = Caught()
    with cable() as (ours, device):
        async with station(serial(device, 9600), caught) as one:
            one.send(NASTY)
            sent = bytes.fromhex("c0011ec0") + frame(NASTY)
            assert await read(ours, len(sent)) == sent
            os.write(ours, frame(NASTY))
            assert await caught.until(1) == [NASTY]
            assert one.traffic.sent_bytes == one.traffic.received_bytes == len(frame(NASTY))


async def test_two_serial_stations_over_a_null_modem() -> None:
    at_two = Caught()
    with cable() as (left, device), cable() as (right, other):
        loop = asyncio.get_running_loop()
        loop.add_reader(left, lambda: os.write(right, os.read(left, 4096)))
        loop.add_reader(right, lambda: os.write(left, os.read(right, 4096)))
        async with (
            station(serial(device, 9600), Caught()) as one,
            station(serial(other, 9600), at_two),
        ):
            for n in range(20):
                one.send(bytes([n, 0xC0]))
            assert await at_two.until(20) == [bytes([n, 0xC0]) for n in range(20)]
        loop.remove_reader(left)
        loop.remove_reader(right)


async def test_a_device_that_is_pulled_out_is_waited_for() -> None:
    with cable() as (ours, device):
        kiss = Kiss(serial(device, 9600), Caught(), SETTINGS)
        await asyncio.wait_for(kiss.connected.wait(), 5)
    await eventually(lambda: kiss.traffic.dropped["line lost"] > 0)
    kiss.send(b"x")
    await kiss.close()
    assert kiss.traffic.dropped["no line"] == 1


async def test_nothing_is_left_after_close() -> None:
    before = asyncio.all_tasks()
    with cable() as (_, device):
        async with station(serial(device, 9600), Caught()):
            pass
        files = len(os.listdir("/proc/self/fd"))
        async with station(serial(device, 9600), Caught(), KissSettings(air=AirRules(300))) as one:
            one.send(b"waits")
            one.send(b"waits longer")
        await one.close()
        await asyncio.sleep(0)
        assert len(os.listdir("/proc/self/fd")) == files
    assert asyncio.all_tasks() == before
