"""What a call costs on the thin link, from the link's meters."""

from dataclasses import replace

from sotto_app.link.elsewhere import cost_words
from sotto_app.link.meter import Meter
from sotto_app.media.figures import bits_of
from sotto_signaling.messages import Bits

LEAST_S = 5.0  # of a call, before its rate means anything
DIRECTIONS = 2


class Bill:
    """Of one call, from `since_s` on.

    It counts all that the link has carried meanwhile. Where several calls share it, that is the sum
    of them: they share datagrams, and a header has no owner.
    """

    def __init__(self, sent: Meter, received: Meter, since_s: float) -> None:
        self.since_s = since_s
        self._sent, self._received = sent, received
        self._sent_before, self._received_before = sent.total.total, received.total.total

    def bits(self, now: float) -> tuple[Bits, Bits]:
        """Out and in."""
        return (
            _bits(self._sent, self._sent_before, now),
            _bits(self._received, self._received_before, now),
        )

    def words(self, now: float) -> str | None:
        """Of both directions, at the mean rate so far; None at the very start."""
        return words_of(sum(bits.total_bytes for bits in self.bits(now)), now - self.since_s)


def words_of(spent_bytes: int, lasted_s: float) -> str | None:
    """Of a call in both directions; None at the very start."""
    if lasted_s < LEAST_S:
        return None
    return cost_words(spent_bytes, spent_bytes * 8 / lasted_s, DIRECTIONS * lasted_s)


def _bits(meter: Meter, before_bytes: int, now: float) -> Bits:
    return replace(bits_of(meter, now), total_bytes=meter.total.total - before_bytes)
