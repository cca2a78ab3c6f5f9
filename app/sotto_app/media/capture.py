"""From a talker's Opus over RTP to Opus packets in order, each at its place in media time.

Media time is in milliseconds on the relay's monotonic clock: a packet that is not held up anywhere
carries the moment at which its first sample was spoken. RTP time stamps (RFC 7587: 48 kHz) move it
on, so that it is even; it follows the clock of the relay when the two drift apart.
"""

from dataclasses import dataclass

from sotto_app.link.jitter import Lateness
from sotto_app.link.packet import unwrap
from sotto_app.link.reorder import Lost, Reorder
from sotto_codecs.backends.libopus import packet_samples
from sotto_codecs.errors import BadFrame

RTP_RATE_HZ = 48_000
DRIFT_MS = 10.0  # media time is corrected when it has drifted this far
JUMP_MS = 2000.0  # a time stamp this far from the clock is another stream
LOST_AT_MOST_MS = 120


@dataclass(frozen=True, slots=True)
class RtpOpus:
    """What we need of an RTP packet with Opus in it."""

    sequence: int
    timestamp: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Captured:
    """An Opus packet in order. `lost_ms` of sound before it is missing; where it `is_onset`, sound
    before it was never sent."""

    payload: bytes
    start_ms: int
    duration_ms: int
    lost_ms: int = 0
    is_onset: bool = False


class Capture:
    """One talker."""

    def __init__(self) -> None:
        self._reorder = Reorder[tuple[RtpOpus, float]]()
        self._offset_ms: float | None = None  # media time minus RTP time
        self._rtp_end = 0  # unwrapped time stamp after the last packet
        self._lateness = Lateness()

    def push(self, packet: RtpOpus, now: float) -> list[Captured]:
        """Packets whose order is clear now. What is not Opus is dropped."""
        ready = self._reorder.push(packet.sequence, (packet, now))
        return self._place(ready)

    def give_up(self) -> list[Captured]:
        """The talker has stopped: wait no longer for what is missing."""
        return self._place(self._reorder.give_up())

    def _place(self, ready: list[tuple[RtpOpus, float] | Lost]) -> list[Captured]:
        captured, after_loss = [], False
        for item in ready:
            if isinstance(item, Lost):
                after_loss = item.packets > 0
                continue
            placed = self._captured(*item, after_loss=after_loss)
            if placed:
                captured.append(placed)
                after_loss = False
        return captured

    def _captured(self, packet: RtpOpus, now: float, *, after_loss: bool) -> Captured | None:
        try:
            samples = packet_samples(packet.payload, RTP_RATE_HZ)
        except BadFrame:
            return None
        duration_ms = samples * 1000 // RTP_RATE_HZ
        rtp = unwrap(packet.timestamp, self._rtp_end, 32)
        spoken_ms = now * 1000 - duration_ms
        rtp_ms = rtp * 1000 / RTP_RATE_HZ
        starts_anew = self._offset_ms is None or abs(self._offset_ms + rtp_ms - spoken_ms) > JUMP_MS
        gap_ms = (rtp - self._rtp_end) * 1000 // RTP_RATE_HZ
        is_onset = starts_anew or (gap_ms > 0 and not after_loss) or gap_ms > LOST_AT_MOST_MS
        self._rtp_end = rtp + samples
        offset_ms = self._follow(spoken_ms - rtp_ms, now, starts_anew=starts_anew)
        return Captured(
            packet.payload,
            round(offset_ms + rtp_ms),
            duration_ms,
            lost_ms=0 if is_onset else max(0, gap_ms),
            is_onset=is_onset,
        )

    def _follow(self, measured_ms: float, now: float, *, starts_anew: bool) -> float:
        """The offset between the two times: the least measured one, held still within 10 ms."""
        if starts_anew or self._offset_ms is None:
            self._lateness.clear()
            self._offset_ms = measured_ms
        self._lateness.add(measured_ms, now)
        if abs(self._lateness.earliest_ms - self._offset_ms) > DRIFT_MS:
            self._offset_ms = self._lateness.earliest_ms
        return self._offset_ms
