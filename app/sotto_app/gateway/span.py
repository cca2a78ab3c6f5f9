"""How much sound one lost packet takes with it, until the packets after it have repaired it."""

from collections import deque

NEW_S = 30.0  # so long a talker's link is taken for one that loses packets
LOSES_S = 60.0  # and again after each packet that was repaired
RECENT = 8  # bundles; the last one of a talkspurt is short


class Span:
    """Of one far talker."""

    def __init__(self) -> None:
        self._recent_ms: deque[float] = deque(maxlen=RECENT)
        self._lossy_until_s: float | None = None

    def update(self, bundle_ms: float, is_earlier: bool, now: float) -> float:
        """With a bundle that came, `is_earlier` in the place of a lost one: milliseconds of sound
        that playout must be ready to wait for."""
        self._recent_ms.append(bundle_ms)
        if self._lossy_until_s is None:
            self._lossy_until_s = now + NEW_S
        if is_earlier:
            self._lossy_until_s = now + LOSES_S
            return bundle_ms  # it is as late as any can be
        return max(self._recent_ms) * (2 if now < self._lossy_until_s else 1)
