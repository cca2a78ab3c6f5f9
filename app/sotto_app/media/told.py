"""Frames that must arrive, as bytes: the mode, the stream, the payload.

mmmmmmss payload      mode 0 to 62, stream 0 to 3
11111100 text         a line that somebody wrote, in UTF-8
"""

from dataclasses import dataclass

from sotto_app.link.packet import PacketError
from sotto_codecs.base import Frame

STREAM_BITS = 2
WRITTEN = 0b111111_00


@dataclass(frozen=True, slots=True)
class Body:
    """On its way; one that `waits` leaves when all else has arrived, and is overtaken by it."""

    data: bytes
    waits: bool = False


def told(mode: int, frame: Frame) -> Body:
    data = bytes([mode << STREAM_BITS | frame.stream]) + frame.payload
    return Body(data, waits=frame.priority > 0)


def written(text: str) -> Body:
    return Body(bytes([WRITTEN]) + text.encode())


def read(body: bytes) -> tuple[int, Frame] | str:
    """A frame and its mode, or a written line. Raises PacketError."""
    if not body:
        raise PacketError("nothing was told")
    if body[0] == WRITTEN:
        try:
            return body[1:].decode()
        except UnicodeDecodeError:
            raise PacketError("a line that is not UTF-8") from None
    mode, stream = body[0] >> STREAM_BITS, body[0] & (1 << STREAM_BITS) - 1
    return mode, Frame(body[1:], 0, 0, stream)
