"""Says in a sentence what a new aiortc or aioice has moved. Each is used in aiortc_internals.py."""

import asyncio
import inspect

import aioice.ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver
from aiortc.codecs.opus import OpusEncoder
from aiortc.jitterbuffer import JitterBuffer

from sotto_app.media.aiortc_internals import JITTER_BUFFER, allow_loopback, encoded
from sotto_app.media.capture import RtpOpus
from sotto_app.media.connection import Connection
from sotto_app.media.downlink import OpusOut


async def test_the_receiver_keeps_a_jitter_buffer_that_can_be_replaced() -> None:
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    receiver = pc.addTransceiver("audio").receiver
    assert isinstance(getattr(receiver, JITTER_BUFFER, None), JitterBuffer), (
        "aiortc's RTCRtpReceiver no longer has its jitter buffer in __jitter_buffer: "
        "Sotto could not get at received packets. Look at tap_receiver."
    )
    await pc.close()


def test_the_receiver_hands_each_packet_to_the_jitter_buffer_and_unpacks_a_pair() -> None:
    source = inspect.getsource(RTCRtpReceiver._handle_rtp_packet)
    assert "= self.__jitter_buffer.add(packet)" in source, (
        "aiortc's receiver no longer calls __jitter_buffer.add(packet). Look at Tap.add."
    )


def test_the_sender_packs_what_is_encoded_already() -> None:
    payloads, timestamp = OpusEncoder().pack(encoded(OpusOut(96_000, b"\x08abc")))
    assert (payloads, timestamp) == ([b"\x08abc"], 96_000), (
        "aiortc's Opus encoder no longer passes an av.Packet on as it is. Look at encoded."
    )


def test_host_addresses_come_from_one_function() -> None:
    source = inspect.getsource(aioice.ice.Connection.gather_candidates)
    assert "get_host_addresses(" in source, (
        "aioice no longer asks get_host_addresses. Look at allow_loopback."
    )
    allow_loopback()
    assert aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=False)


async def test_packets_cross_a_real_connection_with_nothing_changed() -> None:
    got: list[RtpOpus] = []
    enough = asyncio.Event()

    def on_packet(packet: RtpOpus) -> None:
        got.append(packet)
        if len(got) == 20:
            enough.set()

    caller, callee = Connection(lambda packet: None, []), Connection(on_packet, [])
    await caller.accept(await callee.answer(await caller.offer()))
    await asyncio.wait_for(caller.connected.wait(), 10)
    for number in range(20):
        caller.send(OpusOut(number * 960, bytes([0x08, number])))
    await asyncio.wait_for(enough.wait(), 5)
    await asyncio.gather(caller.close(), callee.close())
    assert [packet.payload for packet in got] == [bytes([0x08, number]) for number in range(20)]
    steps = {(b.timestamp - a.timestamp) % (1 << 32) for a, b in zip(got, got[1:], strict=False)}
    assert steps == {960}
