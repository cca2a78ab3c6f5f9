"""What a run of `make bench-link` found: the shape of its JSON."""

from dataclasses import dataclass

from benchmarks.report import Machine, Stored


@dataclass(frozen=True, slots=True)
class Targets:
    """Of the design: the first is for 700 bit/s in bundles of a second, the third for 0.4 s."""

    talking_bps: float = 1000.0
    silent_bps: float = 30.0
    kiss_ratio: float = 1.3
    packet_us: float = 50.0
    session_mb: float = 2.0
    set_up_bytes: int = 150
    gateway_share: float = 0.6  # of one core, with 50 calls
    call_mb: float = 2.0


@dataclass(frozen=True, slots=True)
class Wire:
    """One mode in bundles of one length. Bits per second of one direction, all headers included."""

    link: str
    rate: str
    payload_bps: float
    bundle_s: float
    bundles: int  # that `talking_bps` was counted over, in each direction
    talking_bps: float  # while both talk, the mean of both directions
    listening_bps: float  # while the other end talks
    silent_bps: float  # while nobody does
    tariff_bps: tuple[float, ...]  # the same three by tariff.py's arithmetic
    delay_s: float  # from speaking a bundle's first sample to its arrival, on a link without delay
    webrtc_audio_bps: tuple[float, ...]  # the same bundles there, and what goes back meanwhile
    data_channel_bps: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return self.talking_bps / self.payload_bps


@dataclass(frozen=True, slots=True)
class Loss:
    """One mode over a link that loses packets, 300 ms one way; mean of both directions."""

    bundle_s: float
    loss: float
    burst: float  # mean run of lost packets
    redundancy: bool
    frames: int
    lost: float  # share of the packets that did not arrive
    heard: float  # share of the frames that came, at once or later
    at_once: float  # in the packet that they were first sent in
    twice: int  # frames that were given more than once
    misplaced: float  # share of what came that was given a wrong media time
    talking_bps: float


@dataclass(frozen=True, slots=True)
class Speed:
    """CPU time of one core; medians and least of the rounds."""

    load_average: float
    wire_us: float  # write, seal, open, read: a packet with a bundle of 0.4 s
    wire_least_us: float
    packet_us: float  # and with the sender and the receiver of the talk
    packet_least_us: float
    session_us: float  # through two whole sessions: meters, reports, control
    session_least_us: float
    set_up_us: float  # both ends together, the words to read out included
    session_mb: float  # of memory that the process grew by, for each session


@dataclass(frozen=True, slots=True)
class SetUp:
    """Over UDP and a link of 600 ms one way. Bytes without the headers below."""

    caller_up_s: float
    listener_up_s: float
    first_bundle_s: float  # until one reaches the listener that waited at the caller
    datagrams: tuple[int, ...]  # their sizes


@dataclass(frozen=True, slots=True)
class Gateway:
    """Many calls through one gateway on real sockets, in both directions; of its process."""

    calls: int
    seconds: float  # that count
    budget_bps: float  # of the link, in each direction
    with_codec: bool  # else the frames come from nowhere and are not decoded
    cpu_share: float  # of one core; median of the rounds
    cpu_least: float
    call_mb: float  # of memory that the process grew by, for each call
    datagrams_per_s: float  # sent and received
    frames: int  # that were said at both ends
    lost: int  # of them
    load_average: float


@dataclass(frozen=True, slots=True)
class Report(Stored):
    """One run; empty or null where a part was not asked for."""

    started: str  # ISO 8601, UTC
    machine: Machine
    targets: Targets
    load_average_before: float
    load_average_after: float
    minutes: float  # of talk, in each phase of each row
    lxst_bps: tuple[float, ...]  # at 700 bit/s, least and most
    wires: tuple[Wire, ...]
    losses: tuple[Loss, ...]
    set_up: SetUp | None
    speed: Speed | None
    gateways: tuple[Gateway, ...]
