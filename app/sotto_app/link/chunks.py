"""What stands in the plaintext of a datagram: chunks, one after another.

    1mmmmmtt bundle ...                      Media: takes all the rest, so it stands last
    00nnnnnn n bytes                         padding, skipped
    0x40 level                               Level
    0x41 mode number time(3)                 Spurt
    0x42 report(2)                           Report
    0x43 id                                  Ping
    0x44 id held                             Pong
    0x45 talker length(1-2) chunks           Talker
    0x46 number last<<7|reserved<<6|length   Side, and so many bytes
    0x47 base bits                           Ack
    0x48 distance length(1-2) bundle         Earlier
    0x49 reason                              Bye
    0x4A                                     Hold

Numbers are big-endian; the reserved bit is written 0 and not looked at. Media, Spurt, Level and
Earlier are talker 0's, or, inside a Talker, that talker's: nothing else may stand there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sotto_app.link.lengths import LengthError, length_code, sized

MAX_TIME_MS = 1 << 24
MAX_SIDE_BYTES = 63
UNKNOWN_CHUNK = "unknown chunk"
CUT_CHUNK = "cut chunk"


@dataclass(frozen=True, slots=True)
class Media:
    """The talker's next bundle: the low 5 bits of its mode, the low 2 of its number."""

    mode: int
    turn: int
    bundle: bytes


@dataclass(frozen=True, slots=True)
class Level:
    """The talkspurt ends with this packet's bundle; then comfort noise at -`level` dBov (0-127)."""

    level: int


@dataclass(frozen=True, slots=True)
class Spurt:
    """Of the bundle in this packet: mode and number in 8 bits, media time in 24."""

    mode: int
    number: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Report:
    """A receiver report of 16 bits."""

    bits: int


@dataclass(frozen=True, slots=True)
class Ping:
    """To be answered by a Pong of the same id (8 bits)."""

    id: int


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer was held back for `held` times 10 ms; 255: so long or longer."""

    id: int
    held: int


@dataclass(frozen=True, slots=True)
class Side:
    """A segment of the reliable stream, of at most 63 bytes."""

    number: int
    last: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Ack:
    """Of the reliable stream: all before `base` came, and by bit i (from bit 0) base + 1 + i."""

    base: int
    bits: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """Redundancy: the bundle `distance` places before the one in this packet."""

    distance: int
    bundle: bytes


@dataclass(frozen=True, slots=True)
class Bye:
    """The session ends."""

    reason: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Says nothing, and keeps the way through a NAT open."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Not on the wire: what `read` gives last where the rest cannot be read. Count it by reason."""

    reason: str


TalkerChunk = Media | Level | Spurt | Earlier | Broken


@dataclass(frozen=True, slots=True)
class Talker:
    """Chunks of talker `number` (8 bits)."""

    number: int
    chunks: tuple[TalkerChunk, ...]


Chunk = TalkerChunk | Report | Ping | Pong | Talker | Side | Ack | Bye | Hold


def write(chunks: Sequence[Chunk], multiple: int = 1) -> bytes:
    """The plaintext, padded up to a multiple of so many bytes. A Media has to stand last."""
    parts = [_written(chunk) for chunk in chunks]
    spare = -sum(map(len, parts)) % multiple
    return b"".join([*parts[:-1], _padding(spare), *parts[-1:]]) if spare else b"".join(parts)


def read(plain: bytes) -> list[Chunk]:
    """The chunks. What cannot be read is left, with all behind it, for one Broken at the end."""
    return _read(plain, _ANYWHERE)


def _read(plain: bytes, known: frozenset[int]) -> list[Chunk]:
    chunks: list[Chunk] = []
    at = 0
    while at < len(plain):
        first = plain[at]
        if first & 0x80:
            return [*chunks, Media(first >> 2 & 31, first & 3, plain[at + 1 :])]
        if first & 0x40:
            if first not in known:
                return [*chunks, Broken(UNKNOWN_CHUNK)]
            chunk, at = _control(plain, at)
            chunks.append(chunk)
        else:
            at += 1 + first
    return [*chunks, Broken(CUT_CHUNK)] if at > len(plain) else chunks


