"""Who sits where: rooms, their seats, and the sockets of those who sit there."""

import secrets
from dataclasses import dataclass, field

from sotto_signaling import refusals
from sotto_signaling.errors import MessageError
from sotto_signaling.limits import Limits, TokenBucket
from sotto_signaling.messages import Message, PeerInfo, from_page
from sotto_signaling.outputs import Output, Send


@dataclass(slots=True, eq=False)
class Seat:
    """One peer's place. `socket` is None while the seat is kept after a drop."""

    room: "Room"
    peer: str
    token: str
    name: str
    mode: str
    socket: int | None
    muted: bool = False
    offered: bool = False
    kept_until: float = 0.0
    went_away: bool = False  # the page was closed, or is loaded again in a moment

    def info(self) -> PeerInfo:
        return PeerInfo(self.peer, self.name, self.mode, self.muted, self.socket is not None)


@dataclass(slots=True, eq=False)
class Room:
    """Where peers meet. It outlives them, so that its link works again."""

    id: str
    address: str  # of whoever created it
    link: str
    empty_since: float
    seats: list[Seat] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Socket:
    """One open connection, in a room or not yet."""

    id: int
    address: str
    heard_at: float
    bucket: TokenBucket
    refused: int = 0
    seat: Seat | None = None
    far: bool = False  # no socket at all: a gateway speaks for a peer of another relay

    def admit(self, text: str | bytes, limits: Limits, now: float) -> Message:
        """The message in a frame. Raises SignalingError for one that is too much or is none."""
        self.bucket.refill(now)
        if self.bucket.full:
            self.refused = 0
        if not self.bucket.take():
            self.refused += 1
            raise refusals.rate_limited(limits, fatal=self.refused >= limits.refusals)
        if isinstance(text, bytes):
            raise MessageError("A message is text, not binary.")
        if len(text.encode(errors="surrogatepass")) > limits.message_bytes:
            raise refusals.too_large(limits)
        return from_page(text)


def seat_of(room: Room, token: str | None) -> Seat | None:
    if token is None:
        return None
    given, found = token.encode(), None
    for seat in room.seats:  # every one, so that the time taken tells nothing
        if secrets.compare_digest(seat.token.encode(), given):
            found = seat
    return found


def others(seat: Seat, message: Message) -> list[Output]:
    others = [other for other in seat.room.seats if other is not seat]
    return [Send(other.socket, message) for other in others if other.socket is not None]


def everybody(room: Room, message: Message) -> list[Output]:
    return [Send(seat.socket, message) for seat in room.seats if seat.socket is not None]
