"""Rooms that two relays share: their peers here, and those at the other end of the thin link.

A peer of this relay has a call number on the link, from its seat until it leaves. A peer of the
other relay sits in the same room here: the gateway speaks for it, and plays what comes of it.
"""

import asyncio
import logging

from sotto_app.catalogue import Modes
from sotto_app.gateway import crossing
from sotto_app.gateway.bill import Bill
from sotto_app.gateway.crossing import (
    Ask,
    CrossingError,
    Join,
    Keep,
    Known,
    Leave,
    Mode,
    Mute,
    Refuse,
    Told,
    Want,
)
from sotto_app.gateway.far_calls import FarCalls
from sotto_app.gateway.kept import Kept
from sotto_app.gateway.line import ThinLine
from sotto_app.gateway.near_calls import NearCalls
from sotto_app.gateway.peers import Near
from sotto_app.gateway.room_way import RoomWay
from sotto_app.gateway.said import Said
from sotto_app.link.events import Up
from sotto_app.link.packet import mode_of, unpack
from sotto_app.media.far import FarPipeline
from sotto_app.media.told import Body
from sotto_signaling.errors import Code
from sotto_signaling.media import Place, ToPage
from sotto_signaling.messages import Bits, Error, FarLink, SetMode
from sotto_signaling.messages import Mute as PageMute
from sotto_signaling.server import Server

log = logging.getLogger(__name__)


