"""A peer's media path in the relay: what it says goes to the other pipeline, what that sends is
heard.

A talking side and a listening side, each on a thread of its own. The link between two pipelines is
in memory: the listening side lets each packet through a channel that treats it as the link profile
says.
"""

import time
from collections.abc import Callable
from functools import partial

from sotto_app.link.channel import Channel
from sotto_app.link.meter import Meter, cost_of
from sotto_app.link.packet import IPV4_UDP_BYTES
from sotto_app.link.profile import LinkProfile
from sotto_app.media.capture import RtpOpus
from sotto_app.media.downlink import Downlink, Modes, OpusOut
from sotto_app.media.uplink import Datagram, Uplink
from sotto_app.media.worker import Worker
from sotto_app.modes import Mode
from sotto_codecs.base import Codec
from sotto_signaling.messages import Bits, Reception

PAUSE_S = 0.2  # without packets for so long, the talker has stopped
NOTHING_HEARD = Reception(None, None, 0.0, 0.0, 0.0, 0.0)


class TalkingSide:
    """Packets from a peer's browser to the link. `deliver` is called on the worker's thread."""

    def __init__(self, name: str, mode: Mode, codec: Codec) -> None:
        self.deliver: Callable[[bytes], None] | None = None
        self.bits = bits_of(Meter(), 0.0)
        self._uplink = Uplink(mode, codec)
        self._meter = Meter()
        self._pause_at: float | None = None
        self.worker = Worker(f"{name} talks", lambda: self._pause_at, self._pause)

    def receive(self, packet: RtpOpus) -> None:
        if not self.worker.is_behind:
            self.worker.post(partial(self._receive, packet))

    def restart(self) -> None:
        """What comes next is from a new connection."""
        self.worker.post(lambda now: self._uplink.restart())

    def set_mode(self, mode: Mode, codec: Codec) -> None:
        self.worker.post(lambda now: self._uplink.set_mode(mode, codec))

    def set_muted(self, muted: bool) -> None:
        self.worker.post(partial(self._set_muted, muted))

    def measure(self) -> None:
        """Refresh `bits` soon."""
        self.worker.post(self._measure)

    def _receive(self, packet: RtpOpus, now: float) -> None:
        self._pause_at = now + PAUSE_S
        self._send(self._uplink.receive(packet, now), now)

    def _pause(self, now: float) -> None:
        self._pause_at = None
        self._send(self._uplink.pause(), now)

    def _set_muted(self, muted: bool, now: float) -> None:
        self._pause(now)
        self._uplink.muted = muted

    def _send(self, datagrams: list[Datagram], now: float) -> None:
        if self.deliver is None:
            return  # nobody is there to hear it
        for datagram in datagrams:
            self._meter.add(cost_of(datagram.data, datagram.payload_bytes, IPV4_UDP_BYTES), now)
            self.deliver(datagram.data)

    def _measure(self, now: float) -> None:
        self.bits = bits_of(self._meter, now)


class ListeningSide:
    """Packets from the link to a peer's browser. `play` is called on the worker's thread."""

    def __init__(self, name: str, modes: Modes, profile: LinkProfile, seed: int) -> None:
        self.play: Callable[[OpusOut], None] | None = None
        self.bits = bits_of(Meter(), 0.0)
        self.reception = NOTHING_HEARD
        self._modes = modes
        self._downlink = Downlink(modes)
        self._channel = Channel(profile, IPV4_UDP_BYTES, seed)
        self.worker = Worker(f"{name} listens", self._due, self._on_due)

    def deliver(self, datagram: bytes) -> None:
        if not self.worker.is_behind:
            self.worker.post(partial(self._deliver, datagram))

    def change_link(self, profile: LinkProfile) -> None:
        self.worker.post(lambda now: self._channel.change(profile))

    def measure(self) -> None:
        """Refresh `bits` and `reception` soon."""
        self.worker.post(self._measure)

    def _deliver(self, datagram: bytes, now: float) -> None:
        self._channel.send(datagram, now)
        self._receive_arrived(now)

    def _due(self) -> float | None:
        times = (self._channel.next_arrival_s, self._downlink.due_s)
        return min((at for at in times if at is not None), default=None)

    def _on_due(self, now: float) -> None:
        self._receive_arrived(now)
        self._send(self._downlink.play(now))

    def _receive_arrived(self, now: float) -> None:
        for datagram in self._channel.receive(now):
            self._send(self._downlink.receive(datagram, now))

    def _send(self, packets: list[OpusOut]) -> None:
        if self.play is not None:
            for packet in packets:
                self.play(packet)

    def _measure(self, now: float) -> None:
        downlink = self._downlink
        self.bits = bits_of(downlink.meter, now)
        if downlink.mode is not None:
            self.reception = Reception(
                mode=self._modes.by_wire_id[downlink.mode].name,
                delay_ms=downlink.delay_ms,
                jitter_ms=downlink.jitter_ms,
                buffer_ms=downlink.buffer_ms,
                loss=downlink.loss_share(now),
                concealed=downlink.concealed_share(now),
            )


class Pipeline:
    """Both sides of one peer."""

    def __init__(self, name: str, modes: Modes, mode: Mode, profile: LinkProfile) -> None:
        """Raises CodecError if the mode cannot run here."""
        self.talking = TalkingSide(name, mode, modes.load(mode))
        self.listening = ListeningSide(name, modes, profile, seed=time.time_ns())
        self.talking.worker.start()
        self.listening.worker.start()

    def connect(self, other: "Pipeline | None") -> None:
        """What is said here is heard there from now on; None: nobody hears it."""
        self.talking.deliver = other.listening.deliver if other else None

    def stop(self) -> None:
        """End both threads; `join` waits for them."""
        self.talking.deliver = self.listening.play = None
        self.talking.worker.stop()
        self.listening.worker.stop()

    def join(self) -> None:
        self.talking.worker.join()
        self.listening.worker.join()


def bits_of(meter: Meter, now: float) -> Bits:
    cost, packets = meter.recent(now)
    per_s = 8 / meter.window_s
    return Bits(
        payload_bps=cost.payload * per_s,
        header_bps=cost.header * per_s,
        control_bps=cost.control * per_s,
        redundancy_bps=cost.redundancy * per_s,
        packets_per_s=packets / meter.window_s,
        total_bytes=meter.total.total,
    )
