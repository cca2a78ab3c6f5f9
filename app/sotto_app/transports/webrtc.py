"""A WebRTC data channel, unordered and without retransmission: ICE finds the way through NAT.

Offer and answer are SDP with all candidates in it, as strings; how they get to the other end is the
caller's. Both ends know of the one channel beforehand, so none is negotiated on the wire.
"""

import asyncio
from collections.abc import Sequence

from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.sdp import SessionDescription

from sotto_app.announce import announce
from sotto_app.transports.aioice_internals import end_checks, patience
from sotto_app.transports.base import DATA_CHANNEL_COST, Address, OnDatagram, Traffic

RTO_S = 3.0  # keeps a link of 2400 bit/s and 600 ms up
CONNECT_S = 90.0  # ICE, DTLS and SCTP on that link take 10 to 14 s
CHANNEL = 0
MTU_BYTES = 1150  # with all headers below the 1280 that every path takes
MAX_WAITING_BYTES = 16_384


class BadDescription(ValueError):
    """An offer or answer that is none, or has no data channel."""


class DataChannel:
    """One peer connection with one channel. `offer` then `accept` at one end, `answer` at the
    other; then `connected`, or `failed`.
    """

    def __init__(
        self,
        on_datagram: OnDatagram,
        ice_servers: Sequence[RTCIceServer] = (),
        traffic: Traffic | None = None,
        announce_addresses: Sequence[str] = (),
    ) -> None:
        """`traffic` is counted in where it is of several channels; `announce_addresses` stand in
        the descriptions in place of our own."""
        self.mtu_bytes = MTU_BYTES
        self.cost = DATA_CHANNEL_COST
        self.traffic = Traffic() if traffic is None else traffic
        self.connected = asyncio.Event()
        self.failed = asyncio.Event()
        self._on_datagram = on_datagram
        self._announce_addresses = announce_addresses
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=list(ice_servers)))
        self._pc.on("connectionstatechange", self._note_state)
        self._channel = self._pc.createDataChannel(
            "sotto", ordered=False, maxRetransmits=0, negotiated=True, id=CHANNEL
        )
        self._channel.on("open", self.connected.set)
        self._channel.on("close", self.failed.set)
        self._channel.on("message", self._take)

    async def offer(self) -> str:
        """SDP for the other end's `answer`."""
        with patience(RTO_S):
            await self._pc.setLocalDescription(await self._pc.createOffer())
        return self._description

    async def accept(self, answer: str) -> None:
        """What the other end answered. Raises BadDescription."""
        await self._set_remote(answer, "answer")

    async def answer(self, offer: str) -> str:
        """SDP for the other end's `accept`. Raises BadDescription."""
        await self._set_remote(offer, "offer")
        with patience(RTO_S):
            await self._pc.setLocalDescription(await self._pc.createAnswer())
        return self._description

    async def until_connected(self, within_s: float) -> None:
        """Raises ConnectionError where it fails before, TimeoutError."""
        async with asyncio.timeout(within_s):
            either = [asyncio.create_task(it.wait()) for it in (self.connected, self.failed)]
            try:
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in either:
                    task.cancel()
        if self.failed.is_set():
            raise ConnectionError("the two ends do not reach each other")

    def send(self, datagram: bytes, to: Address | None = None) -> None:
        if reason := self._refused(datagram):
            self.traffic.dropped[reason] += 1
            return
        self.traffic.count_sent(datagram, self.cost)
        self._channel.send(datagram)

    async def close(self) -> None:
        await self._pc.close()
        if not self.connected.is_set():
            await end_checks(self._pc)

    @property
    def _description(self) -> str:
        return announce(self._pc.localDescription.sdp, self._announce_addresses)

    def _refused(self, datagram: bytes) -> str:
        if self._channel.readyState != "open":
            return "not connected"
        if len(datagram) > self.mtu_bytes:
            return "too large"
        if self._channel.bufferedAmount + len(datagram) > MAX_WAITING_BYTES:
            return "queue full"
        return ""

    def _take(self, message: bytes | str) -> None:
        if isinstance(message, str):
            self.traffic.dropped["text"] += 1
            return
        self.traffic.count_received(message, self.cost)
        self._on_datagram(message, None)

    async def _set_remote(self, sdp: str, kind: str) -> None:
        _check(sdp, kind)
        try:
            with patience(RTO_S):
                await self._pc.setRemoteDescription(RTCSessionDescription(sdp, kind))
        except Exception as fault:  # aiortc raises whatever its parser stumbles over
            raise BadDescription(f"this {kind} of a data channel cannot be used") from fault

    def _note_state(self) -> None:
        if self._pc.connectionState in ("failed", "closed"):
            self.failed.set()


def _check(sdp: str, kind: str) -> None:
    try:
        media = SessionDescription.parse(sdp).media
    except Exception as fault:  # aiortc raises whatever its parser stumbles over
        raise BadDescription(f"this {kind} is no SDP") from fault
    if [section.kind for section in media] != ["application"]:
        raise BadDescription(f"this {kind} is not of one data channel and nothing else")
