"""What the emulator does to packets, without I/O: a link profile, cuts, and turns on shared air."""

from dataclasses import dataclass

from sotto_app.link.channel import Channel
from sotto_app.link.profile import LinkProfile

ROUNDING_S = 1e-9


@dataclass(frozen=True, slots=True)
class Cut:
    """Nothing enters the link in this time, in seconds since its start. What is under way comes."""

    from_s: float
    to_s: float

    def __post_init__(self) -> None:
        if not 0 <= self.from_s < self.to_s:
            raise ValueError(
                f"a cut goes from a time to a later one, not {self.from_s} {self.to_s}"
            )


@dataclass(frozen=True, slots=True)
class Turns:
    """Half-duplex air: in each cycle the near end has the air first, for its share of the time, and
    then the far end. A packet is not begun that would not end in time.
    """

    near_share: float
    cycle_s: float = 2.0

    def __post_init__(self) -> None:
        if not 0 < self.near_share < 1:
            raise ValueError(f"the near end's share is over 0 and below 1, not {self.near_share}")
        if self.cycle_s <= 0:
            raise ValueError("a cycle takes some time")

    def start_s(self, near: bool, at_s: float, length_s: float) -> float:
        """When a packet that is there at `at_s` begins. One longer than a whole turn begins with
        the turn all the same.
        """
        turn_s = self.cycle_s * (self.near_share if near else 1 - self.near_share)
        offset_s = 0.0 if near else self.cycle_s - turn_s
        into_s = (at_s - offset_s) % self.cycle_s
        if into_s < turn_s and into_s + length_s <= turn_s + ROUNDING_S:
            return at_s
        return at_s + self.cycle_s - into_s if into_s else at_s


@dataclass(frozen=True, slots=True)
class Impairment:
    """All that is done. `overhead_bytes` of each packet are below what the emulator sees."""

    profile: LinkProfile
    overhead_bytes: int = 0
    cuts: tuple[Cut, ...] = ()
    turns: Turns | None = None
    seed: int = 0


@dataclass(slots=True)
class Tally:
    """Packets and bytes of one direction since the start, overhead included."""

    sent: int = 0
    sent_bytes: int = 0
    arrived: int = 0
    arrived_bytes: int = 0
    cut: int = 0
    dropped: int = 0  # lost, or the queue was full


class Line:
    """One direction. Times are seconds since the start of the link."""

    def __init__(self, impairment: Impairment, near: bool) -> None:
        """`near`: from the near end to the far one."""
        seed = 2 * impairment.seed + (0 if near else 1)
        self.tally = Tally()
        self._impairment = impairment
        self._near = near
        self._free_s = 0.0
        self._channel = Channel(impairment.profile, impairment.overhead_bytes, seed)

    def send(self, packet: bytes, now: float) -> None:
        self.tally.sent += 1
        self.tally.sent_bytes += self._size(packet)
        if any(cut.from_s <= now < cut.to_s for cut in self._impairment.cuts):
            self.tally.cut += 1
            return
        start_s = self._start_s(packet, now)
        if (start_s - now) * 1000 > self._impairment.profile.queue_ms:
            self.tally.dropped += 1
            return
        dropped_before = self._channel.dropped
        self._channel.send(packet, start_s)
        self.tally.dropped += self._channel.dropped - dropped_before

    def receive(self, now: float) -> list[bytes]:
        """What has arrived by now."""
        packets = self._channel.receive(now)
        self.tally.arrived += len(packets)
        self.tally.arrived_bytes += sum(map(self._size, packets))
        return packets

    @property
    def due_s(self) -> float | None:
        """When the next arrives."""
        return self._channel.next_arrival_s

    def _start_s(self, packet: bytes, now: float) -> float:
        """The turn's wait; that for packets ahead is the channel's where there are no turns."""
        profile, turns = self._impairment.profile, self._impairment.turns
        if turns is None:
            return now
        length_s = self._size(packet) * 8 / profile.rate_bps if profile.rate_bps else 0.0
        start_s = turns.start_s(self._near, max(now, self._free_s), length_s)
        if (start_s - now) * 1000 <= profile.queue_ms:
            self._free_s = start_s + length_s
        return start_s

    def _size(self, packet: bytes) -> int:
        return len(packet) + self._impairment.overhead_bytes
