"""Whether what a browser sends may pass undecoded: where it is the Opus that the mode promises."""

from collections import deque

from sotto_app.media.capture import RTP_RATE_HZ, Captured
from sotto_app.modes import Mode, browser_opus
from sotto_codecs.backends.libopus import packet_samples
from sotto_codecs.errors import BadFrame

FITTING_PACKETS = 5  # so many in a row before packets pass through again
RATE_TOLERANCE = 1.3  # Opus is free to vary around its bitrate
RATE_WINDOW_MS = 2000


class PassThrough:
    """One talker's packets in one mode: their frame length, their bitrate."""

    def __init__(self, mode: Mode) -> None:
        self._wanted = browser_opus(mode)
        self._is_opus = mode.is_opus
        self._recent: deque[Captured] = deque()
        self._bytes = 0
        self._fitting = FITTING_PACKETS

    def fits(self, packet: Captured) -> bool:
        """Count a packet, and say whether it may pass."""
        if not self._is_opus:
            return False
        fits = self._is_as_promised(packet.payload, packet.duration_ms)
        self._remember(packet)
        self._fitting = self._fitting + 1 if fits else 0
        return self._fitting > FITTING_PACKETS

    def will_fit(self, payload: bytes) -> bool:
        """What `fits` will say of the next packet, without counting it."""
        if not self._is_opus or self._fitting < FITTING_PACKETS:
            return False
        try:
            duration_ms = packet_samples(payload, RTP_RATE_HZ) * 1000 // RTP_RATE_HZ
        except BadFrame:
            return True  # it is dropped
        return self._is_as_promised(payload, duration_ms)

    def _is_as_promised(self, payload: bytes, duration_ms: int) -> bool:
        most_bytes = self._wanted.bitrate_bps * RATE_TOLERANCE * RATE_WINDOW_MS / 8000
        size = self._bytes + len(payload)
        return duration_ms == self._wanted.frame_ms and size <= most_bytes

    def _remember(self, packet: Captured) -> None:
        self._recent.append(packet)
        self._bytes += len(packet.payload)
        while self._recent[0].start_ms < packet.start_ms - RATE_WINDOW_MS:
            self._bytes -= len(self._recent.popleft().payload)
