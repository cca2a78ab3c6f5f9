"""What the two ends of a talker's stream agree on: frames in bundles, runs, numbers of packets.

A run is a row of bundles of one mode and one length without a gap in media time; only its last may
be shorter. The first two bundles of a run and every sixteenth carry a Spurt. So a bundle without
one belongs to the same run as the two before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sotto_app.link.lengths import LengthError, join_frames, split_frames

RUN_SPURTS = 2
SPURT_EVERY = 16
MODE_BITS = 5
TURN_BITS = 2
NUMBER_BITS = 8
TIME_BITS = 24
MAX_DEPTH = 3
ROUNDING_MS = 1.0  # starts come in whole milliseconds, frames may last a fraction more


@dataclass(frozen=True, slots=True)
class FrameShape:
    """Frames of one mode; `frame_bytes` is None where they vary in size. Cut to `core_bytes` they
    are frames of less quality, good enough for redundancy."""

    frame_bytes: int | None
    frame_ms: float
    core_bytes: int | None = None

    @property
    def core(self) -> "FrameShape":
        """Of the same frames in an Earlier."""
        return FrameShape(self.core_bytes or self.frame_bytes, self.frame_ms)

    def cut(self, payloads: tuple[bytes, ...]) -> bytes:
        """The bundle that an Earlier holds of these frames."""
        return self.core.join(tuple(it[: self.core_bytes] for it in payloads))

    def join(self, payloads: tuple[bytes, ...]) -> bytes:
        """The bundle. Varying frames: their count, then a length before each but the last."""
        if self.frame_bytes is not None:
            return b"".join(payloads)
        return bytes([len(payloads)]) + join_frames(payloads)

    def split(self, bundle: bytes) -> tuple[bytes, ...]:
        """The frames, at least one. Raises LengthError."""
        size = self.frame_bytes
        if size is None:
            payloads = split_frames(bundle[1:], bundle[0]) if bundle else ()
        elif len(bundle) % size == 0:
            payloads = tuple(bundle[at : at + size] for at in range(0, len(bundle), size))
        else:
            raise LengthError(f"frames of {size} bytes do not make {len(bundle)} bytes")
        if not payloads:
            raise LengthError("a bundle without frames")
        return payloads


Shapes = Mapping[int, FrameShape]  # by the mode's number on the wire


class Arrivals:
    """Which packets of one direction have come, by their counters; the last `window`."""

    def __init__(self, window: int = 1024) -> None:
        self.window = window
        self._highest = -1
        self._bits = 0  # bit i: packet `_highest - i` came

    def add(self, counter: int) -> bool:
        """Whether this packet is new; False also where it is too old to know."""
        ahead = counter - self._highest
        if ahead > 0:
            kept = self._bits << ahead if ahead < self.window else 0
            self._bits = (kept | 1) & ((1 << self.window) - 1)
            self._highest = counter
            return True
        if -ahead >= self.window or self._bits >> -ahead & 1:
            return False
        self._bits |= 1 << -ahead
        return True

    def missing(self, after: int, before: int) -> int:
        """How many between these two counters have not come, or came too long ago to know; the
        second is one that came."""
        between = before - after - 1
        if between <= 0:
            return 0
        shown = self._bits >> self._highest - before + 1
        return between - (shown & (1 << min(between, self.window)) - 1).bit_count()
