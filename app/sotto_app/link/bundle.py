"""Frames into bundles: how many travel in one packet."""

RAMP_PACKETS = 4  # of each size while bundles grow: playout slows by a quarter to keep up


class Bundler:
    """After a change of mode bundles start with one frame and grow. The new mode is heard at once,
    and the far end gains the delay of a full bundle by stretching sound instead of by a gap."""

    def __init__(self, frames: int) -> None:
        self._full = frames
        self._packets = 0
        self._start_ms = 0
        self._payloads: list[bytes] = []

    def add(self, payload: bytes, start_ms: int) -> tuple[int, tuple[bytes, ...]] | None:
        """The start and the frames of a bundle that is full now."""
        if not self._payloads:
            self._start_ms = start_ms
        self._payloads.append(payload)
        return self.flush() if len(self._payloads) >= self._size else None

    def full_at_ms(self, frame_ms: float) -> float | None:
        """When the bundle ends that has begun, with the frames that it waits for."""
        return self._start_ms + self._size * frame_ms if self._payloads else None

    def flush(self) -> tuple[int, tuple[bytes, ...]] | None:
        """What there is of a bundle, for the talker stops or the mode ends."""
        if not self._payloads:
            return None
        bundle = self._start_ms, tuple(self._payloads)
        self._payloads.clear()
        self._packets += 1
        return bundle

    @property
    def _size(self) -> int:
        return min(self._full, 1 + self._packets // RAMP_PACKETS)
