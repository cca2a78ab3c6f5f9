"""What a call costs on the wire, by arithmetic: each datagram has its toll, each second its bits.

All is of one direction. Rates are bits per second, headers of the layers below included. A link
that carries both directions in turn (a radio) carries the sum of both.
"""

from dataclasses import dataclass
from math import ceil

UDP_IPV4_BYTES = 28  # RFC 791 without options, RFC 768
UDP_IPV6_BYTES = 48  # RFC 8200, RFC 768
KISS_BYTES = 3  # the KISS TNC (Chepponis and Karn, 1987), section 2: FEND, type, FEND
KISS_ESCAPED = 2 / 256  # ibid.: FEND and FESC take two bytes; all ours are as good as random

COUNTER_BYTES = 1  # docs/protocol.md, section 1: sealed, short
LONG_COUNTER_BYTES = 4  # ibid.: every 32nd datagram
LONG_EVERY = 32
KIND_BYTES = 1  # section 3: media, compact
TAG_BYTES = 8  # section 2: AES-CCM as in RFC 6655
OURS_BYTES = COUNTER_BYTES + KIND_BYTES + TAG_BYTES

SPURT_BYTES = 6  # section 3, every 16th bundle
SPURT_EVERY = 16
REPORT_BYTES = 3  # section 5, at most one in 5 s, riding on what goes anyway
REPORT_S = 5.0
QUIET_S = 20.0  # ibid.: alone not before so long a pause, as long as the loss is of one class
PING_AND_PONG_BYTES = 5  # section 5, with every 6th report
PING_EVERY = 6
HOLD_BYTES = 1  # section 5
HOLD_S = 20.0
TWO_BYTE_LENGTH = 128  # section 3, lengths
SPARE_ESCAPES = 9  # Poisson: with 300 random bytes more than so many come in 1 of 8000 datagrams


@dataclass(frozen=True, slots=True)
class Toll:
    """What a link takes for each datagram: bytes around it, and a share of its own bytes again.

    `hold_s` is the pause after which the path has to be held open; 0 is never. What is inside is
    padded to a multiple of `multiple_bytes`.
    """

    below_bytes: int
    escaped: float = 0.0
    hold_s: float = HOLD_S
    multiple_bytes: int = 1

    def datagram_bytes(self, chunk_bytes: float) -> float:
        """On average, on the wire, with these bytes of chunks inside."""
        if self.multiple_bytes > 1:
            chunk_bytes = ceil(chunk_bytes / self.multiple_bytes) * self.multiple_bytes
        sealed = COUNTER_BYTES + chunk_bytes + TAG_BYTES
        return self.below_bytes + sealed * (1 + self.escaped)

    @property
    def around_bytes(self) -> int:
        """The most around the chunks of one datagram, but for more escapes than one in 10 000."""
        spare = SPARE_ESCAPES if self.escaped else 0
        return self.below_bytes + LONG_COUNTER_BYTES + TAG_BYTES + spare


UDP_IPV4 = Toll(UDP_IPV4_BYTES)
UDP_IPV6 = Toll(UDP_IPV6_BYTES)
KISS = Toll(KISS_BYTES, KISS_ESCAPED, hold_s=0)


@dataclass(frozen=True, slots=True)
class Speech:
    """A mode's bits while somebody talks, in bundles of so many seconds."""

    payload_bps: float
    bundle_s: float
    core: float = 1.0  # the part of a bundle that goes along as redundancy

    @property
    def bundle_bytes(self) -> float:
        return self.payload_bps * self.bundle_s / 8


@dataclass(frozen=True, slots=True)
class Price:
    """One mode at one bundle length, in one direction."""

    talking_bps: float
    listening_bps: float  # lone reports go back while only the other end talks
    silent_bps: float  # nobody talks
    delay_s: float  # of the bundle alone

    @property
    def mb_per_hour(self) -> float:
        """Of talk without a pause."""
        return mb_per_hour(self.talking_bps)


def price(speech: Speech, toll: Toll, depth: int = 0) -> Price:
    """A row of the table of costs: all that is sent, reports and upkeep included."""
    return Price(
        talk_bps(speech, toll, depth) + upkeep_bps(speech.bundle_s),
        toll.datagram_bytes(REPORT_BYTES + PING_AND_PONG_BYTES / PING_EVERY) * 8 / QUIET_S,
        toll.datagram_bytes(HOLD_BYTES) * 8 / toll.hold_s if toll.hold_s else 0.0,
        speech.bundle_s,
    )


def talk_bps(speech: Speech, toll: Toll, depth: int = 0) -> float:
    """One talker whose bundles travel alone, each with `depth` earlier ones."""
    inside = KIND_BYTES + speech.bundle_bytes
    core_bytes = speech.core * speech.bundle_bytes
    inside += depth * (wrap_bytes(core_bytes) + core_bytes)
    return toll.datagram_bytes(inside) * 8 / speech.bundle_s


def wrap_bytes(inside_bytes: float) -> int:
    """Of a TALKER or EARLIER chunk around so many bytes: its kind, a number, the length."""
    return 3 if inside_bytes < TWO_BYTE_LENGTH else 4


def upkeep_bps(bundle_s: float) -> float:
    """What rides on the datagrams of talk: run marks, long counters, reports, pings."""
    per_bundle = SPURT_BYTES / SPURT_EVERY + (LONG_COUNTER_BYTES - COUNTER_BYTES) / LONG_EVERY
    per_report = REPORT_BYTES + PING_AND_PONG_BYTES / PING_EVERY
    return 8 * (per_bundle / bundle_s + per_report / REPORT_S)


def mb_per_hour(rate_bps: float) -> float:
    """Millions of bytes."""
    return rate_bps * 3600 / 8e6