def _padding(spare: int) -> bytes:
    whole, rest = divmod(spare, 64)
    return (b"\x3f" + bytes(63)) * whole + (bytes([rest - 1]) + bytes(rest - 1) if rest else b"")


def _written(chunk: Chunk) -> bytes:  # the most frequent first
    match chunk:
        case Media(mode, turn, bundle):
            return bytes([0x80 | (mode & 31) << 2 | turn]) + bundle
        case Earlier(distance, bundle):
            return bytes([0x48, distance]) + length_code(len(bundle)) + bundle
        case Spurt(mode, number, time_ms):
            return bytes([0x41, mode, number]) + time_ms.to_bytes(3)
        case Talker(number, inner):
            body = write(inner)
            return bytes([0x45, number]) + length_code(len(body)) + body
        case Side(number, last, data):
            return bytes([0x46, number, last << 7 | len(data)]) + data
        case Report(bits):
            return b"\x42" + bits.to_bytes(2)
        case Broken(reason):
            raise ValueError(f"a chunk that could not be read is not written: {reason}")
        case _:
            return _written_plainly(chunk)


def _written_plainly(chunk: Level | Ping | Pong | Ack | Bye | Hold) -> bytes:
    match chunk:
        case Level(level):
            return bytes([0x40, level])
        case Ping(number):
            return bytes([0x43, number])
        case Pong(number, held):
            return bytes([0x44, number, held])
        case Ack(base, bits):
            return bytes([0x47, base, bits])
        case Bye(reason):
            return bytes([0x49, reason])
        case Hold():
            return b"\x4a"


_PLAIN: dict[int, tuple[int, Callable[[bytes], Chunk]]] = {  # of a fixed size
    0x40: (1, lambda body: Level(body[0] & 127)),
    0x41: (5, lambda body: Spurt(body[0], body[1], int.from_bytes(body[2:]))),
    0x42: (2, lambda body: Report(int.from_bytes(body))),
    0x43: (1, lambda body: Ping(body[0])),
    0x44: (2, lambda body: Pong(body[0], body[1])),
    0x47: (2, lambda body: Ack(body[0], body[1])),
    0x49: (1, lambda body: Bye(body[0])),
    0x4A: (0, lambda body: Hold()),
}


_SIZED = frozenset({0x45, 0x46, 0x48})
_ANYWHERE = _SIZED | frozenset(_PLAIN)
_OF_A_TALKER = frozenset({0x40, 0x41, 0x48})


def _control(plain: bytes, at: int) -> tuple[Chunk, int]:
    """The control chunk at `at` and where it ends: the end of all where it is cut."""
    if plain[at] in _SIZED:
        try:
            return _sized_chunk(plain, at)
        except (LengthError, IndexError):
            return Broken(CUT_CHUNK), len(plain)
    size, make = _PLAIN[plain[at]]
    body = plain[at + 1 : at + 1 + size]
    if len(body) < size:
        return Broken(CUT_CHUNK), len(plain)
    return make(body), at + 1 + size


def _sized_chunk(plain: bytes, at: int) -> tuple[Chunk, int]:
    kind, number = plain[at], plain[at + 1]
    if kind == 0x46:
        flags, start = plain[at + 2], at + 3
        data = plain[start : start + (flags & 63)]
        if len(data) < flags & 63:
            raise LengthError("a segment is cut off")
        return Side(number, bool(flags & 0x80), data), start + len(data)
    body, end = sized(plain, at + 2)
    return (Earlier(number, body) if kind == 0x48 else _talker(number, body)), end


def _talker(number: int, body: bytes) -> Talker:
    chunks = _read(body, _OF_A_TALKER)
    return Talker(number, tuple(chunk for chunk in chunks if isinstance(chunk, TalkerChunk)))
