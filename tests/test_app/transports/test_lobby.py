"""Data channels that come to one end, each with an address."""

import asyncio
import os

import pytest

from sotto_app.media.aiortc_internals import allow_loopback
from sotto_app.transports.base import DATA_CHANNEL_COST, OnDatagram, Traffic
from sotto_app.transports.lobby import MOST_CHANNELS, NAME, Crowded, Lobby
from sotto_app.transports.webrtc import MTU_BYTES, BadDescription, DataChannel
from tests.test_app.transports.catching import Caught, eventually


def a_channel(on_datagram: OnDatagram, traffic: Traffic) -> DataChannel:
    allow_loopback()
    return DataChannel(on_datagram, traffic=traffic)


async def guest(lobby: Lobby, caught: Caught) -> DataChannel:
    channel = DataChannel(caught)
    await channel.accept(await lobby.answer(await channel.offer()))
    await channel.until_connected(10)
    return channel


async def test_each_guest_has_an_address_and_the_one_that_is_gone_is_taken_to_be_the_newest() -> (
    None
):
    inside, at_one, at_two = Caught(), Caught(), Caught()
    lobby = Lobby(inside, a_channel)
    assert (lobby.mtu_bytes, lobby.cost) == (MTU_BYTES, DATA_CHANNEL_COST)
    lobby.send(b"nobody")
    one, two = await guest(lobby, at_one), await guest(lobby, at_two)
    one.send(b"I am one")
    two.send(b"I am two")
    await inside.until(2)
    senders = dict(zip(inside.datagrams, inside.senders, strict=True))
    assert senders == {b"I am one": (NAME, 1), b"I am two": (NAME, 2)}
    lobby.send(b"to one", (NAME, 1))
    assert await at_one.until(1) == [b"to one"]
    await one.close()
    await eventually(lambda: not any(it.get_name() == f"{NAME} 1" for it in asyncio.all_tasks()))
    lobby.send(b"where are you?", (NAME, 1))
    assert await at_two.until(1) == [b"where are you?"]
    assert (lobby.traffic.sent, lobby.traffic.received) == (2, 2)
    assert lobby.traffic.dropped == {"not connected": 1}
    await lobby.close()
    await two.close()


async def test_what_is_no_offer_takes_no_place() -> None:
    lobby = Lobby(Caught(), a_channel)
    for _ in range(2 * MOST_CHANNELS):
        with pytest.raises(BadDescription):
            await lobby.answer("v=0")
    await lobby.close()


async def test_who_does_not_come_makes_room_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sotto_app.transports.lobby.CONNECT_S", 0.3)
    lobby, shy = Lobby(Caught(), a_channel), DataChannel(Caught())
    offer = await shy.offer()
    for _ in range(MOST_CHANNELS):
        await lobby.answer(offer)
    with pytest.raises(Crowded):
        await lobby.answer(offer)
    await eventually(lambda: lobby.traffic.dropped["nobody came"] == MOST_CHANNELS)
    await eventually(lambda: len(asyncio.all_tasks()) < 10)
    await lobby.answer(offer)
    await lobby.close()
    await shy.close()


async def test_nothing_is_left_after_close() -> None:
    tasks, files = asyncio.all_tasks(), len(os.listdir("/proc/self/fd"))
    lobby, shy = Lobby(Caught(), a_channel), DataChannel(Caught())
    here = await guest(lobby, Caught())
    await lobby.answer(await shy.offer())
    await lobby.close()
    await lobby.close()
    with pytest.raises(Crowded):
        await lobby.answer("v=0")
    await here.close()
    await shy.close()
    await eventually(lambda: asyncio.all_tasks() == tasks)
    await eventually(lambda: len(os.listdir("/proc/self/fd")) <= files)
