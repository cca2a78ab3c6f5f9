"""How much one socket, one address and the whole relay may ask for. No clock: `now` in seconds."""

import ipaddress
from collections import Counter
from dataclasses import dataclass, field

from sotto_signaling.errors import Code, SignalingError


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit of the signaling server; docs/signaling.md has them as a table."""

    message_bytes: int = 64 * 1024
    messages_per_s: float = 30.0  # sustained, per socket
    message_burst: int = 100
    refusals: int = 20  # messages refused for their rate, without a pause, before the socket closes
    sockets_per_address: int = 50
    rooms_per_address: int = 50
    sockets: int = 10_000
    rooms: int = 10_000
    ping_every_s: int = 3
    silent_after_s: float = 8.0
    seat_kept_s: int = 60
    empty_room_kept_s: float = 3600.0


@dataclass(slots=True)
class TokenBucket:
    """Lets `burst` messages through at once, and `rate_per_s` in the long run."""

    rate_per_s: float
    burst: int
    filled_at: float
    level: float = field(init=False)

    def __post_init__(self) -> None:
        self.level = self.burst

    @property
    def full(self) -> bool:
        return self.level >= self.burst

    def refill(self, now: float) -> None:
        grown = self.level + (now - self.filled_at) * self.rate_per_s
        self.level, self.filled_at = min(self.burst, grown), now

    def take(self, amount: float = 1) -> bool:
        if self.level < amount:
            return False
        self.level -= amount
        return True


class Tally:
    """Counts things by the address that they belong to, up to a limit for each and for all."""

    def __init__(self, what: str, code: Code, per_address: int, total: int) -> None:
        self._what, self._code = what, code
        self._per_address, self._total = per_address, total
        self._counts: Counter[str] = Counter()

    @property
    def total(self) -> int:
        return self._counts.total()

    def add(self, address: str) -> None:
        """Raises the tally's own code for the address, server-full for the relay."""
        if self._counts[address] >= self._per_address:
            raise SignalingError(
                self._code,
                f"Your network address has {self._per_address} {self._what} here already, "
                "which is the limit; try again later.",
            )
        if self.total >= self._total:
            raise SignalingError(
                Code.SERVER_FULL, f"This relay has no more {self._what} to give; try again later."
            )
        self.count(address)

    def count(self, address: str) -> None:
        """Add one without a limit."""
        self._counts[address] += 1

    def remove(self, address: str) -> None:
        self._counts[address] -= 1
        if not self._counts[address]:
            del self._counts[address]


def address_key(address: str) -> str:
    """What the limits count as one address: an IPv4 address, or the /64 of an IPv6 one.

    Whoever has one IPv6 address has its /64 (RFC 6177 section 2). Other text stands for itself.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed.packed[:8] + bytes(8), 64)))
