"""Link profiles: what the thin stretch does to packets. The tables of configs/links.toml."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkProfile:
    """Rates are of whole IP packets. A rate of 0 is no limit."""

    name: str
    title: str
    words: str
    rate_bps: float = 0
    delay_ms: float = 0
    jitter_ms: float = 0
    loss: float = 0
    burst: float = 1  # mean run of lost packets
    queue_ms: float = 1000  # a packet that would wait longer is dropped

    def __post_init__(self) -> None:
        if not 0 <= self.loss < 1:
            raise ValueError(f"loss is a share from 0 to less than 1, not {self.loss}")
        if self.burst < 1:
            raise ValueError(f"burst is a mean run of at least 1 packet, not {self.burst}")
        if min(self.rate_bps, self.delay_ms, self.jitter_ms, self.queue_ms) < 0:
            raise ValueError("rate, delay, jitter and queue are not negative")

    @property
    def is_perfect(self) -> bool:
        return not (self.rate_bps or self.delay_ms or self.jitter_ms or self.loss)


PERFECT = LinkProfile("perfect", "Perfect", "")
