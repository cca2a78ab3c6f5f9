"""What every transport is: datagrams in and out, and what each costs below itself.

All is used on one event loop. A transport is made open; what comes in goes to the callback it was
made with. What cannot be sent is dropped and counted by reason: never an exception, never a wait.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sotto_app.link.kiss import escapes as kiss_escapes
from sotto_app.link.tariff import KISS, UDP_IPV4, UDP_IPV4_BYTES, UDP_IPV6, Toll

DTLS_BYTES = 37  # RFC 6347 section 4.1, RFC 5288 section 3: header, explicit nonce, tag
SCTP_BYTES = 12 + 16  # RFC 9260 section 3: common header, DATA chunk
SACK_BYTES = 12 + 16
AIORTC_IDLE_BPS = 333  # consent to send, measured on an idle connection

Address = tuple[str, int]
OnDatagram = Callable[[bytes, Address | None], None]
"""Takes a datagram and its sender, None where there can be only one."""


def nothing(datagram: bytes) -> int:
    """For links whose every datagram costs the same."""
    return 0


@dataclass(frozen=True, slots=True)
class LinkCost:
    """What a link takes on top of each datagram, and what packing must know of it."""

    toll: Toll  # on average, with what is sent back, and air on which nothing is said
    further: Callable[[bytes], int] = nothing  # exactly, what depends on the datagram
    half_duplex: bool = False
    rate_bps: float | None = None  # of the line itself, where it is known
    share: float = 1.0  # of it, that this end can count on
    answer_bytes: int = 0  # that the other end's layers below send back for each datagram
    pause_bytes: int = 0  # that the air could carry while it is keyed, or taken in turn
    idle_bps: float = 0  # of the layers below, each way, whatever is sent

    @property
    def keepalive_s(self) -> float:
        """Send something at least so often; 0: never."""
        return self.toll.hold_s

    def below(self, datagram: bytes) -> int:
        """Bytes of all layers below for this datagram, exactly."""
        return self.caused(datagram) - self.answer_bytes

    def caused(self, datagram: bytes) -> int:
        """Bytes of all layers below, with what the other end's send back for it."""
        return self.toll.below_bytes - self.pause_bytes + self.further(datagram)

    def each_way_bps(self, budget_bps: float) -> float:
        """What this end may send of a link with such a rate."""
        return self.share * min(budget_bps, self.rate_bps or budget_bps) - self.idle_bps


def sctp_padding(datagram: bytes) -> int:
    """Chunks end at a multiple of 4 (RFC 9260 section 3.2)."""
    return -len(datagram) % 4


MEMORY_COST = LinkCost(Toll(0, hold_s=0))
UDP_IPV4_COST = LinkCost(UDP_IPV4)
UDP_IPV6_COST = LinkCost(UDP_IPV6)
DATA_CHANNEL_COST = LinkCost(
    Toll(2 * (UDP_IPV4_BYTES + DTLS_BYTES) + SCTP_BYTES + SACK_BYTES, hold_s=0),
    sctp_padding,
    answer_bytes=UDP_IPV4_BYTES + DTLS_BYTES + SACK_BYTES,
    idle_bps=AIORTC_IDLE_BPS,
)


KISS_COST = LinkCost(KISS, kiss_escapes)
"""Framing alone: what the modem puts on the air on top is the modem's."""


@dataclass(slots=True)
class Traffic:
    """Counts since the start. Bytes are with all headers that the cost knows of."""

    sent: int = 0
    sent_bytes: int = 0
    received: int = 0
    received_bytes: int = 0
    dropped: Counter[str] = field(default_factory=Counter)  # by reason, either direction

    def count_sent(self, datagram: bytes, cost: LinkCost) -> None:
        self.sent += 1
        self.sent_bytes += len(datagram) + cost.below(datagram)

    def count_received(self, datagram: bytes, cost: LinkCost) -> None:
        self.received += 1
        self.received_bytes += len(datagram) + cost.below(datagram)


class Transport(Protocol):
    """One link, or one port with many peers behind it."""

    @property
    def mtu_bytes(self) -> int:
        """The largest datagram that passes, as far as is known now."""

    @property
    def cost(self) -> LinkCost: ...

    @property
    def traffic(self) -> Traffic: ...

    def send(self, datagram: bytes, to: Address | None = None) -> None:
        """To the other end; `to` says which where there are many."""

    async def close(self) -> None:
        """Release all. Nothing is received afterwards; closing again does nothing."""
