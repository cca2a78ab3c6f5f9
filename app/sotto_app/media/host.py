"""All pipelines of one relay, as signaling sees them."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sotto_app.announce import announce
from sotto_app.catalogue import Catalogue, modes_of
from sotto_app.media.aiortc_internals import allow_loopback
from sotto_app.media.captions import CaptionLine
from sotto_app.media.connection import Connection
from sotto_app.media.downlink import OpusOut
from sotto_app.media.far import FarPipeline, Gateway
from sotto_app.media.pipeline import Pipeline
from sotto_app.media.talking import TalkingSide
from sotto_signaling.errors import Code, SignalingError
from sotto_signaling.media import Place, ToPage
from sotto_signaling.messages import (
    Answer,
    Candidate,
    Caption,
    Message,
    Mute,
    Offer,
    SetLink,
    SetMode,
    ShareVoice,
    Stats,
    Write,
)

log = logging.getLogger(__name__)

STATS_EVERY_S = 0.5


@dataclass(slots=True)
class Peer:
    """A peer's pipeline and its present connection; a far peer has none."""

    room: str
    pipeline: Pipeline | FarPipeline
    send: ToPage
    connection: Connection | None = None
    captions: CaptionLine = field(default_factory=CaptionLine)


class PipelineHost:
    """sotto_signaling's MediaHost. Used on the event loop only."""

    def __init__(self, catalogue: Catalogue, announce_addresses: tuple[str, ...] = ()) -> None:
        self._catalogue = catalogue
        self._announce_addresses = announce_addresses
        self._modes = modes_of(catalogue)
        self._peers: dict[str, Peer] = {}
        self._leaving: dict[str, str] = {}  # rooms by peer, until their last words are on the link
        self._links: dict[str, str] = {}  # profile by room, while somebody is in it
        self._stats_task: asyncio.Task[None] | None = None
        self.gateway: Gateway | None = None
        allow_loopback()

    async def open(self, place: Place, send: ToPage) -> None:
        """A peer took its seat."""
        if self._stats_task is None:
            self._stats_task = asyncio.create_task(self._report())
        self._peers[place.peer] = Peer(place.room, self._pipeline(place), send)
        self._connect(place.room)
        if self.gateway and not place.far:
            self._give_up_seats(place.room)
            self.gateway.came(place, send)

    def _pipeline(self, place: Place) -> Pipeline | FarPipeline:
        if place.far and self.gateway:
            return self.gateway.pipeline(place)
        catalogue = self._catalogue
        mode = catalogue.modes[catalogue.default_mode]
        link = self._links.setdefault(place.room, catalogue.default_link)
        return Pipeline(place.peer[:6], self._modes, mode, catalogue.links[link])

    async def handle(self, peer: str, message: Message) -> None:
        """Raises SignalingError, for this peer alone."""
        here = self._peers[peer]
        if isinstance(here.pipeline, FarPipeline):
            return  # its own relay has done it
        if self.gateway and isinstance(message, Mute | SetMode):
            self.gateway.did(peer, message)
        match message:
            case Offer():
                await self._answer(here, here.pipeline, message)
            case Candidate():
                if here.connection is None:
                    sentence = "A candidate belongs to an offer; there is none yet."
                    raise SignalingError(Code.UNEXPECTED_CANDIDATE, sentence)
                await here.connection.add_candidate(message)
            case SetLink():
                self._change_link(here.room, message.link)
            case _:
                self._talk(here.pipeline.talking, message)

    def _talk(self, talking: TalkingSide, message: Message) -> None:
        match message:
            case SetMode():
                mode = self._catalogue.modes[message.mode]
                talking.set_mode(mode, self._catalogue.codecs[mode.name])
            case Mute(muted):
                talking.set_muted(muted)
            case Write(text):
                talking.write(text)
            case ShareVoice(shared):
                talking.share_voice(shared)

    async def close(self, peer: str) -> None:
        """A peer gave its seat back, or it ran out."""
        here = self._peers.pop(peer, None)
        if here is None:
            return
        self._connect(here.room)
        if not self._in_room(here.room):
            self._links.pop(here.room, None)
        if isinstance(here.pipeline, Pipeline):
            self._leaving[peer] = here.room
        try:
            here.pipeline.stop()
            if here.connection:
                await here.connection.close()
            await asyncio.to_thread(here.pipeline.join)
        finally:
            self._give_up_seat(peer)
        if not self._peers:
            await self._stop_reporting()

    def _give_up_seats(self, room: str) -> None:
        """Of those who have left it; who comes now is to have one at the far end."""
        for peer in [peer for peer, left in self._leaving.items() if left == room]:
            self._give_up_seat(peer)

    def _give_up_seat(self, peer: str) -> None:
        if self._leaving.pop(peer, None) and self.gateway:
            self.gateway.left(peer)

    async def shutdown(self) -> None:
        """Everything ends."""
        await asyncio.gather(*(self.close(peer) for peer in list(self._peers)))

    async def _answer(self, peer: Peer, pipeline: Pipeline, message: Offer) -> None:
        """The first connection, or a new one where the old one broke; the pipeline stays."""
        connection = Connection(pipeline.talking.receive, [])
        old, peer.connection = peer.connection, connection
        try:
            sdp = await connection.answer(message.sdp)
        except SignalingError:
            peer.connection = old
            await connection.close()
            raise
        pipeline.talking.restart()
        pipeline.listening.play = _player(connection)
        peer.send(Answer(announce(sdp, self._announce_addresses)))
        if old:
            await old.close()

    def _connect(self, room: str) -> None:
        """Two peers in a room hear each other."""
        pipelines = [peer.pipeline for peer in self._in_room(room)]
        for pipeline in pipelines:
            others = [other for other in pipelines if other is not pipeline]
            pipeline.connect(others[0] if others else None)

    def _change_link(self, room: str, link: str) -> None:
        self._links[room] = link
        for peer in self._in_room(room):
            if isinstance(peer.pipeline, Pipeline):
                peer.pipeline.listening.change_link(self._catalogue.links[link])

    def _in_room(self, room: str) -> list[Peer]:
        return [peer for peer in self._peers.values() if peer.room == room]

    async def _stop_reporting(self) -> None:
        if self._stats_task:
            task, self._stats_task = self._stats_task, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _report(self) -> None:
        """The figures, twice a second."""
        while True:
            await asyncio.sleep(STATS_EVERY_S)
            for name, peer in self._peers.items():
                if isinstance(peer.pipeline, Pipeline):
                    peer.captions.give(_captions(peer.pipeline), peer.send)
                    peer.send(self._stats(name, peer.pipeline, time.monotonic()))

    def _stats(self, peer: str, pipeline: Pipeline, now: float) -> Stats:
        """Where the other is far, bits are those of the link itself."""
        talking, listening = pipeline.talking, pipeline.listening
        bits, far = (talking.bits(now), listening.bits(now)), None
        reception = listening.reception(now)
        if self.gateway and not self._has_company(peer):
            far = self.gateway.far_link(peer, now)
            if link_bits := self.gateway.bits(peer, now):
                bits = link_bits
                reception = replace(reception, loss=self.gateway.loss(now))  # none is lost in here
        memory = talking.state_bytes + listening.state_bytes
        return Stats(*bits, reception, far, talking.behind_s, listening.unspoken, memory)

    def _has_company(self, peer: str) -> bool:
        """Whether the other is a peer of this relay as well."""
        near = [
            it for it in self._in_room(self._peers[peer].room) if isinstance(it.pipeline, Pipeline)
        ]
        return len(near) > 1


def _captions(pipeline: Pipeline) -> list[Caption]:
    """What is new of both."""
    own, heard = pipeline.talking.captions(), pipeline.listening.captions()
    both = [(True, it) for it in own] + [(False, it) for it in heard]
    return [Caption(is_own, it.number, it.words, it.is_final, it.is_written) for is_own, it in both]


def _player(connection: Connection) -> Callable[[OpusOut], None]:
    """Sends to a connection from any thread."""
    loop, loop_thread = asyncio.get_running_loop(), threading.get_ident()

    def play(packet: OpusOut) -> None:
        if threading.get_ident() == loop_thread:
            connection.send(packet)
            return
        try:
            loop.call_soon_threadsafe(connection.send, packet)
        except RuntimeError:  # the loop has ended while this worker was still at it
            log.debug("a packet came after the end")

    return play
