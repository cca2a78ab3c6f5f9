"""A listener's half of a pipeline: packets from the thin link in, Opus for the browser out.

Opus modes are relayed undecoded, at an even pace: the browser conceals what is missing. All others
go through playout and are encoded again for the local network. The mode is in each packet, and the
RTP time stamps go on evenly when it changes.
"""

from dataclasses import dataclass

from sotto_app.catalogue import Modes
from sotto_app.link.jitter import MediaFrame
from sotto_app.link.loss import LossMeter
from sotto_app.link.meter import Meter, cost_of
from sotto_app.link.packet import IPV4_UDP_BYTES, TIME_BITS, PacketError, mode_of, unpack, unwrap
from sotto_app.link.relay import Relay, Released
from sotto_app.media.figures import rate_window_s
from sotto_app.media.playout import TICK_S, Playout
from sotto_codecs.backends.libopus import Ctl, OpusEncoder, packet_samples
from sotto_codecs.base import Codec, Pcm
from sotto_codecs.errors import BadFrame

RTP_RATE_HZ = 48_000
RTP_PER_MS = RTP_RATE_HZ // 1000
TICK_RTP = round(TICK_S * RTP_RATE_HZ)
MAX_BEHIND_S = 0.2
ALONE_MS = 200  # between Opus packets where nobody talks: with DTX one comes every 400 ms
QUIET_S = 0.5  # without Opus packets that follow one another: speech that waits has its turn
STALE_S = 15.0  # speech that had to wait for so long is read, but not heard any more
LOCAL_BITRATE_BPS = 32_000


@dataclass(frozen=True, slots=True)
class OpusOut:
    """An Opus packet for the browser; `timestamp` is in RTP's 48 kHz, not wrapped."""

    timestamp: int
    payload: bytes


