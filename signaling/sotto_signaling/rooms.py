"""Rooms as a state machine: sockets and their text in, outputs out. No I/O and no clock.

`now` is in seconds and never goes back. Sockets are numbers that the caller makes up and never
uses twice. Outputs are to be carried out in their order.
"""

import secrets
from collections.abc import Callable
from typing import Literal

from sotto_signaling import refusals
from sotto_signaling.defaults import RoomDefaults
from sotto_signaling.errors import Code, MessageError, SignalingError
from sotto_signaling.limits import Limits, Tally, TokenBucket
from sotto_signaling.messages import (
    Candidate,
    CreateRoom,
    Error,
    Join,
    Joined,
    Leave,
    LinkChanged,
    Message,
    ModeChanged,
    Mute,
    Offer,
    PeerDropped,
    PeerJoined,
    PeerLeft,
    PeerMuted,
    PeerResumed,
    Ping,
    Pong,
    RoomCreated,
    SetLink,
    SetMode,
    Write,
)
from sotto_signaling.names import fit_name
from sotto_signaling.outputs import Close, ClosePipeline, OpenPipeline, Output, Send, ToPipeline
from sotto_signaling.seats import Room, Seat, Socket, everybody, others, seat_of

SEATS = 2
LINE_CHARACTERS = 400  # of what is written: in UTF-8 one message of the thin wire
FAR = "another relay"  # the address of those who come through a gateway
RELOAD_S = 5  # a page that went away is either back by then, or was closed


def unguessable() -> str:
    """192 bits, in 32 characters that a link can carry."""
    return secrets.token_urlsafe(24)


