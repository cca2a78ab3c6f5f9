"""Every message between a page and its relay, as frozen dataclasses, and their JSON.

A message is a JSON object with `type`, the kebab-case name of its class, and the fields of the
class. Golden files in tests/fixtures/messages/ hold one example each; the page's tests read the
same files.
"""

import json
from dataclasses import asdict, dataclass
from typing import ClassVar, Literal

from sotto_signaling.errors import Code, MessageError, SignalingError
from sotto_signaling.strict_json import build, read_object, shown


@dataclass(frozen=True, slots=True)
class Message:
    """Base of all messages."""

    TYPE: ClassVar[str]


# --- from the page ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CreateRoom(Message):
    """Ask for a new room. Answered with RoomCreated."""

    TYPE: ClassVar[str] = "create-room"


@dataclass(frozen=True, slots=True)
class Join(Message):
    """Take a seat, or with the `token` of an earlier Joined the same seat again."""

    TYPE: ClassVar[str] = "join"
    room: str
    name: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Leave(Message):
    """Give the seat back."""

    TYPE: ClassVar[str] = "leave"


@dataclass(frozen=True, slots=True)
class Offer(Message):
    """The page's SDP offer to its pipeline. A second one replaces the connection."""

    TYPE: ClassVar[str] = "offer"
    sdp: str


@dataclass(frozen=True, slots=True)
class Candidate(Message):
    """A trickled ICE candidate of the page (RFC 8838); an empty string ends them."""

    TYPE: ClassVar[str] = "candidate"
    candidate: str
    sdp_mid: str | None = None
    sdp_mline_index: int | None = None


@dataclass(frozen=True, slots=True)
class Mute(Message):
    """Stop or resume sending; the other peer is told with PeerMuted."""

    TYPE: ClassVar[str] = "mute"
    muted: bool


@dataclass(frozen=True, slots=True)
class SetMode(Message):
    """Pick the mode of what this peer sends. Answered to both with ModeChanged."""

    TYPE: ClassVar[str] = "set-mode"
    mode: str


@dataclass(frozen=True, slots=True)
class SetLink(Message):
    """Pick the link profile of the room. Answered to both with LinkChanged."""

    TYPE: ClassVar[str] = "set-link"
    link: str


@dataclass(frozen=True, slots=True)
class Write(Message):
    """A line for the other peer, 1 to 400 characters; it arrives as a Caption."""

    TYPE: ClassVar[str] = "write"
    text: str


@dataclass(frozen=True, slots=True)
class ShareVoice(Message):
    """Agree, or not any more, that in text modes what the own voice is like leaves, and a few
    seconds of it where they are of use."""

    TYPE: ClassVar[str] = "share-voice"
    shared: bool


@dataclass(frozen=True, slots=True)
class Ping(Message):
    """Heartbeat of the page. Answered with Pong of the same id."""

    TYPE: ClassVar[str] = "ping"
    id: int


# --- from the relay --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PeerInfo:
    """What one peer may know of another."""

    peer: str
    name: str
    mode: str
    muted: bool
    present: bool  # False while its seat is kept after a drop


@dataclass(frozen=True, slots=True)
class IceServer:
    """An entry of RTCConfiguration.iceServers."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class RoomCreated(Message):
    """The unguessable id of a new room, empty so far."""

    TYPE: ClassVar[str] = "room-created"
    room: str


@dataclass(frozen=True, slots=True)
class Joined(Message):
    """The seat is taken. `token` takes it again after a drop, for `seat_kept_s`."""

    TYPE: ClassVar[str] = "joined"
    room: str
    peer: str
    token: str
    resumed: bool
    mode: str
    link: str
    peers: list[PeerInfo]
    ice_servers: list[IceServer]
    seat_kept_s: int
    ping_every_s: int


@dataclass(frozen=True, slots=True)
class PeerJoined(Message):
    """Another peer took a seat."""

    TYPE: ClassVar[str] = "peer-joined"
    peer: PeerInfo


@dataclass(frozen=True, slots=True)
class PeerDropped(Message):
    """Another peer's socket went away; its seat is kept."""

    TYPE: ClassVar[str] = "peer-dropped"
    peer: str
    seat_kept_s: int


@dataclass(frozen=True, slots=True)
class PeerResumed(Message):
    """A dropped peer is back in its seat."""

    TYPE: ClassVar[str] = "peer-resumed"
    peer: str


@dataclass(frozen=True, slots=True)
class PeerLeft(Message):
    """Another peer hung up, or its seat ran out."""

    TYPE: ClassVar[str] = "peer-left"
    peer: str
    reason: Literal["left", "timeout"]


@dataclass(frozen=True, slots=True)
class PeerMuted(Message):
    """Another peer stopped or resumed sending."""

    TYPE: ClassVar[str] = "peer-muted"
    peer: str
    muted: bool


@dataclass(frozen=True, slots=True)
class Answer(Message):
    """The pipeline's SDP answer, all candidates in it."""

    TYPE: ClassVar[str] = "answer"
    sdp: str


