"""All pipelines of one relay, as signaling sees them."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sotto_app.announce import announce
from sotto_app.catalogue import Catalogue
from sotto_app.media.aiortc_internals import allow_loopback
from sotto_app.media.connection import Connection
from sotto_app.media.downlink import OpusOut, modes_of
from sotto_app.media.pipeline import Pipeline
from sotto_signaling.errors import Code, SignalingError
from sotto_signaling.media import Place
from sotto_signaling.messages import (
    Answer,
    Candidate,
    Message,
    Mute,
    Offer,
    SetLink,
    SetMode,
    Stats,
)

log = logging.getLogger(__name__)

STATS_EVERY_S = 0.5


@dataclass(slots=True)
class Peer:
    """A peer's pipeline and its present connection."""

    room: str
    pipeline: Pipeline
    send: Callable[[Message], None]
    connection: Connection | None = None


class PipelineHost:
    """sotto_signaling's MediaHost. Used on the event loop only."""

    def __init__(self, catalogue: Catalogue, announce_addresses: tuple[str, ...] = ()) -> None:
        self._catalogue = catalogue
        self._announce_addresses = announce_addresses
        self._modes = modes_of(catalogue)
        self._peers: dict[str, Peer] = {}
        self._links: dict[str, str] = {}  # profile by room, while somebody is in it
        self._stats_task: asyncio.Task[None] | None = None
        allow_loopback()

    async def open(self, place: Place, send: Callable[[Message], None]) -> None:
        """A peer took its seat."""
        room, peer = place.room, place.peer
        if self._stats_task is None:
            self._stats_task = asyncio.create_task(self._report())
        mode = self._catalogue.modes[self._catalogue.default_mode]
        profile = self._catalogue.links[self._links.setdefault(room, self._catalogue.default_link)]
        pipeline = Pipeline(peer[:6], self._modes, mode, profile)
        self._peers[peer] = Peer(room, pipeline, send)
        self._connect(room)

    async def handle(self, peer: str, message: Message) -> None:
        """Raises SignalingError, for this peer alone."""
        here = self._peers[peer]
        match message:
            case Offer():
                await self._answer(here, message)
            case Candidate():
                if here.connection is None:
                    sentence = "A candidate belongs to an offer; there is none yet."
                    raise SignalingError(Code.UNEXPECTED_CANDIDATE, sentence)
                await here.connection.add_candidate(message)
            case SetMode():
                mode = self._catalogue.modes[message.mode]
                here.pipeline.talking.set_mode(mode, self._catalogue.codecs[mode.name])
            case SetLink():
                self._change_link(here.room, message.link)
            case Mute():
                here.pipeline.talking.set_muted(message.muted)

    async def close(self, peer: str) -> None:
        """A peer gave its seat back, or it ran out."""
        here = self._peers.pop(peer, None)
        if here is None:
            return
        self._connect(here.room)
        if not self._in_room(here.room):
            self._links.pop(here.room, None)
        here.pipeline.stop()
        if here.connection:
            await here.connection.close()
        await asyncio.to_thread(here.pipeline.join)
        if not self._peers:
            await self._stop_reporting()

    async def shutdown(self) -> None:
        """Everything ends."""
        await asyncio.gather(*(self.close(peer) for peer in list(self._peers)))

    async def _answer(self, peer: Peer, message: Offer) -> None:
        """The first connection, or a new one where the old one broke; the pipeline stays."""
        connection = Connection(peer.pipeline.talking.receive, [])
        old, peer.connection = peer.connection, connection
        try:
            sdp = await connection.answer(message.sdp)
        except SignalingError:
            peer.connection = old
            await connection.close()
            raise
        peer.pipeline.talking.restart()
        peer.pipeline.listening.play = _player(connection)
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
            for peer in self._peers.values():
                talking, listening = peer.pipeline.talking, peer.pipeline.listening
                now = time.monotonic()
                reception = listening.reception(now)
                peer.send(Stats(talking.bits(now), listening.bits(now), reception))


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
