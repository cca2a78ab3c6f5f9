"""A peer's media path in the relay: what it says goes to the other pipeline, what that sends is
heard.

The link between two pipelines is in memory: the listening side lets each packet through a channel
that treats it as the link profile says. So one thread does all of one direction, from the talker's
packets to the listener's.
"""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from sotto_app.link.channel import Channel
from sotto_app.link.meter import Cost, Meter, cost_of
from sotto_app.link.packet import IPV4_UDP_BYTES
from sotto_app.link.profile import LinkProfile
from sotto_app.link.telling import Telling
from sotto_app.media.capture import RtpOpus
from sotto_app.media.comfort import NOTHING
from sotto_app.media.downlink import Downlink, Modes, OpusOut
from sotto_app.media.speech import Speech
from sotto_app.media.uplink import Datagram, Uplink
from sotto_app.media.worker import Worker
from sotto_app.modes import Mode
from sotto_codecs.base import Codec, Pcm
from sotto_codecs.events import Caption
from sotto_signaling.messages import Bits, Reception

PAUSE_S = 0.2  # without packets for so long, the talker has stopped
NOTHING_HEARD = Reception(None, None, 0.0, 0.0, 0.0, 0.0)


class Listener(Protocol):
    """Where a talker's packets go; the talker's thread calls it, also when `due_s` has come."""

    @property
    def due_s(self) -> float | None: ...
    @property
    def will_pass(self) -> bool: ...
    def deliver(self, datagram: bytes, now: float) -> None: ...
    def expect(self, span_ms: float) -> None: ...
    def hush(self, level: int, now: float) -> None: ...
    def tell(self, body: bytes, now: float) -> None: ...
    def spent(self) -> list[Cost]: ...
    def heeded_by(self, wake: Callable[[], None]) -> None: ...
    def go_on(self, now: float) -> None: ...


class Peered(Protocol):
    """A pipeline, of a peer here or at another relay."""

    @property
    def listening(self) -> Listener: ...


class ListeningSide:
    """Packets from the link to a peer's browser. Whoever talks to it runs it on their thread;
    the lock is for the moment at which that changes, and for those who ask from outside."""

    def __init__(self, modes: Modes, profile: LinkProfile, seed: int) -> None:
        self.play: Callable[[OpusOut], None] | None = None
        self._modes = modes
        self._downlink = Downlink(modes)
        self._channel = Channel(profile, IPV4_UDP_BYTES, seed)
        self._telling = Telling(profile, seed + 1)
        self._speech = Speech(modes.codec, self._spoken)
        self._wake: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def deliver(self, datagram: bytes, now: float) -> None:
        """A packet enters the link."""
        with self._lock:
            self._channel.send(datagram, now)
            self._receive_arrived(now)

    def expect(self, span_ms: float) -> None:
        """What is delivered may stand for so much sound, and is played that much later."""
        with self._lock:
            self._downlink.span_ms = span_ms

    def hush(self, level: int, now: float) -> None:
        """The talker is silent now or soon, with a background of so many -dBov."""
        with self._lock:
            self._downlink.hush(level, now)

    def tell(self, body: bytes, now: float) -> None:
        """What must arrive (told.py) enters the link."""
        with self._lock:
            self._telling.tell(body)
            self._receive_arrived(now)

    def spent(self) -> list[Cost]:
        """Of what must arrive, since the last time."""
        with self._lock:
            return self._telling.spent()

    def heeded_by(self, wake: Callable[[], None]) -> None:
        """`wake` is called, from any thread, when `due_s` has become another by itself. A new
        talker: what the one before told is over."""
        self._wake = wake
        with self._lock:
            self._telling = Telling(self._channel.profile, time.time_ns())
            self._speech.restart()

    def captions(self) -> list[Caption]:
        """Of what is heard, since the last time."""
        return self._speech.captions()

    def stop(self) -> None:
        self.play = None
        self._speech.stop()

    def join(self) -> None:
        self._speech.join()

    def go_on(self, now: float) -> None:
        """To be called when `due_s` has come."""
        with self._lock:
            self._receive_arrived(now)
            self._send(self._downlink.play(now))

    @property
    def due_s(self) -> float | None:
        due_s = _earlier(self._channel.next_arrival_s, self._downlink.due_s)
        return _earlier(due_s, self._telling.due_s)

    @property
    def will_pass(self) -> bool:
        """An Opus packet that is delivered now is neither decoded nor encoded."""
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
        for body in self._telling.poll(now):
            self._downlink.meter.add(Cost(len(body), below=IPV4_UDP_BYTES), now)
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


