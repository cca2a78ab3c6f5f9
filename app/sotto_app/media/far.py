"""The pipeline of a peer whose browser is at another relay: the thin link instead of WebRTC.

What the peer of this relay says leaves in bundles; what came over the link is played to that peer,
with the jitter buffer and the concealment of this end.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from sotto_app.link.meter import Cost
from sotto_app.media.comfort import NOTHING
from sotto_app.media.listening import Listener
from sotto_app.media.pipeline import Peered, Pipeline
from sotto_app.media.told import Body
from sotto_app.media.worker import Worker
from sotto_signaling.media import Place, ToPage
from sotto_signaling.messages import Bits, FarLink, Mute, SetMode


class FarWay(Protocol):
    """To a far listener; called on the talker's thread."""

    def carry(self, datagram: bytes) -> None: ...
    def hush(self, level: int) -> None:
        """Behind the last of a talkspurt: the level of the background, in -dBov."""

    def tell(self, body: Body) -> None:
        """What must arrive (told.py)."""

    def take_back(self) -> None:
        """What was told and waits does not leave any more."""

    def want_sample(self) -> None:
        """The other way: whoever speaks here could speak like the far talker."""


class FarListening:
    """Packets for a far listener."""

    def __init__(self, way: FarWay) -> None:
        self._way = way
        self.wants_sample = False
        self._wake: Callable[[], None] = lambda: None

    @property
    def due_s(self) -> float | None:
        return None  # nothing waits here

    @property
    def will_pass(self) -> bool:
        return False  # what is sent over a thin link is worth the way to another thread

    def deliver(self, datagram: bytes, now: float) -> None:
        self._way.carry(datagram)

    def expect(self, span_ms: float) -> None:
        """The far end knows how its packets come."""

    def hush(self, level: int, now: float) -> None:
        self._way.hush(level)

    def tell(self, body: Body, now: float) -> None:
        self._way.tell(body)

    def spent(self) -> list[Cost]:
        return []  # the thin link's own meter counts it

    def want_sample(self) -> None:
        """The far end can make use of one; from any thread."""
        self.wants_sample = True
        self._wake()

    def take_back(self) -> None:
        self._way.take_back()

    def heeded_by(self, wake: Callable[[], None]) -> None:
        """Nothing is ever due here but news."""
        self._wake = wake

    def go_on(self, now: float) -> None:
        """Nothing was due."""


class FarTalking:
    """Packets of a far talker, to whoever listens here; one thread, as for a talker near by."""

    def __init__(self, name: str, way: FarWay) -> None:
        self._way = way
        self._listener: Listener | None = None
        self._has_asked = False  # for a sample of the voice
        self.worker = Worker(f"{name} talks from afar", self._due_s, self._go_on)

    def connect(self, listener: Listener | None) -> None:
        self.worker.post(partial(self._connect, listener))

    def receive(self, datagram: bytes, span_ms: float) -> None:
        """A bundle; `span_ms` of sound are lost with a packet, and repaired by those after it."""
        if not self.worker.is_behind:
            self.worker.post(partial(self._deliver, datagram, span_ms))

    def hush(self, level: int) -> None:
        """The talkspurt has ended, with a background of so many -dBov."""
        self.worker.post(partial(self._hush, level))

    def tell(self, body: bytes) -> None:
        """What must arrive has crossed the link."""
        if not self.worker.is_behind:
            self.worker.post(partial(self._tell, body))

    def _tell(self, body: bytes, now: float) -> None:
        if self._listener:
            self._listener.tell(Body(body), now)

    def _connect(self, listener: Listener | None, now: float) -> None:
        self._listener = listener
        if listener:
            listener.heeded_by(self.worker.wake)
            listener.hush(NOTHING, now)  # of this talker nothing is known yet

    def _hush(self, level: int, now: float) -> None:
        if self._listener:
            self._listener.hush(level, now)

    def _deliver(self, datagram: bytes, span_ms: float, now: float) -> None:
        if self._listener:
            self._listener.expect(span_ms)
            self._listener.deliver(datagram, now)

    def _due_s(self) -> float | None:
        if self._listener is None:
            return None
        return 0.0 if self._asks_anew else self._listener.due_s

    @property
    def _asks_anew(self) -> bool:
        return self._listener is not None and self._listener.wants_sample != self._has_asked

    def _go_on(self, now: float) -> None:
        if self._asks_anew:
            self._has_asked = not self._has_asked
            if self._has_asked:
                self._way.want_sample()
        if self._listener:
            self._listener.go_on(now)
            self._listener.spent()  # what is repeated in here costs nothing


class FarPipeline:
    """Both sides of one far peer."""

    def __init__(self, name: str, way: FarWay) -> None:
        self.talking = FarTalking(name, way)
        self.listening = FarListening(way)
        self.talking.worker.start()

    def connect(self, other: Peered | None) -> None:
        """Two far peers do not hear each other through this relay: they have their own link."""
        self.talking.connect(other.listening if isinstance(other, Pipeline) else None)

    def stop(self) -> None:
        """End the thread; `join` waits for it."""
        self.talking.worker.stop()

    def join(self) -> None:
        self.talking.worker.join()


class Gateway(Protocol):
    """What lies beyond a thin link, for rooms that two relays share. Called on the event loop."""

    def came(self, place: Place, send: ToPage) -> None:
        """A peer of this relay took a seat."""

    def did(self, peer: str, message: Mute | SetMode) -> None:
        """It did something that the far side is to know."""

    def left(self, peer: str) -> None:
        """It is gone."""

    def pipeline(self, place: Place) -> FarPipeline:
        """For a peer of the other relay, who took a seat here."""

    def bits(self, peer: str, now: float) -> tuple[Bits, Bits] | None:
        """On the link, out and in; None while this peer talks with nobody there."""

    def loss(self, now: float) -> float:
        """On the link, of the last packets to this end."""

    def far_link(self, peer: str, now: float) -> FarLink:
        """The link as this peer's page is to show it."""
