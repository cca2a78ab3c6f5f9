"""A talker's half of a pipeline: packets from the browser in, packets for the link out."""

import threading
from functools import partial

from sotto_app.link.meter import Meter, cost_of
from sotto_app.link.packet import IPV4_UDP_BYTES
from sotto_app.media.capture import RtpOpus
from sotto_app.media.comfort import NOTHING
from sotto_app.media.figures import bits_of, rate_window_s
from sotto_app.media.listening import Listener, earlier
from sotto_app.media.uplink import Datagram, Uplink
from sotto_app.media.worker import Worker
from sotto_app.modes import Mode
from sotto_codecs.base import Codec
from sotto_codecs.events import Caption
from sotto_signaling.messages import Bits

PAUSE_S = 0.2  # without packets for so long, the talker has stopped
HANG_UP_S = 2.0  # at most, for the last phrase: the other may still read it


class TalkingSide:
    """Packets from a peer's browser through the link to the listening side of the other."""

    def __init__(self, name: str, mode: Mode, codec: Codec) -> None:
        self._has_words = False  # to be told
        self._uplink = Uplink(mode, codec, self._understood)
        self._meter = Meter(rate_window_s(codec.spec))
        self._captions = list[Caption]()
        self._meter_lock = threading.Lock()  # for those who ask from outside
        self._listener: Listener | None = None
        self._is_asked = False  # for a sample of the voice
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
        with self._meter_lock:
            self._meter.window_s = rate_window_s(codec.spec)
        self.worker.post(lambda now: self._uplink.set_mode(mode, codec))

    def set_muted(self, muted: bool) -> None:
        self.worker.post(partial(self._set_muted, muted))

    def write(self, text: str) -> None:
        """A line by hand, of as many characters as the rooms let through."""
        self.worker.post(partial(self._write, text))

    def share_voice(self, shared: bool) -> None:
        self.worker.post(partial(self._share_voice, shared))

    def captions(self) -> list[Caption]:
        """Of what is said, since the last time."""
        with self._meter_lock:
            new, self._captions = self._captions, []
        return new

    @property
    def behind_s(self) -> float:
        """Of what is said, so much waits to be understood."""
        return self._uplink.behind_s

    @property
    def state_bytes(self) -> int:
        """What the encoder remembers."""
        return self._uplink.state_bytes

    def stop(self) -> None:
        """After what was posted before, and the last phrase; `join` waits for it."""
        self.worker.post(self._hang_up)
        self.worker.stop()

    def join(self) -> None:
        self.worker.join()
        self._uplink.close()

    def bits(self, now: float) -> Bits:
        with self._meter_lock:
            return bits_of(self._meter, now)

    def _passes(self, packet: RtpOpus) -> bool:
        listener = self._listener
        return self._uplink.will_pass(packet) and (listener is None or listener.will_pass)

    def _hang_up(self, now: float) -> None:
        if self._listener:
            self._uplink.hang_up(HANG_UP_S)
            self._send([], now)

    def _understood(self) -> None:
        """On the thread of who understands."""
        self._has_words = True
        self.worker.wake()

    def _due_s(self) -> float | None:
        if self._has_words or self._is_asked_anew:
            return 0.0
        due_s = earlier(self._pause_at, self._uplink.due_s)
        return earlier(due_s, self._listener.due_s if self._listener else None)

    def _go_on(self, now: float) -> None:
        if self._has_words:
            self._has_words = False  # first: what is found from now on is told the next time
            self._send([], now)
        if self._is_asked_anew:
            self._is_asked = not self._is_asked
            self._uplink.want_sample(self._is_asked)
        if (due_s := self._uplink.due_s) is not None and due_s <= now:
            self._send(self._uplink.leave(), now)
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

    @property
    def _is_asked_anew(self) -> bool:
        """For a sample of the voice, or not any more."""
        return self._listener is not None and self._listener.wants_sample != self._is_asked

    def _share_voice(self, shared: bool, now: float) -> None:
        self._uplink.share_voice(shared)
        if self._listener and not shared:
            self._listener.take_back()

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
        self._uplink.catch_up()
        told, self._uplink.told = self._uplink.told, []
        if captions := self._uplink.captions():
            with self._meter_lock:
                self._captions += captions
        if self._listener is None:
            return  # nobody is there to hear it
        for body in told:
            self._listener.tell(body, now)
        if told:
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