class Gateway:
    """sotto_app.media.far's Gateway. Used on the event loop."""

    def __init__(self, server: Server, modes: Modes, line: ThinLine, most_calls: int) -> None:
        self._modes, self._line, self._kept = modes, line, Kept()
        self._near = NearCalls(modes, line, most_calls)
        self._far = FarCalls(server, modes, line, self._kept, self._tell)
        self._loop = asyncio.get_running_loop()

    @property
    def calls(self) -> tuple[int, int]:
        """On the link from this end, and how many there may be."""
        return self._near.on_link, self._near.most

    # --- what peers of this relay do ---------------------------------------------------------

    def came(self, place: Place, send: ToPage) -> None:
        bill = self._line.open_bill(self._loop.time())
        self._near.add(Near(None, place, "", False, send, bill))  # its mode comes next

    def did(self, peer: str, message: PageMute | SetMode) -> None:
        if (near := self._near.of_peer(peer)) is None:
            return
        if isinstance(message, SetMode):
            near.mode, before = message.mode, near.call
            if self._try(near) and before is not None:
                self._tell(Mode(before, near.mode))
        else:
            near.muted = message.muted
            if near.call is not None:
                self._tell(Mute(near.call, near.muted))

    def left(self, peer: str) -> None:
        near = self._near.remove(peer)
        if near is None or near.call is None:
            return
        self._line.hang_up(near.call)
        self._line.take_back(near.call)
        self._kept.near_left(near.call)
        self._tell(Leave(near.call))
        for waiting in self._near.waiting:
            self._admit(waiting)

    def pipeline(self, place: Place) -> FarPipeline:
        pipeline = FarPipeline(place.peer[:6], RoomWay(self, self._loop, place.room))
        self._far.seat(place.peer, pipeline)
        return pipeline

    def bits(self, peer: str, now: float) -> tuple[Bits, Bits] | None:
        bill = self._bill(peer)
        return bill.bits(now) if bill else None

    def loss(self, now: float) -> float:
        return self._line.loss(now)

    def far_link(self, peer: str, now: float) -> FarLink:
        near, packing, cost = self._near.of_peer(peer), None, None
        if near and (bill := self._bill(peer)):
            packing = self._line.words(near.call) if near.call is not None else None
            cost = bill.words(now)
        return FarLink(self._line.state.value, packing, cost)

    def _admit(self, near: Near) -> str | None:
        """On the link, if there is room; else why not. The other end is told of who comes anew."""
        before, refusal = near.call, self._near.admit(near)
        if before is None:
            self._tell_of(near)
        return refusal

    def _try(self, near: Near) -> bool:
        """As `_admit`; this peer is told why not."""
        if refusal := self._admit(near):
            near.send(Error(Code.LINK_FULL, refusal, False))
        return refusal is None

    def _bill(self, peer: str) -> Bill | None:
        """From when both were there; None while this peer has no call over the link."""
        if near := self._near.of_peer(peer):
            for far in self._far.in_room(near.place.room).values():
                if far.peer:
                    return max(near.bill, far.bill, key=lambda bill: bill.since_s)
        return None

    # --- what their pipelines say of them ----------------------------------------------------

    def near_in(self, room: str) -> Near | None:
        """This relay's peer in a room."""
        return self._near.in_room(room)

    def say(self, near: Near, datagram: bytes) -> None:
        """A packet for the far listener."""
        packet = unpack(datagram, self._modes.codec(mode_of(datagram)).spec.frame_bytes)
        if near.call is not None and near.fits:
            self._line.say(Said(near.call, packet.mode, packet.time_ms, packet.payloads))

    def hush(self, near: Near, level: int) -> None:
        """Behind the last of a talkspurt: the level of the background, in -dBov."""
        if near.call is not None:
            self._line.hush(near.call, level)

    def tell(self, near: Near, body: Body) -> None:
        """What must arrive."""
        if near.call is not None:
            for message in self._kept.tell(near.call, body):
                self._tell(message)

    def take_back(self, near: Near) -> None:
        """What was told of a voice is forgotten, and what of it waits does not leave."""
        if near.call is not None:
            self._kept.take_back(near.call)
            self._line.take_back(near.call)

    def want_sample(self, near: Near) -> None:
        """Of the voice that this peer hears."""
        for call in self._far.in_room(near.place.room):
            self._tell(Want(call))

    # --- what comes over the link --------------------------------------------------------------

    def is_up(self, up: Up) -> None:
        """Set up anew: whoever sat here from there may be gone, and they know nobody of here. It
        may have other weights than before."""
        self._far.leave_all()
        for near in self._near:
            self._tell_of(near)
            if near.mode and (not near.fits or self._near.is_barred(near)):
                self._try(near)

    def is_down(self, reason: str) -> None:
        self._far.leave_all()

    def told(self, data: bytes) -> None:
        """A message of the other gateway."""
        try:
            message = crossing.read(data)
        except CrossingError as fault:
            log.warning("the other gateway says what is not understood: %s", fault)
            return
        match message:
            case Join():
                self._far.join(message)
            case Leave(call):
                self._far.leave(call)
            case Mode(call, mode):
                self._far.speak(call, SetMode(mode))
            case Mute(call, muted):
                self._far.speak(call, PageMute(muted))
            case Refuse(call, sentence):
                self._refused(call, sentence)
            case _:
                self._told_of_voice(message)

    def _told_of_voice(self, message: Told | Keep | Known | Ask | Want) -> None:
        match message:
            case Told(call, body):
                self._far.hear(call, body)
            case Want(call):
                self._wanted(call)
            case Ask():
                for answer in self._kept.answer(message):
                    self._tell(answer)
            case _:
                self._far.keep(message)

    def _wanted(self, call: int) -> None:
        """A sample of a voice of ours."""
        if near := self._near.of_call(call):
            for far in self._far.in_room(near.place.room).values():
                if far.pipeline:
                    far.pipeline.listening.want_sample()

    def _refused(self, call: int, sentence: str) -> None:
        if near := self._near.of_call(call):
            near.send(Error(Code.LINK_FULL, sentence, False))

    def heard(self, said: Said, now: float) -> None:
        self._far.heard(said, now)

    def hushed(self, call: int, level: int) -> None:
        self._far.hushed(call, level)

    # --- what is told over it ------------------------------------------------------------------

    def _tell_of(self, near: Near) -> None:
        if near.call is None:
            return
        self._tell(Join(near.call, near.place.room, near.mode, near.place.name))
        if near.muted:
            self._tell(Mute(near.call, True))

    def _tell(self, message: crossing.Crossing) -> None:
        self._line.tell(crossing.write(message), waits=isinstance(message, Keep))
