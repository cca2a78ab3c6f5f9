"""An arithmetic coder for short payloads whose length is known from outside, on integers of any
size (Witten, Neal and Cleary 1987, without the bits that end a message).

A payload is a number in [0, 1) written in base 256; bytes after its end count as zeros. Each slice
narrows the interval that the number must lie in. Where the text may end is a *rest*: since a
payload of n bytes is only written when n - 1 do not do, a text hardly ever ends where more than 8
bits are left, and often where fewer are. So its end costs about one bit. Where something follows
the text the length does not tell, and each word says whether it is the last.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sotto_codecs.errors import BadFrame
from sotto_codecs.text.coding.words import Weights

WIDTH_BITS = 64
PAST_END_BITS = 64  # how far past its end a payload's zeros are read
FOLLOWED_OF_1024 = 170  # a phrase has about six words
ENDS_OF_1024 = ((0, 960), (8, 768), (10, 512))  # up to so many bits left; else 1


@dataclass(frozen=True, slots=True)
class Slice:
    """The part [start, start + size) of `total`."""

    start: int
    size: int
    total: int


@dataclass(frozen=True, slots=True)
class Rest:
    """A place where the text may end, and whether it does."""

    ends: bool

    def slice(self, left_bits: int) -> Slice:
        likely = _likely(left_bits)
        return Slice(0, likely, 1024) if self.ends else Slice(likely, 1024 - likely, 1024)


def _likely(left_bits: int) -> int:
    """How often of 1024 a text ends here."""
    return next((likely for most, likely in ENDS_OF_1024 if left_bits <= most), 1)


class Followed:
    """A Recorder or a Reader, for a text that something follows."""

    def __init__(self, chooser: "Recorder | Reader") -> None:
        self._chooser = chooser
        self.choose, self.uniform = chooser.choose, chooser.uniform

    def rests(self, ends: bool = False) -> bool:
        weights = np.array([FOLLOWED_OF_1024, 1024 - FOLLOWED_OF_1024], np.int64)
        return self._chooser.choose(weights, 0 if ends else 1) == 0


class Interval:
    """How wide the interval is: both ends follow it alike. Its unit shrinks by whole bytes."""

    def __init__(self, payload_bytes: int) -> None:
        self.width = 1 << WIDTH_BITS
        self.shifts = 0
        self._payload_bits = 8 * payload_bytes

    @property
    def left_bits(self) -> int:
        """What the payload still can say, rounded up; negative past its end."""
        return self._payload_bits - 8 * self.shifts - (WIDTH_BITS + 1 - self.width.bit_length())

    @property
    def overrun(self) -> bool:
        return self.left_bits < -PAST_END_BITS

    def narrow(self, part: Slice) -> tuple[int, int]:
        """Take the part; how far the lower bound rises, and by how many bytes the unit shrinks."""
        unit = self.width // part.total
        self.width = unit * part.size
        shrink = max(0, (WIDTH_BITS + 1 - self.width.bit_length()) // 8)
        self.width <<= 8 * shrink
        self.shifts += shrink
        return unit * part.start, shrink


class Recorder:
    """Takes down the slices of a text; `payload` then finds the shortest bytes that say them."""

    def __init__(self) -> None:
        self._steps: list[Slice | Rest] = []

    def choose(self, weights: Weights, wanted: int) -> int:
        start, size = int(weights[:wanted].sum()), int(weights[wanted])
        self._steps.append(Slice(start, size, int(weights.sum())))
        return wanted

    def uniform(self, count: int, wanted: int) -> int:
        self._steps.append(Slice(wanted, 1, count))
        return wanted

    def rests(self, ends: bool) -> bool:
        self._steps.append(Rest(ends))
        return ends

    @property
    def bits(self) -> float:
        """What the slices are worth, ends not counted."""
        parts = [step for step in self._steps if isinstance(step, Slice)]
        return float(sum(np.log2(part.total) - np.log2(part.size) for part in parts))

    def payload(self) -> bytes:
        length = max(0, int(self.bits) // 8 - 1)
        while (payload := _written(self._steps, length)) is None:
            length += 1
        return payload


def _written(steps: Sequence[Slice | Rest], length: int) -> bytes | None:
    """The payload of `length` bytes, or None where that is too short."""
    interval, low = Interval(length), 0
    for step in steps:
        if interval.overrun:
            return None
        if isinstance(step, Rest):
            step = step.slice(interval.left_bits)
        rise, shrink = interval.narrow(step)
        low = (low + rise) << 8 * shrink
    spare = WIDTH_BITS + 8 * (interval.shifts - length)  # bits of `low` after the payload's end
    if spare < 0:
        return None  # longer than the text needs: a shorter one was tried before
    number = -(-low >> spare)
    inside = number << spare < low + interval.width
    return number.to_bytes(length) if inside else None


class Reader:
    """Finds the slices again. Raises BadFrame where no text could have given the payload."""

    def __init__(self, payload: bytes) -> None:
        self._interval = Interval(len(payload))
        self._bytes = payload
        self._taken = WIDTH_BITS // 8
        self._offset = int.from_bytes(self._bytes[: self._taken].ljust(self._taken, b"\0"))

    def choose(self, weights: Weights, wanted: int = 0) -> int:
        bounds = np.cumsum(weights)
        total = int(bounds[-1])
        chosen = int(np.searchsorted(bounds, self._target(total), "right"))
        size = int(weights[chosen])
        self._take(Slice(int(bounds[chosen]) - size, size, total))
        return chosen

    def uniform(self, count: int, wanted: int = 0) -> int:
        chosen = self._target(count)
        self._take(Slice(chosen, 1, count))
        return chosen

    def rests(self, ends: bool = False) -> bool:
        likely = _likely(self._interval.left_bits)
        return self.choose(np.array([likely, 1024 - likely], np.int64)) == 0

    def _target(self, total: int) -> int:
        """Where in [0, total) the payload points."""
        if self._interval.overrun:
            raise BadFrame("the text runs past its payload")
        target = self._offset // (self._interval.width // total)
        if target >= total:
            raise BadFrame("the payload points between two texts")
        return target

    def _take(self, part: Slice) -> None:
        rise, shrink = self._interval.narrow(part)
        self._offset -= rise
        for _ in range(shrink):
            following = self._bytes[self._taken : self._taken + 1]
            self._offset = self._offset << 8 | (following[0] if following else 0)
            self._taken += 1
