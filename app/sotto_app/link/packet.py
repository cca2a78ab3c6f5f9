"""What travels between two pipelines: one bundle of frames behind a header of seven bytes.

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +---+---+-------+---------------+-------------------------------+
    | V | K | frames|     mode      |           sequence            |
    +---+---+-------+---------------+---------------+---------------+
    |            media time in milliseconds         | payload ...
    +-----------------------------------------------+

V, the version, is 0. K, the kind, is 0: media. All numbers are big-endian. Media time is that of
the first sample and wraps after 4.66 hours. The frames of a codec whose frames vary in size each
have a length of one byte before them (two, the first with its top bit set, from 128 bytes on), but
the last.
"""

import struct
from dataclasses import dataclass

from sotto_app.link.lengths import LengthError, join_frames, split_frames

VERSION = 0
KIND_MEDIA = 0
HEADER_BYTES = 7
IPV4_UDP_BYTES = 28  # RFC 791 header without options, RFC 768 header
SEQUENCE_BITS = 16
TIME_BITS = 24
MAX_FRAMES = 15
JUMP = 1000  # packets; a sequence number this far off is of another stream


class PacketError(ValueError):
    """Bytes that are not a packet of this version."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A bundle of at most 15 frames in one mode. `sequence` and `time_ms` are as on the wire."""

    mode: int
    sequence: int
    time_ms: int
    payloads: tuple[bytes, ...]


def pack(packet: Packet, frame_bytes: int | None) -> bytes:
    """The bytes of a packet; `frame_bytes` is the codec's fixed frame size, or None."""
    first = VERSION << 6 | KIND_MEDIA << 4 | len(packet.payloads)
    time_ms = packet.time_ms % (1 << TIME_BITS)
    header = struct.pack(
        ">BBHBH", first, packet.mode, packet.sequence, time_ms >> 16, time_ms & 0xFFFF
    )
    if frame_bytes is not None:
        return header + b"".join(packet.payloads)
    return header + join_frames(packet.payloads)


def mode_of(datagram: bytes) -> int:
    """The mode that a packet names, so that the reader can look up its frame size."""
    if len(datagram) < HEADER_BYTES:
        raise PacketError(f"{len(datagram)} bytes are too few for a header of {HEADER_BYTES}")
    if datagram[0] >> 6 != VERSION:
        raise PacketError(f"version {datagram[0] >> 6} is not understood, only {VERSION}")
    if datagram[0] >> 4 & 3 != KIND_MEDIA:
        raise PacketError(f"kind {datagram[0] >> 4 & 3} is not understood")
    return datagram[1]


def unpack(datagram: bytes, frame_bytes: int | None, core_bytes: int | None = None) -> Packet:
    """The packet in these bytes; its frames may all be cut to `core_bytes`. Raises PacketError."""
    mode_of(datagram)
    first, mode, sequence, time_high, time_low = struct.unpack_from(">BBHBH", datagram)
    count, body = first & 15, datagram[HEADER_BYTES:]
    if frame_bytes is None:
        payloads = _split(body, count)
    else:
        size = core_bytes if core_bytes and len(body) == count * core_bytes else frame_bytes
        if len(body) != count * size:
            raise PacketError(f"{count} frames of {size} bytes do not make {len(body)} bytes")
        payloads = tuple(body[i * size : (i + 1) * size] for i in range(count))
    return Packet(mode, sequence, time_high << 16 | time_low, payloads)


def unwrap(value: int, near: int, bits: int) -> int:
    """The number closest to `near` whose low `bits` are `value`."""
    span = 1 << bits
    return near + (value - near + span // 2) % span - span // 2


def _split(body: bytes, count: int) -> tuple[bytes, ...]:
    try:
        return split_frames(body, count)
    except LengthError as fault:
        raise PacketError(str(fault)) from fault