class Rooms:
    """All rooms of one relay."""

    def __init__(
        self, limits: Limits, defaults: RoomDefaults, new_id: Callable[[], str] = unguessable
    ) -> None:
        self.limits = limits
        self._defaults = defaults
        self._new_id = new_id
        self._sockets: dict[int, Socket] = {}
        self._rooms: dict[str, Room] = {}
        self._seats: dict[str, Seat] = {}
        self._socket_tally = Tally(
            "connections", Code.TOO_MANY_SOCKETS, limits.sockets_per_address, limits.sockets
        )
        self._room_tally = Tally(
            "rooms", Code.TOO_MANY_ROOMS, limits.rooms_per_address, limits.rooms
        )
        self._shut = False

    # --- what a caller may ask ---------------------------------------------------------------

    def counts(self) -> dict[str, int]:
        return {"sockets": len(self._sockets), "rooms": len(self._rooms), "peers": len(self._seats)}

    def socket_of(self, peer: str) -> int | None:
        """The peer's present socket; None while it is dropped, or when it has left."""
        seat = self._seats.get(peer)
        return seat.socket if seat else None

    # --- what happens to it ------------------------------------------------------------------

    def connected(self, socket: int, address: str, now: float) -> list[Output]:
        """A socket opened. `address` is what the limits count."""
        try:
            if self._shut:
                raise refusals.shutting_down()
            self._socket_tally.add(address)
        except SignalingError as fault:
            return [Send(socket, Error(fault.code, fault.sentence, fatal=True)), Close(socket)]
        bucket = TokenBucket(self.limits.messages_per_s, self.limits.message_burst, now)
        self._sockets[socket] = Socket(socket, address, now, bucket)
        return []

    def received(self, socket: int, text: str | bytes, now: float) -> list[Output]:
        """A frame came. From a socket that is closed already, it is passed over."""
        if (known := self._sockets.get(socket)) is None:
            return []
        known.heard_at = now
        try:
            return self._handle(known, known.admit(text, self.limits, now), now)
        except SignalingError as fault:
            return self._refuse(known, fault, now)

    def join_far(self, socket: int, room: str, name: str, now: float) -> list[Output]:
        """A peer of another relay comes in; a gateway speaks for it, as a page would, through
        `received`. The room is the same one at both relays, and made here if it is not known.

        Told it may be that the room is full; nothing is left of it then.
        """
        bucket = TokenBucket(self.limits.messages_per_s, self.limits.message_burst, now)
        known = self._sockets[socket] = Socket(socket, FAR, now, bucket, far=True)
        if room not in self._rooms:
            self._room_tally.count(FAR)
            self._rooms[room] = Room(room, FAR, self._defaults.link, now)
        self._socket_tally.count(FAR)
        try:
            return self._join(known, Join(room, name), now)
        except SignalingError as fault:
            told = Send(socket, Error(fault.code, fault.sentence, fatal=True))
            return [told, Close(socket), *self._forget(known, now)]

    def gone(self, socket: int, now: float, *, page_went: bool = False) -> list[Output]:
        """A socket closed, by whichever end. `page_went`: it said that its page is going away."""
        known = self._sockets.get(socket)
        return self._forget(known, now, page_went=page_went) if known else []

    def failed(self, peer: str, fault: SignalingError, now: float) -> list[Output]:
        """The peer's pipeline could not do what it was asked."""
        if (socket := self.socket_of(peer)) is None:
            return []
        return self._refuse(self._sockets[socket], fault, now)

    def tick(self, now: float) -> list[Output]:
        """Closes silent sockets, gives up seats and rooms that were kept long enough."""
        outputs: list[Output] = []
        for socket in list(self._sockets.values()):
            if not socket.far and now - socket.heard_at >= self.limits.silent_after_s:
                outputs += self._refuse(socket, refusals.silent(self.limits), now)
        for seat in list(self._seats.values()):
            if seat.socket is None and now >= seat.kept_until:
                outputs += self._vacate(seat, "left" if seat.went_away else "timeout", now)
        for room in list(self._rooms.values()):
            if not room.seats and now - room.empty_since >= self.limits.empty_room_kept_s:
                del self._rooms[room.id]
                self._room_tally.remove(room.address)
        return outputs

    def shutdown(self, now: float) -> list[Output]:
        """Tells every socket, and closes it. Nothing is let in after it."""
        self._shut = True
        outputs: list[Output] = []
        for socket in list(self._sockets.values()):
            outputs += self._refuse(socket, refusals.shutting_down(), now)
        return outputs

    # --- one message -------------------------------------------------------------------------

    def _handle(self, socket: Socket, message: Message, now: float) -> list[Output]:
        match message:
            case Ping():
                return [Send(socket.id, Pong(message.id))]
            case CreateRoom():
                return self._create(socket, now)
            case Join():
                return self._join(socket, message, now)
        if socket.seat is None:
            raise refusals.not_joined(message.TYPE)
        return self._seated(socket.seat, message, now)

    def _seated(self, seat: Seat, message: Message, now: float) -> list[Output]:
        told: list[Output] = []
        match message:
            case Leave():
                return self._vacate(seat, "left", now)
            case Mute(muted):
                seat.muted = muted
                told = others(seat, PeerMuted(seat.peer, muted))
            case SetMode(mode):
                self._defaults.check_mode(mode)
                seat.mode = mode
                told = everybody(seat.room, ModeChanged(seat.peer, mode))
            case SetLink(link):
                self._defaults.check_link(link)
                seat.room.link = link
                told = everybody(seat.room, LinkChanged(link))
            case Write(text) if not text.strip() or len(text) > LINE_CHARACTERS:
                raise MessageError(f"write.text: 1 to {LINE_CHARACTERS} characters.")
            case Offer():
                seat.offered = True
            case Candidate() if not seat.offered:
                raise refusals.unexpected_candidate()
        return [*told, ToPipeline(seat.peer, message)]

    # --- seats -------------------------------------------------------------------------------

    def _create(self, socket: Socket, now: float) -> list[Output]:
        self._room_tally.add(socket.address)
        room = Room(self._new_id(), socket.address, self._defaults.link, now)
        self._rooms[room.id] = room
        return [Send(socket.id, RoomCreated(room.id))]

    def _join(self, socket: Socket, message: Join, now: float) -> list[Output]:
        if socket.seat:
            raise refusals.already_joined()
        room = self._rooms.get(message.room)
        if room is None:
            raise refusals.room_unknown()
        seat = seat_of(room, message.token)
        if seat:
            return self._resume(seat, socket, now)
        if len(room.seats) >= SEATS:
            raise refusals.room_full(SEATS)
        return self._sit_down(room, socket, fit_name(message.name))

    def _sit_down(self, room: Room, socket: Socket, name: str) -> list[Output]:
        mode = self._defaults.mode
        seat = Seat(room, self._new_id(), self._new_id(), name, mode, socket.id)
        room.seats.append(seat)
        self._seats[seat.peer] = seat
        socket.seat = seat
        return [
            OpenPipeline(room.id, seat.peer, name, socket.far),
            ToPipeline(seat.peer, SetLink(room.link)),
            ToPipeline(seat.peer, SetMode(mode)),
            Send(socket.id, self._joined(seat, resumed=False)),
            *others(seat, PeerJoined(seat.info())),
        ]

    def _resume(self, seat: Seat, socket: Socket, now: float) -> list[Output]:
        outputs: list[Output] = []
        older = self._sockets.get(seat.socket) if seat.socket is not None else None
        if older:
            older.seat = None  # so that nobody hears of a drop
            outputs += self._refuse(older, refusals.seat_taken_over(), now)
        else:
            outputs += others(seat, PeerResumed(seat.peer))
        seat.socket, socket.seat = socket.id, seat
        return [*outputs, Send(socket.id, self._joined(seat, resumed=True))]

    def _joined(self, seat: Seat, *, resumed: bool) -> Joined:
        return Joined(
            room=seat.room.id,
            peer=seat.peer,
            token=seat.token,
            resumed=resumed,
            mode=seat.mode,
            link=seat.room.link,
            peers=[other.info() for other in seat.room.seats if other is not seat],
            ice_servers=self._defaults.ice_servers(seat.peer),
            seat_kept_s=self.limits.seat_kept_s,
            ping_every_s=self.limits.ping_every_s,
        )

    def _vacate(self, seat: Seat, reason: Literal["left", "timeout"], now: float) -> list[Output]:
        if seat.socket is not None:
            self._sockets[seat.socket].seat = None
        outputs = others(seat, PeerLeft(seat.peer, reason))
        seat.room.seats.remove(seat)
        seat.room.empty_since = now
        del self._seats[seat.peer]
        return [*outputs, ClosePipeline(seat.peer)]

    # --- sockets -----------------------------------------------------------------------------

    def _forget(self, socket: Socket, now: float, *, page_went: bool = False) -> list[Output]:
        del self._sockets[socket.id]
        self._socket_tally.remove(socket.address)
        if (seat := socket.seat) is None:
            return []
        kept_s = min(RELOAD_S, self.limits.seat_kept_s) if page_went else self.limits.seat_kept_s
        seat.socket, seat.kept_until, seat.went_away = None, now + kept_s, page_went
        return others(seat, PeerDropped(seat.peer, kept_s))

    def _refuse(self, socket: Socket, fault: SignalingError, now: float) -> list[Output]:
        told = _told(socket.id, fault)
        return [told, Close(socket.id), *self._forget(socket, now)] if fault.fatal else [told]


def _told(socket: int, fault: SignalingError) -> Send:
    return Send(socket, Error(fault.code, fault.sentence, fault.fatal))