class TalkingSide:
    """Packets from a peer's browser through the link to the listening side of the other."""

    def __init__(self, name: str, mode: Mode, codec: Codec) -> None:
        self._uplink = Uplink(mode, codec)
        self._meter = Meter()
        self._captions = list[Caption]()
        self._meter_lock = threading.Lock()  # for those who ask from outside
        self._listener: Listener | None = None
        self._pause_at: float | None = None
        self.worker = Worker(f"{name} talks", self._due_s, self._go_on)

    def connect(self, listener: Listener | None) -> None:
        """What is said is heard there from now on; None: nobody hears it."""
        self.worker.post(partial(self._connect, listener))

    def receive(self, packet: RtpOpus) -> None:
        """On the event loop. What passes undecoded is not worth the way to another thread."""
        task = partial(self._receive, packet)
        if not self._passes(packet) or not self.worker.run_here(task):
            if not self.worker.is_behind:
                self.worker.post(task)

    def restart(self) -> None:
        """What comes next is from a new connection."""
        self.worker.post(lambda now: self._uplink.restart())

    def set_mode(self, mode: Mode, codec: Codec) -> None:
        self.worker.post(lambda now: self._uplink.set_mode(mode, codec))

    def set_muted(self, muted: bool) -> None:
        self.worker.post(partial(self._set_muted, muted))

    def write(self, text: str) -> None:
        """A line by hand. Raises ValueError where it is too long."""
        self.worker.post(partial(self._write, text))

    def share_voice(self, shared: bool) -> None:
        self.worker.post(lambda now: self._uplink.share_voice(shared))

    def captions(self) -> list[Caption]:
        """Of what is said, since the last time."""
        with self._meter_lock:
            new, self._captions = self._captions, []
        return new

    def bits(self, now: float) -> Bits:
        with self._meter_lock:
            return bits_of(self._meter, now)

    def _passes(self, packet: RtpOpus) -> bool:
        listener = self._listener
        return self._uplink.will_pass(packet) and (listener is None or listener.will_pass)

    def _due_s(self) -> float | None:
        return _earlier(self._pause_at, self._listener.due_s if self._listener else None)

    def _go_on(self, now: float) -> None:
        if self._pause_at is not None and self._pause_at <= now:
            self._pause(now)
        if self._listener:
            self._listener.go_on(now)
            self._count(now)

    def _connect(self, listener: Listener | None, now: float) -> None:
        if listener is not self._listener:
            self._uplink.listened_anew()
        self._listener = listener
        if listener:
            listener.heeded_by(self.worker.wake)
            listener.hush(NOTHING, now)  # of this talker nothing is known yet

    def _receive(self, packet: RtpOpus, now: float) -> None:
        self._pause_at = now + PAUSE_S
        self._send(self._uplink.receive(packet, now), now)

    def _pause(self, now: float) -> None:
        self._pause_at = None
        self._send(self._uplink.pause(), now)
        if self._listener and (level := self._uplink.level) is not None:
            self._listener.hush(level, now)

    def _write(self, text: str, now: float) -> None:
        self._uplink.write(text)
        self._send([], now)

    def _set_muted(self, muted: bool, now: float) -> None:
        self._pause(now)
        self._uplink.muted = muted

    def _send(self, datagrams: list[Datagram], now: float) -> None:
        told, self._uplink.told = self._uplink.told, []
        captions = self._uplink.captions()
        with self._meter_lock:
            self._captions += captions
        if self._listener is None:
            return  # nobody is there to hear it
        for body in told:
            self._listener.tell(body, now)
        self._count(now)
        for datagram in datagrams:
            cost = cost_of(datagram.data, datagram.payload_bytes, IPV4_UDP_BYTES)
            with self._meter_lock:
                self._meter.add(cost, now)
            self._listener.deliver(datagram.data, now)

    def _count(self, now: float) -> None:
        """What the listener's side has sent for this one, again and again."""
        if self._listener and (spent := self._listener.spent()):
            with self._meter_lock:
                for cost in spent:
                    self._meter.add(cost, now)


class Pipeline:
    """Both sides of one peer."""

    def __init__(self, name: str, modes: Modes, mode: Mode, profile: LinkProfile) -> None:
        """`mode` is one that can run here."""
        self.talking = TalkingSide(name, mode, modes.codecs[mode.name])
        self.listening = ListeningSide(modes, profile, seed=time.time_ns())
        self.talking.worker.start()

    def connect(self, other: Peered | None) -> None:
        """What is said here is heard there from now on; None: nobody hears it."""
        self.talking.connect(other.listening if other else None)

    def stop(self) -> None:
        """End the thread; `join` waits for it."""
        self.listening.stop()
        self.talking.worker.stop()

    def join(self) -> None:
        self.talking.worker.join()
        self.listening.join()


def _earlier(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)


def bits_of(meter: Meter, now: float) -> Bits:
    cost, packets = meter.recent(now)
    per_s = 8 / meter.window_s
    return Bits(
        payload_bps=cost.payload * per_s,
        header_bps=(cost.header + cost.below) * per_s,
        control_bps=cost.control * per_s,
        redundancy_bps=cost.redundancy * per_s,
        cryptography_bps=cost.cryptography * per_s,
        packets_per_s=packets / meter.window_s,
        total_bytes=meter.total.total,
    )
