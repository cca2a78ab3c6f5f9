"""Taking turns on air that all share, and keeping to a share of the time.

A station sends when it has heard nothing for a while and a random number of slots more. After its
own turn it leaves the others a full window of slots: whoever waits goes first. A station with its
own line skips the listening and is only paced, so that what waits, waits here and stays fresh.
"""

import random
from collections import Counter, deque
from dataclasses import dataclass

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class AirRules:
    """How one station behaves."""

    rate_bps: float
    half_duplex: bool = True
    key_up_s: float = 0.0  # before the first byte of each turn: KISS calls it TXDELAY
    quiet_s: float = 0.3  # so long after the last byte heard the air is taken to be free
    slot_s: float = 0.1
    slots: int = 8
    turn_s: float = 2.0  # at most so much in one turn
    share: float = 1.0  # of any minute
    queue: int = 32  # datagrams; when full the oldest goes

    def __post_init__(self) -> None:
        if self.rate_bps <= 0:
            raise ValueError("the air needs a rate")
        if not 0 < self.share <= 1:
            raise ValueError(f"share is a part of the time, over 0 to 1, not {self.share}")
        if min(self.slots, self.queue) < 1:
            raise ValueError("slots and queue are at least 1")


class Air:
    """One station's side of the air. Call `poll` at `due_s`, and after `put` and `heard`."""

    def __init__(
        self, rules: AirRules, chance: random.Random, dropped: Counter[str] | None = None
    ) -> None:
        self.rules = rules
        self.dropped = Counter[str]() if dropped is None else dropped
        self._chance = chance
        self._waiting = deque[bytes]()
        self._free_s = 0.0  # not before then, for what was heard or sent
        self._sent = deque[tuple[float, float]]()  # end and length of the turns of the last minute

    def heard(self, now: float) -> None:
        """Any bytes came from the air."""
        if self.rules.half_duplex:
            wait_s = self._chance.randrange(self.rules.slots) * self.rules.slot_s
            self._free_s = max(self._free_s, now + self.rules.quiet_s + wait_s)

    def put(self, frame: bytes) -> None:
        """Queue what the line will carry, framing and all."""
        if len(self._waiting) == self.rules.queue:
            self._waiting.popleft()
            self.dropped["stale"] += 1
        self._waiting.append(frame)

    def poll(self, now: float) -> list[bytes]:
        """What to send now, as one turn."""
        if not self._waiting or now < self._may_s():
            return []
        limit_s = min(self._turn_s, self._left_s(now))
        turn = [self._waiting.popleft()]
        length_s = self.rules.key_up_s + self.air_s(turn[0])
        while self._waiting and length_s + self.air_s(self._waiting[0]) <= limit_s:
            turn.append(self._waiting.popleft())
            length_s += self.air_s(turn[-1])
        self._sent.append((now + length_s, length_s))
        self._free_s = now + length_s
        if self.rules.half_duplex:
            self._free_s += self.rules.quiet_s + self.rules.slots * self.rules.slot_s
        return turn

    @property
    def due_s(self) -> float | None:
        """When `poll` has something, if nothing is heard until then."""
        return self._may_s() if self._waiting else None

    @property
    def waiting(self) -> int:
        """Datagrams in the queue."""
        return len(self._waiting)

    def air_s(self, frame: bytes) -> float:
        """How long a frame takes, once the transmitter is up."""
        return len(frame) * 8 / self.rules.rate_bps

    @property
    def _turn_s(self) -> float:
        return self.rules.turn_s if self.rules.half_duplex else 0.0

    def _may_s(self) -> float:
        """When the first that waits may go: the air is free, and its minute has room for it."""
        need_s = self.rules.key_up_s + self.air_s(self._waiting[0])
        spent_s = sum(length_s for _, length_s in self._sent)
        room_from_s = self._free_s
        for end_s, length_s in self._sent:
            if spent_s + need_s <= self._limit_s:
                break
            spent_s -= length_s
            room_from_s = max(room_from_s, end_s + MINUTE_S)
        return room_from_s

    def _left_s(self, now: float) -> float:
        """Of this minute's share; what ended a minute ago is forgotten."""
        while self._sent and self._sent[0][0] <= now - MINUTE_S:
            self._sent.popleft()
        return self._limit_s - sum(length_s for _, length_s in self._sent)

    @property
    def _limit_s(self) -> float:
        return self.rules.share * MINUTE_S
