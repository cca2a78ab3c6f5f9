"""What two gateways tell each other of their peers, over the link's reliable stream.

A call is one local peer's voice on the link; its number is the talker's number in media chunks.
The first byte is the kind, the second the call; strings are UTF-8, and the last one has no length.

    1 JOIN    length of room, room, length of mode, mode, name
    2 LEAVE
    3 MODE    mode
    4 MUTE    1 or 0
    5 REFUSE  a sentence for the people who wait
    6 TOLD    mode and stream, payload: see sotto_app/media/told.py
    7 KEEP    as TOLD; it may come again by its hash
    8 KNOWN   hash, 4 bytes: what was to be kept, once more
    9 ASK     hash: it is not known here
   10 WANT    your call's talker can be spoken like, here: a sample of the voice is welcome
"""

from dataclasses import dataclass
from typing import ClassVar

MOST_CALLS = 64
HASH_BYTES = 4  # of SHA-256


class CrossingError(ValueError):
    """Bytes that are no message of this kind."""


@dataclass(frozen=True, slots=True)
class Join:
    """A peer took a seat in `room`."""

    KIND: ClassVar[int] = 1
    call: int
    room: str
    mode: str
    name: str


@dataclass(frozen=True, slots=True)
class Leave:
    KIND: ClassVar[int] = 2
    call: int


@dataclass(frozen=True, slots=True)
class Mode:
    KIND: ClassVar[int] = 3
    call: int
    mode: str


@dataclass(frozen=True, slots=True)
class Mute:
    KIND: ClassVar[int] = 4
    call: int
    muted: bool


@dataclass(frozen=True, slots=True)
class Refuse:
    """The other end's `call` cannot be carried."""

    KIND: ClassVar[int] = 5
    call: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the call's talker said that must arrive: a frame of text, a written line."""

    KIND: ClassVar[int] = 6
    call: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Keep:
    """As Told, and to be kept by its hash (kept.py)."""

    KIND: ClassVar[int] = 7
    call: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """What was to be kept under this hash is told once more."""

    KIND: ClassVar[int] = 8
    call: int
    name: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """Nothing is kept under the hash that the other end's `call` was told by."""

    KIND: ClassVar[int] = 9
    call: int
    name: bytes


@dataclass(frozen=True, slots=True)
class Want:
    """A synthesiser here can speak like the talker of the other end's `call`, given a sample."""

    KIND: ClassVar[int] = 10
    call: int


Crossing = Join | Leave | Mode | Mute | Refuse | Told | Keep | Known | Ask | Want


def write(message: Crossing) -> bytes:
    head = bytes([message.KIND, message.call])
    match message:
        case Join():
            return head + _sized(message.room) + _sized(message.mode) + message.name.encode()
        case Leave() | Want():
            return head
        case Mode():
            return head + message.mode.encode()
        case Mute():
            return head + bytes([message.muted])
        case Refuse():
            return head + message.sentence.encode()
        case Told() | Keep():
            return head + message.body
        case Known() | Ask():
            return head + message.name


def read(data: bytes) -> Crossing:
    """Raises CrossingError."""
    if len(data) < 2 or data[1] >= MOST_CALLS:
        raise CrossingError("no kind, or no call")
    kind, call, body = data[0], data[1], data[2:]
    match kind:
        case Join.KIND:
            room, rest = _cut(body)
            mode, name = _cut(rest)
            return Join(call, room, mode, _text(name))
        case Leave.KIND | Want.KIND if not body:
            return (Leave if kind == Leave.KIND else Want)(call)
        case Mode.KIND:
            return Mode(call, _text(body))
        case Mute.KIND if body in (b"\0", b"\1"):
            return Mute(call, body == b"\1")
        case Refuse.KIND:
            return Refuse(call, _text(body))
        case Told.KIND | Keep.KIND if body:
            return (Told if kind == Told.KIND else Keep)(call, body)
        case Known.KIND | Ask.KIND if len(body) == HASH_BYTES:
            return (Known if kind == Known.KIND else Ask)(call, body)
    raise CrossingError(f"kind {kind} with {len(body)} bytes is not understood")


def call_of(data: bytes) -> int:
    """Of what `write` gave."""
    return data[1]


def _sized(text: str) -> bytes:
    data = text.encode()
    return bytes([len(data)]) + data


def _cut(data: bytes) -> tuple[str, bytes]:
    if not data or len(data) <= data[0]:
        raise CrossingError("a string is cut off")
    return _text(data[1 : 1 + data[0]]), data[1 + data[0] :]


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise CrossingError("a string is not UTF-8") from None
