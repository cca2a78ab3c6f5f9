"""Probes of a link: what is asked and answered, and the end that answers.

An ask says how many answers it wants, and how large: none of it may be more than the ask brings,
headers included. An answer says when the ask came, and which of the 32 before it did. So rate and
loss of the two directions are told apart, and no clock has to agree with another. The layout is in
docs/protocol.md, "Probes".
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from struct import Struct

from sotto_app.link.datagram import VERSION, Kind, write_set_up
from sotto_app.link.tariff import UDP_IPV6_BYTES
from sotto_signaling.limits import TokenBucket

HEAD = 0xC0 | VERSION << 3 | Kind.PROBE
ANSWER_BIT = 0x80
MOST_PIECES = 15
ID_BYTES = 4
_ASK = Struct(">B4sBH")
_ANSWER = Struct(">B4sB3sIB")
LEAST_BYTES = 1 + _ANSWER.size
AROUND_BYTES = UDP_IPV6_BYTES  # of a datagram, whatever family it has here or further on
CLOCK_MS = 1 << 24
REMEMBERED = 64  # asks, of all who ask
BEFORE = 32  # of them an answer tells of
LEFT_UNIT_BYTES = 64
ALLOWANCE_BYTES = 15_000  # of answers at once, AROUND_BYTES for each: one probe and a half
ALLOWANCE_S = 600.0  # until it is whole again


class Unanswered(StrEnum):
    """Why a probe was dropped, in the counters of a gateway."""

    SHORT = "probe: too short"
    NOTHING = "probe: asks for nothing"
    GREEDY = "probe: asks for more than it brings"
    ANSWER = "probe: an answer to nothing"
    SPENT = "probe: enough was answered lately"


class BadProbe(Exception):
    """A probe that goes no further, and why."""

    def __init__(self, reason: Unanswered) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Ask:
    """Wants `pieces` answers of `piece_bytes`, and is `size_bytes` long. Its answers have its id
    and number.
    """

    id: bytes
    number: int  # 0 to 255
    size_bytes: int
    pieces: int
    piece_bytes: int

    @property
    def is_fair(self) -> bool:
        """What comes back is not more than what came, with the headers of both."""
        wanted = self.pieces * (self.piece_bytes + AROUND_BYTES)
        return self.piece_bytes >= LEAST_BYTES and wanted <= self.size_bytes + AROUND_BYTES

    def write(self, padding: bytes) -> bytes:
        """Padded from `padding`, which is long enough; random, for some links compress."""
        head = _ASK.pack(self.pieces, self.id, self.number, self.piece_bytes)
        return write_set_up(Kind.PROBE, head + padding[: self.size_bytes - 1 - len(head)])


@dataclass(frozen=True, slots=True)
class Answer:
    """Of the ask with this id and number, which came at `came_ms` by the answerer's clock; bit i of
    `before` is set where number - 1 - i has come too. `left_bytes` are those that the answerer
    would still send, AROUND_BYTES for each datagram included: at least so many.
    """

    id: bytes
    number: int
    piece: int
    came_ms: int
    before: int
    left_bytes: int

    def write(self, padding: bytes, size_bytes: int) -> bytes:
        head = _ANSWER.pack(
            ANSWER_BIT | self.piece,
            self.id,
            self.number,
            (self.came_ms % CLOCK_MS).to_bytes(3, "big"),
            self.before,
            min(255, self.left_bytes // LEFT_UNIT_BYTES),
        )
        return write_set_up(Kind.PROBE, head + padding[: size_bytes - 1 - len(head)])


def is_probe(datagram: bytes) -> bool:
    """Of this version; the rest of it may be anything."""
    return datagram[:1] == bytes([HEAD])


def read(datagram: bytes) -> Ask | Answer:
    """For which is_probe. Raises BadProbe."""
    if len(datagram) < LEAST_BYTES:
        raise BadProbe(Unanswered.SHORT)
    if datagram[1] & ANSWER_BIT:
        flags, name, number, came, before, left = _ANSWER.unpack_from(datagram, 1)
        came_ms = int.from_bytes(came, "big")
        return Answer(name, number, flags & MOST_PIECES, came_ms, before, left * LEFT_UNIT_BYTES)
    flags, name, number, piece_bytes = _ASK.unpack_from(datagram, 1)
    return Ask(name, number, len(datagram), flags & MOST_PIECES, piece_bytes)


class Answerer:
    """The end that is probed, by anybody. What it keeps does not grow, whoever asks."""

    def __init__(self, now: float) -> None:
        self._came: deque[tuple[bytes, int]] = deque(maxlen=REMEMBERED)
        rate = ALLOWANCE_BYTES / ALLOWANCE_S
        self._allowance = TokenBucket(rate, ALLOWANCE_BYTES, now)

    def receive(self, datagram: bytes, now: float) -> list[bytes]:
        """Of a datagram for which is_probe: what to send at once to where it came from. Raises
        BadProbe for what is dropped.
        """
        ask = self._checked(datagram, now)
        before = self._before(ask)
        self._came.append((ask.id, ask.number))
        came_ms, left = round(now * 1000), int(self._allowance.level)
        answers = [
            Answer(ask.id, ask.number, piece, came_ms, before, left) for piece in range(ask.pieces)
        ]
        return [answer.write(datagram[1 + _ASK.size :], ask.piece_bytes) for answer in answers]

    def _checked(self, datagram: bytes, now: float) -> Ask:
        ask = read(datagram)
        if isinstance(ask, Answer):
            raise BadProbe(Unanswered.ANSWER)
        if not ask.pieces:
            raise BadProbe(Unanswered.NOTHING)
        if not ask.is_fair:
            raise BadProbe(Unanswered.GREEDY)
        self._allowance.refill(now)
        if not self._allowance.take(ask.pieces * (ask.piece_bytes + AROUND_BYTES)):
            raise BadProbe(Unanswered.SPENT)
        return ask

    def _before(self, ask: Ask) -> int:
        back = (ask.number - 1 - number & 0xFF for id, number in self._came if id == ask.id)
        return sum({1 << bits for bits in back if bits < BEFORE})
