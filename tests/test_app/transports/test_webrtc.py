"""A data channel between two real peer connections over loopback."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aioice.stun
import pytest

from sotto_app.media.aiortc_internals import allow_loopback
from sotto_app.transports.aioice_internals import TIMEOUT
from sotto_app.transports.webrtc import MTU_BYTES, RTO_S, BadDescription, DataChannel
from tests.test_app.transports.catching import Caught


@asynccontextmanager
async def pair(near: Caught, far: Caught) -> AsyncIterator[tuple[DataChannel, DataChannel]]:
    allow_loopback()
    caller, callee = DataChannel(near), DataChannel(far)
    try:
        await caller.accept(await callee.answer(await caller.offer()))
        both = asyncio.gather(caller.connected.wait(), callee.connected.wait())
        await asyncio.wait_for(both, 15)
        yield caller, callee
    finally:
        await asyncio.gather(caller.close(), callee.close())


async def test_datagrams_cross_whole_both_ways_and_are_counted() -> None:
    near, far = Caught(), Caught()
    async with pair(near, far) as (caller, callee):
        caller.send(b"\x00" * MTU_BYTES)
        caller.send(b"small")
        callee.send(b"back")
        assert sorted(await far.until(2), key=len) == [b"small", b"\x00" * MTU_BYTES]
        assert await near.until(1) == [b"back"]
        below = 93 + 2 + 93 + 3  # padded to 1152 and 8
        assert caller.traffic.sent_bytes == MTU_BYTES + 5 + below == callee.traffic.received_bytes
    caller.send(b"x")
    assert caller.traffic.dropped == {"not connected": 1}


@pytest.mark.parametrize("size", [1, 4, 10, 61, MTU_BYTES])
async def test_the_cost_is_what_leaves_the_socket(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A DTLS record of application data begins with 23; ours and the answer's leave alone."""
    records = list[int]()
    real = aioice.ice.StunProtocol.send_data

    async def noted(self: aioice.ice.StunProtocol, data: bytes, addr: tuple[str, int]) -> None:
        if data[0] == 23:
            records.append(len(data) + 28)
        await real(self, data, addr)

    far = Caught()
    async with pair(Caught(), far) as (caller, _):
        await asyncio.sleep(1.0)  # SCTP's set-up is over
        monkeypatch.setattr(aioice.ice.StunProtocol, "send_data", noted)
        caller.send(bytes(size))
        await far.until(1)
        await asyncio.sleep(0.1)
    cost = caller.cost
    assert records[:2] == [size + cost.below(bytes(size)), cost.answer_bytes]


async def test_what_is_too_large_or_too_much_is_dropped() -> None:
    async with pair(Caught(), Caught()) as (caller, _):
        caller.send(bytes(MTU_BYTES + 1))
        for _ in range(100):
            caller.send(bytes(MTU_BYTES))
        assert caller.traffic.dropped["too large"] == 1
        assert caller.traffic.dropped["queue full"] > 50


async def test_its_checks_of_consent_wait_for_long_round_trips(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.05)
    seen = list[float]()
    real = aioice.stun.Transaction.run

    async def noted(self: aioice.stun.Transaction) -> object:
        seen.append(getattr(self, TIMEOUT))
        return await real(self)

    async with pair(Caught(), Caught()):
        monkeypatch.setattr(aioice.stun.Transaction, "run", noted)
        await asyncio.sleep(0.4)
    assert len(seen) > 3 and set(seen) == {RTO_S}


@pytest.mark.parametrize("sdp", ["", "nonsense", "v=0\r\nm=audio"])
async def test_what_is_no_description_is_refused(sdp: str) -> None:
    channel = DataChannel(Caught())
    with pytest.raises(BadDescription, match="offer"):
        await channel.answer(sdp)
    await channel.close()


async def test_nothing_is_left_after_close() -> None:
    before, files = asyncio.all_tasks(), len(os.listdir("/proc/self/fd"))
    async with pair(Caught(), Caught()):
        pass
    await asyncio.sleep(0.05)
    assert asyncio.all_tasks() == before
    assert len(os.listdir("/proc/self/fd")) == files


async def test_an_offer_that_nobody_answered_leaves_nothing() -> None:
    files = len(os.listdir("/proc/self/fd"))
    channel = DataChannel(Caught())
    await channel.offer()
    await channel.close()
    await channel.close()
    await asyncio.sleep(0.05)
    assert len(os.listdir("/proc/self/fd")) == files