@dataclass(frozen=True, slots=True)
class ModeChanged(Message):
    """What `peer` sends is in `mode` from its next bundle on."""

    TYPE: ClassVar[str] = "mode-changed"
    peer: str
    mode: str


@dataclass(frozen=True, slots=True)
class LinkChanged(Message):
    """The room's link has another profile."""

    TYPE: ClassVar[str] = "link-changed"
    link: str


@dataclass(frozen=True, slots=True)
class Bits:
    """Bits per second on the link over the last second, by kind, and all bytes since the start.

    On a thin link: over the last 5 s, bundles being seconds apart, and since the call began.
    """

    payload_bps: float
    header_bps: float
    control_bps: float
    redundancy_bps: float
    cryptography_bps: float  # tags, padding and set-up; 0 on a link in memory
    packets_per_s: float
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Reception:
    """How the other peer's voice arrives. None: nothing has arrived yet.

    `loss` on a thin link: of the last 32 packets if that is longer than 5 s.
    """

    mode: str | None  # as the packets say
    delay_ms: float | None  # one way, from one relay socket to the other
    jitter_ms: float
    buffer_ms: float  # depth of the jitter buffer
    loss: float  # share of packets lost on the link over the last 5 s, 0 to 1
    concealed: float  # share of played frames that were concealed over the last 5 s, 0 to 1


@dataclass(frozen=True, slots=True)
class FarLink:
    """The thin link to the relay of the other peer, in the words that the page shows."""

    state: Literal["setting up", "up", "silent", "down"]
    packing: str | None  # of what this peer sends: "0.9 kbit/s, 0.9 s behind"; None: not yet known
    cost: str | None  # of both directions: "11 kB so far, ..."; None: not yet known


@dataclass(frozen=True, slots=True)
class Stats(Message):
    """Twice a second to each peer: what it sends, what it gets, and how that arrives.

    `far` is there where the other peer is at another relay, or would be if it came.
    """

    TYPE: ClassVar[str] = "stats"
    sent: Bits
    received: Bits
    reception: Reception
    far: FarLink | None = None
    behind_s: float = 0.0  # in a text mode: of what this peer says, so much waits to be recognised
    unspoken: str = ""  # the language of what the other says, where nobody here speaks it
    state_bytes: int = (
        0  # what the codecs of both directions remember at this relay, where they say
    )


@dataclass(frozen=True, slots=True)
class Pong(Message):
    """Answer to Ping."""

    TYPE: ClassVar[str] = "pong"
    id: int


@dataclass(frozen=True, slots=True)
class Caption(Message):
    """Words of one phrase or written line; a later one of the same peer and number replaces it."""

    TYPE: ClassVar[str] = "caption"
    own: bool  # of this peer: as it leaves; else of the other, as it is heard
    number: int
    words: str
    final: bool  # these words will not change
    written: bool  # by hand; numbers of these mean nothing


@dataclass(frozen=True, slots=True)
class Error(Message):
    """Something this peer did, or asked, did not work. Fatal: the socket is closed after it."""

    TYPE: ClassVar[str] = "error"
    code: Code
    message: str
    fatal: bool


FROM_PAGE: dict[str, type[Message]] = {
    cls.TYPE: cls
    for cls in (
        CreateRoom,
        Join,
        Leave,
        Offer,
        Candidate,
        Mute,
        SetMode,
        SetLink,
        Write,
        ShareVoice,
        Ping,
    )
}
FROM_RELAY: dict[str, type[Message]] = {
    cls.TYPE: cls
    for cls in (
        RoomCreated,
        Joined,
        PeerJoined,
        PeerDropped,
        PeerResumed,
        PeerLeft,
        PeerMuted,
        Answer,
        ModeChanged,
        LinkChanged,
        Stats,
        Caption,
        Pong,
        Error,
    )
}


def to_json(message: Message) -> str:
    """The text that goes on the wire."""
    return json.dumps({"type": message.TYPE, **asdict(message)}, ensure_ascii=False)


def from_page(text: str) -> Message:
    """A message that a page may send.

    Raises MessageError with a sentence that names the fault; for an answer, unexpected-answer.
    """
    return _parse(text, FROM_PAGE)


def from_relay(text: str) -> Message:
    """A message that a relay may send. Raises MessageError."""
    return _parse(text, FROM_RELAY)


def _parse(text: str, known: dict[str, type[Message]]) -> Message:
    data = read_object(text)
    kind = data.pop("type", None)
    if known is FROM_PAGE and kind == Answer.TYPE:
        raise SignalingError(
            Code.UNEXPECTED_ANSWER, "A page offers and the relay answers: send an offer."
        )
    if not isinstance(kind, str) or kind not in known:
        raise MessageError(f"There is no message of type {shown(kind)}.")
    message = build(data, known[kind], kind)
    assert isinstance(message, Message)
    return message
