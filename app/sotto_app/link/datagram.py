"""The bytes in the clear at the front of each datagram between two gateways.

    sealed, short    0ccccccc | ciphertext | tag (8 bytes)
    sealed, long     10cccccc cccccccc cccccccc cccccccc | ciphertext | tag (8 bytes)
    set-up           11vvvkkk | body

c is the sender's packet counter of this session and direction: its low 7 bits, or all 30. v is
the version of the protocol and k the kind of the set-up message. The first byte of a set-up
datagram, the kinds hello and refuse, and the body of a refuse (one byte, the reason) are the same
in every version, so that two versions can say to each other why they do not talk.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

VERSION = 1
COUNTER_BITS = 30
SHORT_BITS = 7
TAG_BYTES = 8
WELCOME_BYTES = 104  # body: two keys, 8 bytes of payload, two tags of 16
HELLO_BYTES = WELCOME_BYTES  # a key, and zeros: the answer is not longer than what came
FINISH_BYTES = 72  # a key, 8 bytes of payload, two tags
REFUSE_BYTES = 1


class Kind(IntEnum):
    """Of a set-up datagram."""

    HELLO = 1
    WELCOME = 2
    FINISH = 3
    REFUSE = 4
    PROBE = 5  # of no session: probe.py


BODY_BYTES: dict[int, int] = {
    Kind.HELLO: HELLO_BYTES,
    Kind.WELCOME: WELCOME_BYTES,
    Kind.FINISH: FINISH_BYTES,
    Kind.REFUSE: REFUSE_BYTES,
}


class Reason(IntEnum):
    """Why a datagram is refused."""

    VERSION = 1
    UNKNOWN_KEY = 2
    FULL = 3
    NO_SESSION = 4  # to a sealed datagram: the keys are gone, a set-up has to come first


class Drop(StrEnum):
    """Why a datagram was dropped."""

    SHORT = "short"  # or, in the set-up, not of the length of its kind
    VERSION = "version"
    UNKNOWN_KIND = "unknown kind"
    UNEXPECTED = "unexpected"  # of a known kind, at a time when it means nothing
    FULL = "full"  # a hello beyond what the listener keeps
    REPLAYED = "replayed"
    TOO_OLD = "too old"
    FORGED = "forged"  # or of another session


class Dropped(Exception):
    """A datagram that goes no further, and why."""

    def __init__(self, reason: Drop) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed datagram: `low` is the counter's low `bits`; `header` is what the tag covers too."""

    header: bytes
    low: int
    bits: int
    body: bytes


@dataclass(frozen=True, slots=True)
class SetUpMessage:
    """A set-up datagram, of any version and kind."""

    version: int
    kind: int
    body: bytes


def sealed_header(counter: int, long: bool) -> bytes:
    """Counter below 2^30."""
    if long:
        return (1 << 31 | counter).to_bytes(4, "big")
    return bytes([counter & 0x7F])


def write_set_up(kind: Kind, body: bytes) -> bytes:
    return bytes([0xC0 | VERSION << 3 | kind]) + body


def parse(datagram: bytes) -> Sealed | SetUpMessage:
    """Raises Dropped where there are too few bytes."""
    if not datagram:
        raise Dropped(Drop.SHORT)
    first = datagram[0]
    if first >= 0xC0:
        return SetUpMessage(first >> 3 & 7, first & 7, datagram[1:])
    size = 4 if first & 0x80 else 1
    if len(datagram) < size + TAG_BYTES:
        raise Dropped(Drop.SHORT)
    header = datagram[:size]
    if size == 1:
        return Sealed(header, first, SHORT_BITS, datagram[1:])
    low = int.from_bytes(header, "big") & (1 << COUNTER_BITS) - 1
    return Sealed(header, low, COUNTER_BITS, datagram[4:])


def is_set_up(datagram: bytes) -> bool:
    return datagram[:1] >= b"\xc0"


def check_set_up(message: SetUpMessage) -> None:
    """Raises Dropped unless version, kind and length are ones that this version knows."""
    if message.version != VERSION:
        raise Dropped(Drop.VERSION)
    if message.kind not in BODY_BYTES:
        raise Dropped(Drop.UNKNOWN_KIND)
    if len(message.body) != BODY_BYTES[message.kind]:
        raise Dropped(Drop.SHORT)


def write_refuse(reason: Reason) -> bytes:
    return write_set_up(Kind.REFUSE, bytes([reason]))


def reason_of(refuse: SetUpMessage) -> Reason:
    """Of a refuse of whatever version. Raises Dropped."""
    if len(refuse.body) != REFUSE_BYTES:
        raise Dropped(Drop.SHORT)
    try:
        return Reason(refuse.body[0])
    except ValueError:
        raise Dropped(Drop.UNKNOWN_KIND) from None
