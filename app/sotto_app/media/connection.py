"""One WebRTC connection: Opus over RTP, in and out as it is. aiortc does ICE, DTLS and SRTP."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.sdp import SessionDescription, candidate_from_sdp
from av.packet import Packet

from sotto_app.media.aiortc_internals import encoded, tap_receiver
from sotto_app.media.capture import RtpOpus
from sotto_app.media.downlink import OpusOut
from sotto_signaling.errors import Code, SignalingError
from sotto_signaling.messages import Candidate, IceServer

MAX_QUEUED = 50  # packets that wait for a connection that is not up yet


class OutTrack(MediaStreamTrack):
    """Opus packets for aiortc's sender, which puts them into RTP as they are."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._packets = asyncio.Queue[OpusOut | None](MAX_QUEUED)

    def put(self, packet: OpusOut | None) -> None:
        """Queue a packet, or with None end the track. Where nobody takes them the oldest go."""
        if self._packets.full():
            self._packets.get_nowait()
        self._packets.put_nowait(packet)

    async def recv(self) -> "Packet[Any]":
        packet = await self._packets.get()
        if packet is None:
            raise MediaStreamError
        return encoded(packet)


class Connection:
    """Made and used on the event loop only. `on_packet` gets every packet that comes."""

    def __init__(self, on_packet: Callable[[RtpOpus], None], ice_servers: list[IceServer]) -> None:
        servers = [
            RTCIceServer(server.urls, server.username, server.credential) for server in ice_servers
        ]
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._on_packet = on_packet
        self._track = OutTrack()
        self.connected = asyncio.Event()
        self.failed = asyncio.Event()
        self._pc.on("connectionstatechange", self._note_state)

    def send(self, packet: OpusOut) -> None:
        self._track.put(packet)

    async def answer(self, offer_sdp: str) -> str:
        """The SDP answer, all candidates in it. Raises SignalingError for no voice offer."""
        check_offer(offer_sdp)
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(offer_sdp, "offer"))
            self._set_up(self._pc.getTransceivers()[0])
            await self._pc.setLocalDescription(await self._pc.createAnswer())
        except Exception as fault:  # aiortc raises whatever its parser stumbles over
            raise SignalingError(Code.BAD_SDP, "This offer cannot be answered.") from fault
        return self._pc.localDescription.sdp

    async def offer(self) -> str:
        """The other side of `answer`, for a peer without a browser."""
        transceiver = self._pc.addTransceiver(self._track, "sendrecv")
        self._set_up(transceiver)
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return self._pc.localDescription.sdp

    async def accept(self, answer_sdp: str) -> None:
        await self._pc.setRemoteDescription(RTCSessionDescription(answer_sdp, "answer"))

    async def add_candidate(self, message: Candidate) -> None:
        """A trickled candidate. Raises SignalingError for what is none."""
        if not message.candidate:
            return
        try:
            candidate = candidate_from_sdp(message.candidate.removeprefix("candidate:"))
            candidate.sdpMid = message.sdp_mid
            candidate.sdpMLineIndex = message.sdp_mline_index
            await self._pc.addIceCandidate(candidate)
        except Exception as fault:  # aiortc raises whatever its parser stumbles over
            raise SignalingError(Code.BAD_CANDIDATE, "This is no ICE candidate.") from fault

    async def close(self) -> None:
        self._track.put(None)
        await self._pc.close()

    def _set_up(self, transceiver: RTCRtpTransceiver) -> None:
        capabilities = RTCRtpReceiver.getCapabilities("audio")
        assert capabilities is not None
        opus = [codec for codec in capabilities.codecs if codec.name == "opus"]
        transceiver.setCodecPreferences(opus)
        transceiver.sender.replaceTrack(self._track)
        transceiver.direction = "sendrecv"
        tap_receiver(transceiver.receiver, self._on_packet)

    def _note_state(self) -> None:
        if self._pc.connectionState == "connected":
            self.connected.set()
        if self._pc.connectionState == "failed":
            self.failed.set()


def check_offer(sdp: str) -> None:
    """Raises SignalingError unless the offer is one audio section with Opus in it."""
    try:
        media = SessionDescription.parse(sdp).media
    except Exception as fault:  # aiortc raises whatever its parser stumbles over
        raise SignalingError(Code.BAD_SDP, "This is not an SDP offer.") from fault
    if [section.kind for section in media] != ["audio"]:
        raise SignalingError(Code.BAD_SDP, "An offer has one audio section and nothing else.")
    if not any(codec.mimeType.lower() == "audio/opus" for codec in media[0].rtp.codecs):
        raise SignalingError(Code.BAD_SDP, "An offer must have Opus.")
