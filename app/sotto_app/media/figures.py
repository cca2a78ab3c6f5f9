"""What meters say to a page."""

from sotto_app.link.meter import Meter
from sotto_codecs.base import CodecSpec
from sotto_signaling.messages import Bits


def rate_window_s(spec: CodecSpec) -> float:
    """Over which a rate means something: phrases are seconds apart."""
    return 1.0 if spec.keeps_time else 8.0


def bits_of(meter: Meter, now: float) -> Bits:
    cost, packets = meter.recent(now)
    per_s = 8 / meter.window_s
    return Bits(
        payload_bps=cost.payload * per_s,
        header_bps=(cost.header + cost.below) * per_s,
        control_bps=cost.control * per_s,
        redundancy_bps=cost.redundancy * per_s,
        cryptography_bps=cost.cryptography * per_s,
        packets_per_s=packets / meter.window_s,
        total_bytes=meter.total.total,
    )