class Downlink:
    """One listener, one talker. Times are of one monotonic clock, in seconds."""

    def __init__(self, modes: Modes) -> None:
        self._modes = modes
        self._playout = Playout(modes.codec)
        self._loss = LossMeter()
        self._relay = Relay()
        self._relaying = False
        self._rtp_next = 0
        self._rtp_at = 0.0  # when _rtp_next was due
        self._tick_s: float | None = None
        self._media_near_ms = 0
        self._opus_end_ms = 0  # media time after the last Opus packet
        self._quiet_at = 0.0  # if none follows it
        self._stale_at = 0.0
        self._encoders: dict[int, OpusEncoder] = {}
        self.meter = Meter()
        self.span_ms = 0.0  # of sound that may come at once, where it is more than a bundle
        self.mode: int | None = None
        self.refused = 0

    def receive(self, datagram: bytes, now: float) -> list[OpusOut]:
        """A packet from the link. Gives what is for the browser at once; counts bad packets."""
        try:
            codec = self._modes.codec(mode_of(datagram))
            packet = unpack(datagram, codec.spec.frame_bytes, codec.spec.core_bytes)
            self._media_near_ms = self._media_near_ms or round(now * 1000)
            start_ms = unwrap(packet.time_ms, self._media_near_ms, TIME_BITS)
            frames = _frames(packet.mode, packet.payloads, start_ms, codec)
        except (PacketError, BadFrame):
            self.refused += 1
            return []
        self._media_near_ms = start_ms
        self._loss.add(packet.sequence, now)
        self.mode, self.meter.window_s = packet.mode, rate_window_s(codec.spec)
        payload_bytes = sum(len(payload) for payload in packet.payloads)
        self.meter.add(cost_of(datagram, payload_bytes, IPV4_UDP_BYTES), now)
        if self._modes.by_wire_id[packet.mode].is_opus:
            return self._receive_opus(frames, now)
        out = self._stop_relaying(now)
        bundle_ms = self._modes.by_wire_id[packet.mode].bundle_frames * frames[0].duration_ms
        self._playout.buffer.is_patient = self.span_ms > 0
        self._playout.buffer.push(frames, now, max(bundle_ms, self.span_ms))
        self._tick_s = self._tick_s or now
        return out

    def speak(self, mode: int, pcm: Pcm, rate_hz: int, now: float) -> list[OpusOut]:
        """Speech of a mode that keeps no time, to be heard as soon as nothing else is: late, but in
        whole. Only where Opus goes on and on it is left to the captions."""
        if self._relaying and now < self._quiet_at:
            self._wait_with_speech(now)
            self._playout.say(pcm, rate_hz)
            return []
        out = self._stop_relaying(now)
        self.mode, self.meter.window_s = mode, rate_window_s(self._modes.codec(mode).spec)
        self._playout.say(pcm, rate_hz)
        self._tick_s = self._tick_s or now
        return out

    def hush(self, level: int, now: float) -> None:
        """The talker's background, in -dBov: it is heard where nothing else is. A browser that gets
        the talker's own Opus makes such noise itself."""
        self._playout.hush(level)
        if not self._relaying and self._tick_s is None and self._playout.mode is not None:
            self._catch_up(now)
            self._tick_s = now

    def play(self, now: float) -> list[OpusOut]:
        """What is due for the browser, to be called when `due_s` has come."""
        out: list[OpusOut] = []
        if self._relaying:
            out = self._relayed(self._relay.release(now), now)
            if not self._playout.has_speech or now < self._quiet_at:
                return out
            out += self._stop_relaying(now)
            self._tick_s = now
        if self._tick_s is not None and self._tick_s <= now:
            due_s = max(self._tick_s, now - MAX_BEHIND_S)  # not hours after a suspend
            if self._tick_s < due_s:
                self._catch_up(due_s)
            out += self._tick(due_s)
            self._tick_s = None if self._playout.is_silent else due_s + TICK_S
        return out

    @property
    def due_s(self) -> float | None:
        """When `play` is to be called next; None while there is nothing to play."""
        if not self._relaying:
            return self._tick_s
        due_s = self._relay.due_s
        if not self._playout.has_speech:
            return due_s
        return self._quiet_at if due_s is None else min(due_s, self._quiet_at)

    @property
    def is_relaying(self) -> bool:
        """Opus packets pass: they are neither decoded nor encoded."""
        return self._relaying

    @property
    def delay_ms(self) -> float | None:
        """From the moment of speaking to that of leaving here."""
        if self._relaying:
            return self._relay.delay_ms
        return self._playout.delay_ms

    @property
    def jitter_ms(self) -> float:
        lateness = self._relay.lateness if self._relaying else self._playout.buffer.lateness
        return lateness.jitter_ms

    @property
    def buffer_ms(self) -> float:
        return self._relay.held_ms if self._relaying else self._playout.depth_ms

    @property
    def state_bytes(self) -> int:
        """What the decoder remembers. From any thread."""
        return self._playout.state_bytes

    def loss_share(self, now: float) -> float:
        return self._loss.share(now)

    def concealed_share(self, now: float) -> float:
        """Of what playout has played; a browser conceals relayed packets itself."""
        return 0.0 if self._relaying else self._playout.buffer.concealed_share(now)

    def _receive_opus(self, frames: list[MediaFrame], now: float) -> list[OpusOut]:
        is_alone = frames[0].start_ms - self._opus_end_ms > ALONE_MS
        self._opus_end_ms = frames[-1].end_ms
        if not is_alone:
            self._quiet_at = now + QUIET_S
        elif self._playout.has_speech and not self._relaying:
            return []  # the noise of the talker's room is no reason to break a phrase off
        out = [] if self._relaying else self._start_relaying(now)
        if self._playout.has_speech and now > self._stale_at:
            self._playout.forget_speech()
        self._relay.push(frames, now)
        return out + self._relayed(self._relay.release(now), now)

    def _wait_with_speech(self, now: float) -> None:
        if not (self._relaying and self._playout.has_speech):
            self._stale_at = now + STALE_S

    def _start_relaying(self, now: float) -> list[OpusOut]:
        """From playout to relay: what waits to be played goes out at once."""
        self._catch_up(now)
        self._wait_with_speech(now)
        out = [self._encoded(pcm, now) for pcm in self._playout.drain()]
        self._relaying, self._tick_s = True, None
        return out

    def _stop_relaying(self, now: float) -> list[OpusOut]:
        """From relay to playout, or from silence to sound."""
        out: list[OpusOut] = []
        if self._relaying:
            out = self._relayed(self._relay.drain(), now)
            self._relaying = False
            self._catch_up(now)
        elif self._playout.is_silent:
            self._catch_up(now)
        return out

    def _relayed(self, released: list[Released], now: float) -> list[OpusOut]:
        out = []
        for it in released:
            timestamp = self._rtp_next + round(it.skip_ms * RTP_PER_MS)
            out.append(OpusOut(timestamp, it.frame.payload))
            rtp_next = timestamp + it.frame.duration_ms * RTP_PER_MS
            self._advance(rtp_next, now + it.frame.duration_ms / 1000)
        return out

    def _tick(self, now: float) -> list[OpusOut]:
        """Of the time at which it was due: sound is not late because a thread was held up."""
        pcm = self._playout.tick(now)
        if pcm is not None:
            return [self._encoded(pcm, now)]
        self._advance(self._rtp_next + TICK_RTP, now + TICK_S)
        return []

    def _encoded(self, pcm: Pcm, now: float) -> OpusOut:
        out = OpusOut(self._rtp_next, self._encode(pcm))
        self._advance(self._rtp_next + TICK_RTP, now + TICK_S)
        return out

    def _catch_up(self, now: float) -> None:
        """Let RTP time pass as the clock did while nothing was sent."""
        if self._rtp_at and now > self._rtp_at:
            self._rtp_next += round((now - self._rtp_at) * RTP_RATE_HZ)
        self._rtp_at = max(now, self._rtp_at)

    def _advance(self, rtp_next: int, at: float) -> None:
        self._rtp_next, self._rtp_at = rtp_next, at

    def _encode(self, pcm: Pcm) -> bytes:
        rate_hz = self._playout.rate_hz
        if rate_hz not in self._encoders:
            encoder = self._encoders[rate_hz] = OpusEncoder(rate_hz, 1)
            encoder.set(Ctl.BITRATE, LOCAL_BITRATE_BPS)
            encoder.set(Ctl.COMPLEXITY, 2)  # bits cost nothing on this side, time does
        return self._encoders[rate_hz].encode(pcm)


def _frames(
    mode: int, payloads: tuple[bytes, ...], start_ms: int, codec: Codec
) -> list[MediaFrame]:
    """Frames at their places in media time; Opus packets say themselves how long they are."""
    if not payloads:
        raise PacketError("a packet without frames")
    frames, at_ms = [], float(start_ms)
    for payload in payloads:
        samples, rate_hz = codec.spec.frame_samples, codec.spec.sample_rate_hz
        if codec.spec.name == "opus":
            samples, rate_hz = packet_samples(payload, RTP_RATE_HZ), RTP_RATE_HZ
        duration_ms = samples * 1000 / rate_hz
        frames.append(MediaFrame(mode, round(at_ms), round(duration_ms), payload))
        at_ms += duration_ms
    return frames
