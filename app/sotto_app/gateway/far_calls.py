"""Calls of the other relay: their peers sit in the rooms of this one, and are heard there."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from sotto_app.catalogue import Modes
from sotto_app.gateway.crossing import Ask, Crossing, Join, Keep, Known, Refuse
from sotto_app.gateway.kept import Kept
from sotto_app.gateway.line import ThinLine
from sotto_app.gateway.peers import Far
from sotto_app.gateway.said import Said
from sotto_app.link.packet import MAX_FRAMES, Packet, PacketError, pack
from sotto_app.media.far import FarPipeline
from sotto_codecs.base import CodecSpec
from sotto_signaling.messages import Message, SetMode
from sotto_signaling.server import Server

log = logging.getLogger(__name__)


class FarCalls:
    """By their numbers, those of the other end. Used on the event loop."""

    def __init__(
        self,
        server: Server,
        modes: Modes,
        line: ThinLine,
        kept: Kept,
        tell: Callable[[Crossing], None],
    ) -> None:
        """`tell` tells the other gateway."""
        self._server, self._modes, self._line = server, modes, line
        self._kept, self._tell = kept, tell
        self._calls: dict[int, Far] = {}

    def in_room(self, room: str) -> dict[int, Far]:
        return {call: far for call, far in self._calls.items() if far.room == room}

    def join(self, message: Join) -> None:
        self.leave(message.call)
        bill = self._line.open_bill(asyncio.get_running_loop().time())
        far = Far(message.room, bill, partial(self._closed, message.call))
        self._calls[message.call] = far
        far.socket = self._server.join_far(message.room, message.name, far)
        if far.peer:
            self.speak(message.call, SetMode(message.mode))

    def seat(self, peer: str, pipeline: FarPipeline) -> None:
        """What comes of this peer is played there."""
        for far in self._calls.values():
            if far.peer == peer:
                far.pipeline = pipeline

    def speak(self, call: int, message: Message) -> None:
        """To the room, as its page would."""
        if far := self._calls.get(call):
            self._server.say_far(far.socket, message)

    def leave(self, call: int) -> None:
        self._kept.far_left(call)
        if far := self._calls.pop(call, None):
            self._server.leave_far(far.socket)

    def leave_all(self) -> None:
        for call in list(self._calls):
            self.leave(call)

    def hear(self, call: int, body: bytes) -> None:
        """What had to arrive of its voice."""
        if (far := self._calls.get(call)) and far.pipeline:
            far.pipeline.talking.tell(body)

    def keep(self, message: Keep | Known) -> None:
        """Of what is kept of its voice."""
        try:
            found = self._kept.hear(message)
        except PacketError as fault:
            self._line.traffic.dropped["bad piece"] += 1
            log.warning("the other gateway tells what is not understood: %s", fault)
            return
        if isinstance(found, Ask):
            self._tell(found)
        elif found:
            self.hear(message.call, found)

    def heard(self, said: Said, now: float) -> None:
        """A bundle came, perhaps late or out of its turn."""
        far = self._calls.get(said.call)
        if far is None or far.pipeline is None:
            return
        try:
            spec = self._spec(said.mode)
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
        if (far := self._calls.get(call)) and far.pipeline:
            far.pipeline.talking.hush(level)

    def _spec(self, mode: int) -> CodecSpec:
        """Raises PacketError for a mode that does not cross."""
        spec = self._modes.codec(mode).spec
        if self._line.bars(self._modes.by_wire_id[mode]):
            raise PacketError(f"mode {mode} is of other weights there")
        return spec

    def _closed(self, call: int, far: Far) -> None:
        """The rooms here closed it: the room is full, or this relay shuts down."""
        if not far.peer:
            self._tell(Refuse(call, "The room is full at the other end."))
        asyncio.get_running_loop().call_soon(self.leave, call)
