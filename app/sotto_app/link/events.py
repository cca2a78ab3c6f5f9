"""What a session tells its owner. `Reply` and `Refused` of the set-up, `Report` of the reports."""

from dataclasses import dataclass

from sotto_app.link.keys import Trust
from sotto_app.link.reports import Report
from sotto_app.link.setup import Refused, Reply


@dataclass(frozen=True, slots=True)
class Up:
    """A session stands, a first or a new one. `payload` is what the other end says of itself;
    `words` are to be read out."""

    peer_public: bytes
    trust: Trust
    words: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing has been heard for a while. The session goes on."""


@dataclass(frozen=True, slots=True)
class Back:
    """The other end is heard again after `silent_s`."""

    silent_s: float


@dataclass(frozen=True, slots=True)
class Down:
    """The session is over; a caller sets up a new one. So many bytes of messages were not
    acknowledged: perhaps they came, perhaps not."""

    reason: str
    undelivered_bytes: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """Frames of a talker. `is_earlier`: redundancy, of a packet that may have been lost.
    Not `is_certain`: placed by the clock of arrival."""

    talker: int
    mode: int
    start_ms: float
    frames: tuple[bytes, ...]
    is_earlier: bool
    is_certain: bool


@dataclass(frozen=True, slots=True)
class SpurtEnd:
    """A talker is silent now, with comfort noise at -`level` dBov."""

    talker: int
    level: int


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message of the reliable stream."""

    body: bytes


Event = Up | Silent | Back | Down | Bundle | SpurtEnd | Message | Report | Refused | Reply
