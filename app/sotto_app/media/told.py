"""Frames that must arrive, as bytes: the mode, the stream, the payload.

mmmmmmss payload      mode 0 to 62, stream 0 to 3
11111100 text         a line that somebody wrote, in UTF-8
11111101 n piece      of a body that waits and is long; n more of it follow

Between two pieces there is room for words.
"""

from dataclasses import dataclass

from sotto_app.link.packet import PacketError
from sotto_codecs.base import Frame

STREAM_BITS = 2
WRITTEN = 0b111111_00
PIECE = 0b111111_01
PIECE_BYTES = 48  # with all around it a segment, also where those are small
MOST_PIECES = 41  # of a body: 1968 bytes


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


def pieces(body: Body) -> list[bytes]:
    """The body, or what is told one after another in its place. Raises ValueError where it is too
    long."""
    size = len(body.data)
    if not body.waits or size <= PIECE_BYTES:
        return [body.data]
    if size > PIECE_BYTES * MOST_PIECES:
        raise ValueError(f"{size} bytes that wait; the most are {PIECE_BYTES * MOST_PIECES}")
    starts = range(0, size, PIECE_BYTES)
    return [
        bytes([PIECE, len(starts) - 1 - place]) + body.data[start : start + PIECE_BYTES]
        for place, start in enumerate(starts)
    ]


class Joining:
    """Of one talker: pieces, with other bodies between them."""

    def __init__(self) -> None:
        self._held = b""
        self._left = 0  # pieces

    def add(self, told: bytes) -> bytes | None:
        """A whole body, once it is there. A piece that follows none begins another body; who made
        that sees from its bytes what is missing. Raises PacketError."""
        if told[:1] != bytes([PIECE]):
            return told
        if not 2 < len(told) <= 2 + PIECE_BYTES or told[1] >= MOST_PIECES:
            raise PacketError(f"no piece of a body: {told[:2].hex()}, {len(told)} bytes")
        if told[1] + 1 != self._left:
            self._held = b""
        self._held, self._left = self._held + told[2:], told[1]
        return None if self._left else self._held


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
