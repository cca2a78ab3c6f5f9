"""Rooms that two relays share: their peers here, and those at the other end of the thin link.

A peer of this relay has a call number on the link, from its seat until it leaves. A peer of the
other relay sits in the same room here: the gateway speaks for it, and plays what comes of it.
"""

import asyncio
import logging
from functools import partial

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
from sotto_app.gateway.kept import Kept
from sotto_app.gateway.line import ThinLine
from sotto_app.gateway.peers import Far, Near
from sotto_app.gateway.room_way import RoomWay
from sotto_app.gateway.said import Said
from sotto_app.link.events import Up
from sotto_app.link.packet import MAX_FRAMES, Packet, PacketError, mode_of, pack, unpack
from sotto_app.media.downlink import Modes
from sotto_app.media.far import FarPipeline
from sotto_app.media.told import Body
from sotto_signaling.errors import Code
from sotto_signaling.media import Place, ToPage
from sotto_signaling.messages import Bits, Error, FarLink, Message, SetMode
from sotto_signaling.messages import Mute as PageMute
from sotto_signaling.server import Server

log = logging.getLogger(__name__)

UNHEARD = "Nobody at the other end can hear you."


class Gateway:
    """sotto_app.media.host's Gateway. Used on the event loop."""

    def __init__(self, server: Server, modes: Modes, line: ThinLine, most_calls: int) -> None:
        self._server, self._modes, self._line = server, modes, line
        self._most_calls = min(most_calls, crossing.MOST_CALLS)
        self._numbers = {mode.name: number for number, mode in modes.by_wire_id.items()}
        self._near: dict[str, Near] = {}  # by peer
        self._far: dict[int, Far] = {}  # by call
        self._kept = Kept()
        self._loop = asyncio.get_running_loop()

    @property
    def calls(self) -> tuple[int, int]:
        """On the link from this end, and how many there may be."""
        return sum(near.call is not None for near in self._near.values()), self._most_calls

    # --- what peers of this relay do ---------------------------------------------------------

    def came(self, place: Place, send: ToPage) -> None:
        bill = self._line.open_bill(self._loop.time())
        self._near[place.peer] = Near(None, place, "", False, send, bill)  # its mode comes next

    def did(self, peer: str, message: PageMute | SetMode) -> None:
        if (near := self._near.get(peer)) is None:
            return
        if isinstance(message, SetMode):
            near.mode, before = message.mode, near.call
            if (refusal := self._admit(near)) is not None:
                near.send(Error(Code.LINK_FULL, refusal, False))
            elif before is not None:
                self._tell(Mode(before, near.mode))
        else:
            near.muted = message.muted
            if near.call is not None:
                self._tell(Mute(near.call, near.muted))

    def left(self, peer: str) -> None:
        near = self._near.pop(peer, None)
        if near is None or near.call is None:
            return
        self._line.hang_up(near.call)
        self._line.take_back(near.call)
        self._kept.near_left(near.call)
        self._tell(Leave(near.call))
        for waiting in self._near.values():
            if waiting.call is None and waiting.mode:
                self._admit(waiting)

    def _admit(self, near: Near) -> str | None:
        """Let this peer's voice on the link, in its mode, if there is room; else say why not."""
        near.fits = False
        if self._is_barred(near.mode):
            return f"The other relay has other weights for {near.mode}, or none. {UNHEARD}"
        others = [it for it in self._near.values() if it is not near and it.call is not None]
        numbers = [self._numbers[it.mode] for it in others]
        verdict = self._line.fits(numbers, self._numbers[near.mode])
        taken = {it.call for it in others}
        free = next((it for it in range(self._most_calls) if it not in taken), None)
        near.fits = verdict.admitted and free is not None
        if free is None:
            return f"The link is full: {len(taken)} of {self._most_calls} calls. {UNHEARD}"
        if not near.fits:
            return f"{verdict.words[0].upper()}{verdict.words[1:]}. {UNHEARD}"
        if near.call is None:
            near.call = free
            self._tell_of(near)
        return None

    def _is_barred(self, mode: str) -> bool:
        """Its bits mean something else at the far end."""
        has_own_weights = self._modes.by_wire_id[self._numbers[mode]].has_own_weights
        return self._line.has_other_weights and has_own_weights

    def pipeline(self, place: Place) -> FarPipeline:
        pipeline = FarPipeline(place.peer[:6], RoomWay(self, self._loop, place.room))
        for far in self._far.values():
            if far.peer == place.peer:
                far.pipeline = pipeline
        return pipeline

    def bits(self, peer: str, now: float) -> tuple[Bits, Bits] | None:
        bill = self._bill(peer)
        return bill.bits(now) if bill else None

    def loss(self, now: float) -> float:
        return self._line.loss(now)

    def far_link(self, peer: str, now: float) -> FarLink:
        packing, cost = None, None
        if bill := self._bill(peer):
            call = self._near[peer].call
            packing = self._line.words(call) if call is not None else None
            cost = bill.words(now)
        return FarLink(self._line.state.value, packing, cost)

    def _bill(self, peer: str) -> Bill | None:
        """From when both were there; None while this peer has no call over the link."""
        near = self._near.get(peer)
        if near is None:
            return None
        for far in self._far.values():
            if far.peer and far.room == near.place.room:
                return max(near.bill, far.bill, key=lambda bill: bill.since_s)
        return None

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
        for call, far in self._far.items():
            if far.room == near.place.room:
                self._tell(Want(call))

    def near_in(self, room: str) -> Near | None:
        """This relay's peer in a room."""
        return next((it for it in self._near.values() if it.place.room == room), None)

    # --- what comes over the link --------------------------------------------------------------

    def is_up(self, up: Up) -> None:
        """Set up anew: whoever sat here from there may be gone, and they know nobody of here."""
        for call in list(self._far):
            self._leave(call)
        for near in self._near.values():
            self._tell_of(near)
            if near.mode and self._is_barred(near.mode):
                near.send(Error(Code.LINK_FULL, self._admit(near) or "", False))

    def is_down(self, reason: str) -> None:
        for call in list(self._far):
            self._leave(call)

    def told(self, data: bytes) -> None:
        """A message of the other gateway."""
        try:
            message = crossing.read(data)
        except CrossingError as fault:
            log.warning("the other gateway says what is not understood: %s", fault)
            return
        match message:
            case Join():
                self._join(message)
            case Leave(call):
                self._leave(call)
            case Mode(call, mode):
                self._speak(call, SetMode(mode))
            case Mute(call, muted):
                self._speak(call, PageMute(muted))
            case Refuse(call, sentence):
                self._refused(call, sentence)
            case Told(call, body):
                self._hear(call, body)
            case _:
                self._told_of_voice(message)

    def _told_of_voice(self, message: Keep | Known | Ask | Want) -> None:
        match message:
            case Want(call):
                self._wanted(call)
            case Ask():
                for answer in self._kept.answer(message):
                    self._tell(answer)
            case _:
                self._keep(message)

    def _keep(self, message: Keep | Known) -> None:
        try:
            found = self._kept.hear(message)
        except PacketError as fault:
            self._line.traffic.dropped["bad piece"] += 1
            log.warning("the other gateway tells what is not understood: %s", fault)
            return
        if isinstance(found, Ask):
            self._tell(found)
        elif found:
            self._hear(message.call, found)

    def _wanted(self, call: int) -> None:
        """A sample of a voice of ours."""
        rooms = {near.place.room for near in self._near.values() if near.call == call}
        for far in self._far.values():
            if far.room in rooms and far.pipeline:
                far.pipeline.listening.want_sample()

    def _hear(self, call: int, body: bytes) -> None:
        if (far := self._far.get(call)) and far.pipeline:
            far.pipeline.talking.tell(body)

    def heard(self, said: Said, now: float) -> None:
        """A bundle came, perhaps late or out of its turn."""
        far = self._far.get(said.call)
        if far is None or far.pipeline is None:
            return
        try:
            spec = self._modes.codec(said.mode).spec
            if self._is_barred(self._modes.by_wire_id[said.mode].name):
                raise PacketError(f"mode {said.mode} is of other weights there")
        except PacketError as fault:
            log.debug("a bundle is passed over: %s", fault)
            return
        start_ms = far.clock.ours_ms(said.start_ms, self._line.round_trip_s, now)
        frame_ms = 1000 * spec.frame_s
        span_ms = far.span.update(frame_ms * len(said.payloads), said.is_earlier, now)
        for first in range(0, len(said.payloads), MAX_FRAMES):  # what a packet in here can hold
            payloads = said.payloads[first : first + MAX_FRAMES]
            at_ms = start_ms + round(first * frame_ms)
            packet = Packet(said.mode, far.next_sequence(), at_ms, payloads)
            far.pipeline.talking.receive(pack(packet, spec.frame_bytes), span_ms)

    def hushed(self, call: int, level: int) -> None:
        """A talkspurt has ended, with a background of so many -dBov."""
        far = self._far.get(call)
        if far and far.pipeline:
            far.pipeline.talking.hush(level)

    def _join(self, message: Join) -> None:
        self._leave(message.call)
        bill = self._line.open_bill(self._loop.time())
        far = Far(message.room, bill, partial(self._closed, message.call))
        self._far[message.call] = far
        far.socket = self._server.join_far(message.room, message.name, far)
        if far.peer:
            self._speak(message.call, SetMode(message.mode))

    def _closed(self, call: int, far: Far) -> None:
        """The rooms here closed it: the room is full, or this relay shuts down."""
        if not far.peer:
            self._tell(Refuse(call, "The room is full at the other end."))
        self._loop.call_soon(self._leave, call)

    def _leave(self, call: int) -> None:
        self._kept.far_left(call)
        if far := self._far.pop(call, None):
            self._server.leave_far(far.socket)

    def _speak(self, call: int, message: Message) -> None:
        if far := self._far.get(call):
            self._server.say_far(far.socket, message)

    def _refused(self, call: int, sentence: str) -> None:
        for near in self._near.values():
            if near.call == call:
                near.send(Error(Code.LINK_FULL, sentence, False))

    # --- what is told over it ------------------------------------------------------------------

    def _tell_of(self, near: Near) -> None:
        if near.call is None:
            return
        self._tell(Join(near.call, near.place.room, near.mode, near.place.name))
        if near.muted:
            self._tell(Mute(near.call, True))

    def _tell(self, message: crossing.Crossing) -> None:
        self._line.tell(crossing.write(message), waits=isinstance(message, Keep))
