"""Lengths on the wire, and frames of varying size one after another.

A length below 128 is one byte; up to 32767 it is two, the first with its top bit set.
"""

import struct
from collections.abc import Sequence

MAX_LENGTH = 0x7FFF


class LengthError(ValueError):
    """A length that is missing, cut off, or longer than what follows."""


def length_code(size: int) -> bytes:
    """The one or two bytes that say `size`, which is at most MAX_LENGTH."""
    return bytes([size]) if size < 128 else struct.pack(">H", 0x8000 | size)


def sized(data: bytes, at: int = 0) -> tuple[bytes, int]:
    """What stands behind the length at `at`, and where it ends. Raises LengthError."""
    if at >= len(data):
        raise LengthError("a frame's length is missing")
    size, start = data[at], at + 1
    if size >= 128:
        if start >= len(data):
            raise LengthError("a frame's length is cut off")
        size, start = (size & 127) << 8 | data[start], at + 2
    if start + size > len(data):
        raise LengthError(f"a frame of {size} bytes is longer than the packet")
    return data[start : start + size], start + size


def join_frames(payloads: Sequence[bytes]) -> bytes:
    """Frames of varying size: a length before each but the last."""
    parts = [length_code(len(payload)) + payload for payload in payloads[:-1]]
    return b"".join(parts) + b"".join(payloads[-1:])


def split_frames(body: bytes, count: int) -> tuple[bytes, ...]:
    """The reverse of `join_frames`, which does not write the count. Raises LengthError."""
    payloads, at = [], 0
    for _ in range(count - 1):
        payload, at = sized(body, at)
        payloads.append(payload)
    return (*payloads, body[at:]) if count else ()
