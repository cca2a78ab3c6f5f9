"""Every touch of what aiortc and aioice do not promise. tests/test_app/test_aiortc_internals.py
says in a sentence what has moved when a new release moves it.

* The receiver's jitter buffer is replaced by a tap: aiortc's leaves a hole of 16 packets and a
  longer delay for ever after one loss, and decodes on a clock of nobody's.
* Host addresses: aioice leaves out loopback. On a machine without any other address the relay and
  the browser can still talk over it.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import aioice.ice
from aiortc import RTCRtpReceiver
from aiortc.rtp import RtpPacket
from av.packet import Packet

from sotto_app.media.capture import RTP_RATE_HZ, RtpOpus
from sotto_app.media.downlink import OpusOut

JITTER_BUFFER = "_RTCRtpReceiver__jitter_buffer"
RTP_TIME_BASE = Fraction(1, RTP_RATE_HZ)


class Tap:
    """Stands where the receiver's jitter buffer stood; gives each packet on and never a frame
    back.
    """

    def __init__(self, on_packet: Callable[[RtpOpus], None]) -> None:
        self._on_packet = on_packet

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        """What JitterBuffer.add gives: whether to ask for a key frame, and a frame to decode."""
        if packet.payload:
            self._on_packet(RtpOpus(packet.sequence_number, packet.timestamp, packet.payload))
        return False, None


def tap_receiver(receiver: RTCRtpReceiver, on_packet: Callable[[RtpOpus], None]) -> None:
    """Have every RTP packet of this receiver. Raises RuntimeError when aiortc has changed."""
    if not hasattr(receiver, JITTER_BUFFER):
        raise RuntimeError(
            "aiortc's RTCRtpReceiver no longer keeps its jitter buffer where Sotto replaces it; "
            "install the aiortc that pyproject.toml names, or mend aiortc_internals.py"
        )
    setattr(receiver, JITTER_BUFFER, Tap(on_packet))


def encoded(packet: OpusOut) -> "Packet[Any]":
    """An Opus packet as a track may give it to aiortc's sender, which passes it on undecoded."""
    out = Packet(packet.payload)
    out.pts = packet.timestamp
    out.time_base = RTP_TIME_BASE
    return out


def allow_loopback() -> None:
    """Offer 127.0.0.1 in ICE where the machine has no other address."""
    ice: Any = aioice.ice
    ice.get_host_addresses = _host_addresses


def _host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    return _aioice_host_addresses(use_ipv4, use_ipv6) or ["127.0.0.1"]


_aioice_host_addresses = aioice.ice.get_host_addresses
