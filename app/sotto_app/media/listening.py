"""A listener's half of a pipeline: packets from the link in, sound for the browser out."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from sotto_app.catalogue import Modes
from sotto_app.link.channel import Channel
from sotto_app.link.meter import Cost
from sotto_app.link.packet import IPV4_UDP_BYTES
from sotto_app.link.profile import LinkProfile
from sotto_app.link.telling import Telling
from sotto_app.media.downlink import Downlink, OpusOut
from sotto_app.media.figures import bits_of
from sotto_app.media.speech import Speech
from sotto_app.media.told import Body, Joining, pieces
from sotto_codecs.base import Pcm
from sotto_codecs.events import Caption
from sotto_signaling.messages import Bits, Reception

NOTHING_HEARD = Reception(None, None, 0.0, 0.0, 0.0, 0.0)


class Listener(Protocol):
    """Where a talker's packets go; the talker's thread calls it, also when `due_s` has come."""

    @property
    def due_s(self) -> float | None:
        """When to `go_on`; None: nothing waits here."""

    @property
    def will_pass(self) -> bool:
        """An Opus packet that is delivered now is neither decoded nor encoded."""

    @property
    def wants_sample(self) -> bool:
        """Whoever speaks here could speak like the talker. From any thread."""

    def deliver(self, datagram: bytes, now: float) -> None:
        """A packet enters the link."""

    def expect(self, span_ms: float) -> None:
        """What is delivered may stand for so much sound, and is played that much later."""

    def hush(self, level: int, now: float) -> None:
        """The talker is silent now or soon, with a background of so many -dBov."""

    def tell(self, body: Body, now: float) -> None:
        """What must arrive (told.py) enters the link."""

    def take_back(self) -> None:
        """What was told and waits does not leave any more."""

    def spent(self) -> list[Cost]:
        """Of what must arrive, since the last time."""

    def heeded_by(self, wake: Callable[[], None]) -> None:
        """`wake` is called, from any thread, when `due_s` has become another by itself. A new
        talker: what the one before told is over."""

    def go_on(self, now: float) -> None:
        """To be called when `due_s` has come."""


class ListeningSide:
    """A Listener: packets from the link to a peer's browser. Whoever talks to it runs it on their
    thread; the lock is for the moment at which that changes, and for who asks from outside."""

    def __init__(self, modes: Modes, profile: LinkProfile, seed: int) -> None:
        self.play: Callable[[OpusOut], None] | None = None
        self._modes = modes
        self._downlink = Downlink(modes)
        self._channel = Channel(profile, IPV4_UDP_BYTES, seed)
        self._telling = Telling(profile, seed + 1)
        self._joining = Joining()
        self._speech = Speech(modes.codec, self._spoken, lambda: self._wake())
        self._wake: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def deliver(self, datagram: bytes, now: float) -> None:
        with self._lock:
            self._channel.send(datagram, now)
            self._receive_arrived(now)

    def expect(self, span_ms: float) -> None:
        with self._lock:
            self._downlink.span_ms = span_ms

    def hush(self, level: int, now: float) -> None:
        with self._lock:
            self._downlink.hush(level, now)

    def tell(self, body: Body, now: float) -> None:
        with self._lock:
            for piece in pieces(body):
                self._telling.tell(piece, body.waits)
            self._hear_told(now)

    @property
    def wants_sample(self) -> bool:
        return self._speech.wants_sample

    def take_back(self) -> None:
        with self._lock:
            self._telling.take_back()

    def spent(self) -> list[Cost]:
        with self._lock:
            return self._telling.spent()

    def heeded_by(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        with self._lock:
            self._telling = Telling(self._channel.profile, time.time_ns())
            self._joining = Joining()
            self._speech.restart()

    def captions(self) -> list[Caption]:
        """Of what is heard, since the last time."""
        return self._speech.captions()

    @property
    def state_bytes(self) -> int:
        """What the decoder remembers."""
        return self._downlink.state_bytes

    @property
    def unspoken(self) -> str:
        """The language of what is heard, where nobody here speaks it; else ""."""
        return self._speech.unspoken

    def stop(self) -> None:
        self.play = None
        with self._lock:  # so that nothing is said afterwards
            self._speech.stop()

    def join(self) -> None:
        self._speech.join()

    def go_on(self, now: float) -> None:
        with self._lock:
            self._receive_arrived(now)
            self._hear_told(now)
            self._send(self._downlink.play(now))

    @property
    def due_s(self) -> float | None:
        due_s = earlier(self._channel.next_arrival_s, self._downlink.due_s)
        return earlier(due_s, self._telling.due_s)

    @property
    def will_pass(self) -> bool:
        return self._channel.is_clear and self._downlink.is_relaying

    def change_link(self, profile: LinkProfile) -> None:
        with self._lock:
            self._channel.change(profile)
            self._telling.change(profile)

    def bits(self, now: float) -> Bits:
        with self._lock:
            return bits_of(self._downlink.meter, now)

    def reception(self, now: float) -> Reception:
        with self._lock:
            downlink = self._downlink
            if downlink.mode is None:
                return NOTHING_HEARD
            return Reception(
                mode=self._modes.by_wire_id[downlink.mode].name,
                delay_ms=downlink.delay_ms,
                jitter_ms=downlink.jitter_ms,
                buffer_ms=downlink.buffer_ms,
                loss=downlink.loss_share(now),
                concealed=downlink.concealed_share(now),
            )

    def _receive_arrived(self, now: float) -> None:
        for datagram in self._channel.receive(now):
            self._send(self._downlink.receive(datagram, now))

    def _hear_told(self, now: float) -> None:
        for told in self._telling.poll(now):
            self._downlink.meter.add(Cost(len(told), below=IPV4_UDP_BYTES), now)
            if body := self._joining.add(told):
                self._speech.say(body)

    def _spoken(self, mode: int, pcm: Pcm, rate_hz: int) -> None:
        """On the thread of the speech."""
        with self._lock:
            self._send(self._downlink.speak(mode, pcm, rate_hz, time.monotonic()))
        self._wake()

    def _send(self, packets: list[OpusOut]) -> None:
        if self.play is not None:
            for packet in packets:
                self.play(packet)


def earlier(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)
