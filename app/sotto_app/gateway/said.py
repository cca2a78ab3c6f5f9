"""A bundle of one call, between the gateway and its link."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """Times are those of the talker's relay, in milliseconds."""

    call: int
    mode: int
    start_ms: int
    payloads: tuple[bytes, ...]
    is_earlier: bool = False  # sent again, for its own packet may have been lost
