"""A data channel that is lost and set up again; the other end answers in this process."""

import asyncio
import os
from itertools import pairwise

import pytest

from sotto_app.media.aiortc_internals import allow_loopback
from sotto_app.transports.base import DATA_CHANNEL_COST, OnDatagram, Traffic
from sotto_app.transports.redial import Redial
from sotto_app.transports.webrtc import MTU_BYTES, DataChannel
from tests.test_app.transports.catching import Caught, eventually


class Callee:
    """Answers each offer with a channel of its own, or not."""

    def __init__(self) -> None:
        self.caught = Caught()
        self.channels = list[DataChannel]()
        self.asked_s = list[float]()
        self.answer: str | None = None  # in the place of a true one
        self.refuses = False

    async def __call__(self, offer: str) -> str:
        self.asked_s.append(asyncio.get_running_loop().time())
        if self.refuses:
            raise ConnectionRefusedError("not today")
        if self.answer is not None:
            return self.answer
        self.channels.append(DataChannel(self.caught))
        return await self.channels[-1].answer(offer)

    async def close(self) -> None:
        for channel in self.channels:
            await channel.close()


def a_channel(on_datagram: OnDatagram, traffic: Traffic) -> DataChannel:
    allow_loopback()
    return DataChannel(on_datagram, traffic=traffic)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sotto_app.transports.redial.FIRST_WAIT_S", 0.05)


async def test_a_channel_that_the_other_end_closes_is_set_up_again() -> None:
    there, here = Callee(), Caught()
    redial = Redial(here, a_channel, there)
    assert (redial.mtu_bytes, redial.cost) == (MTU_BYTES, DATA_CHANNEL_COST)
    redial.send(b"too early")
    await asyncio.wait_for(redial.connected.wait(), 10)
    redial.send(b"first")
    assert await there.caught.until(1) == [b"first"]
    await there.channels[0].close()
    await eventually(lambda: not redial.connected.is_set())
    await asyncio.wait_for(redial.connected.wait(), 10)
    redial.send(b"second")
    assert await there.caught.until(2) == [b"first", b"second"]
    there.channels[1].send(b"back")
    assert await here.until(1) == [b"back"]
    assert (redial.traffic.sent, redial.traffic.received) == (2, 1)  # of both channels
    assert redial.traffic.dropped == {"not connected": 1, "channel lost": 1}
    await redial.close()
    await there.close()


@pytest.mark.parametrize("answer", [None, "", "v=0\r\n"])
async def test_who_gets_no_answer_asks_again_at_growing_distances(answer: str | None) -> None:
    there = Callee()
    there.refuses, there.answer = answer is None, answer
    redial = Redial(Caught(), a_channel, there)
    await eventually(lambda: len(there.asked_s) == 4)
    waits_s = [after - before for before, after in pairwise(there.asked_s)]
    assert waits_s[0] >= 0.05 and waits_s[1] >= 0.1 and waits_s[2] >= 0.2
    await redial.close()


async def test_nothing_is_left_after_close_whatever_it_was_doing() -> None:
    tasks, files = asyncio.all_tasks(), len(os.listdir("/proc/self/fd"))
    there = Callee()
    for after_s in (0.0, 0.02, 0.2, 1.0):
        redial = Redial(Caught(), a_channel, there)
        await asyncio.sleep(after_s)
        await redial.close()
        await redial.close()
        redial.send(b"x")
        assert redial.traffic.dropped["not connected"] == 1
    await there.close()
    await eventually(lambda: asyncio.all_tasks() == tasks)
    await eventually(lambda: len(os.listdir("/proc/self/fd")) <= files)
