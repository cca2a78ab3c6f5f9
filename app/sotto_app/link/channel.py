"""A link profile at work: datagrams in, the same datagrams out, late, reordered or never."""

import heapq
import random
from dataclasses import dataclass, field

from sotto_app.link.profile import LinkProfile


@dataclass(order=True, slots=True)
class _InFlight:
    arrives_s: float
    order: int
    datagram: bytes = field(compare=False)


class Channel:
    """One direction of a link. Times are seconds on whatever clock the caller keeps to."""

    def __init__(self, profile: LinkProfile, overhead_bytes: int, seed: int = 0) -> None:
        """`overhead_bytes` per datagram count against the rate: headers of the layers below."""
        self.profile = profile
        self.dropped = 0
        self._overhead_bytes = overhead_bytes
        self._random = random.Random(seed)
        self._flight: list[_InFlight] = []
        self._order = 0
        self._line_free_s = 0.0
        self._in_burst = False

    def change(self, profile: LinkProfile) -> None:
        """Another profile for what is sent from now on; what is in flight arrives as it would."""
        self.profile = profile

    def send(self, datagram: bytes, now: float) -> None:
        profile = self.profile
        departs_s = now
        if profile.rate_bps:
            departs_s = max(now, self._line_free_s)
            if (departs_s - now) * 1000 > profile.queue_ms:
                self.dropped += 1
                return
            departs_s += (len(datagram) + self._overhead_bytes) * 8 / profile.rate_bps
            self._line_free_s = departs_s
        if self._lost():
            self.dropped += 1
            return
        delay_ms = profile.delay_ms + self._random.uniform(0, profile.jitter_ms)
        self._order += 1
        heapq.heappush(self._flight, _InFlight(departs_s + delay_ms / 1000, self._order, datagram))

    def receive(self, now: float) -> list[bytes]:
        """What has arrived by now, in the order of arrival."""
        arrived = []
        while self._flight and self._flight[0].arrives_s <= now:
            arrived.append(heapq.heappop(self._flight).datagram)
        return arrived

    @property
    def is_clear(self) -> bool:
        """What is sent now arrives now."""
        return self.profile.is_perfect and not self._flight

    @property
    def next_arrival_s(self) -> float | None:
        return self._flight[0].arrives_s if self._flight else None

    def _lost(self) -> bool:
        """Gilbert's two-state model: mean run of `burst`, long-run share of `loss`."""
        profile = self.profile
        if not profile.loss:
            return False
        burst = max(profile.burst, 1 / (1 - profile.loss))  # less would be rarer than by chance
        if self._in_burst:
            self._in_burst = self._random.random() >= 1 / burst
        else:
            enter = profile.loss / (1 - profile.loss) / burst
            self._in_burst = self._random.random() < enter
        return self._in_burst
