"""What probes say of a link: rate, jitter, queue and loss of each direction, told apart.

One direction is a row of passages. Its rate is bits over seconds, from two sources. The better one:
of two packets that were sent at once the second arrives as much later as it takes on the line. The
other, for lines whose queue holds no two: a large packet alone takes longer than a small one alone
(Jacobson's pathchar, 1997). Nothing here compares the clocks of the two ends but by differences.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from math import sqrt
from statistics import median

from sotto_app.link.probe import BEFORE, CLOCK_MS, Answer, Ask

ENOUGH_BPS = 128_000.0  # more than any mode needs, with redundancy and all headers
ENOUGH_BITS = 4_000  # of packets in a row, before a rate is taken to be so high
CLOCK_S = 0.001  # what the stamps are exact to
SURE = 0.05  # of a rate: it may be off by so much


class Place(Enum):
    """Of a packet in the row."""

    ALONE = 0  # nothing was on the line
    BEHIND = 1  # sent with the one before, which is still on the line
    UNSURE = 2


@dataclass(frozen=True, slots=True)
class Passage:
    """A packet on its way in one direction; `came_s` is by the receiver's clock, None if lost or
    not known.
    """

    wire_bytes: int
    sent_s: float
    came_s: float | None
    place: Place

    @property
    def took_s(self) -> float:
        """The clocks' difference included."""
        assert self.came_s is not None
        return self.came_s - self.sent_s


@dataclass(slots=True)
class Sounding:
    """An ask and what came of it."""

    ask: Ask
    below_bytes: int
    sent_s: float
    place: Place
    came: bool = False  # known to have, by its own answer or another's
    came_s: float | None = None  # the answerer's clock
    heard_s: dict[int, float] = field(default_factory=dict)  # by piece, our clock

    @property
    def is_whole(self) -> bool:
        return len(self.heard_s) == self.ask.pieces

    @property
    def up_bytes(self) -> int:
        return self.ask.size_bytes + self.below_bytes

    @property
    def down_bytes(self) -> int:
        """Of all its answers."""
        return self.ask.pieces * self.piece_bytes

    @property
    def piece_bytes(self) -> int:
        return self.ask.piece_bytes + self.below_bytes

    def up(self) -> Passage:
        return Passage(self.up_bytes, self.sent_s, self.came_s, self.place)

    def down(self) -> Iterator[Passage]:
        """Of an ask that came at a known time."""
        first = Place.ALONE if self.place is Place.ALONE else Place.UNSURE
        assert self.came_s is not None
        for piece in range(self.ask.pieces):
            place = Place.BEHIND if piece else first
            yield Passage(self.piece_bytes, self.came_s, self.heard_s.get(piece), place)


class Log:
    """All soundings of one probe, in the order in which they were sent."""

    def __init__(self) -> None:
        self.soundings: list[Sounding] = []
        self._last_ms: int | None = None  # the answerer's clock, unwrapped

    def note(self, answer: Answer, now: float) -> None:
        """Whose id is ours. What answers nothing, or doubles, changes nothing."""
        if answer.number >= len(self.soundings):
            return
        sounding = self.soundings[answer.number]
        if answer.piece < sounding.ask.pieces and answer.piece not in sounding.heard_s:
            sounding.heard_s[answer.piece] = now
            sounding.came, sounding.came_s = True, self._unwrapped_s(answer.came_ms)
        for back in range(min(BEFORE, answer.number)):
            if answer.before >> back & 1:
                self.soundings[answer.number - 1 - back].came = True

    @property
    def spent_bytes(self) -> int:
        """With the answers that are still to come."""
        return sum(it.up_bytes + it.down_bytes for it in self.soundings)

    @property
    def up(self) -> list[Passage]:
        return [it.up() for it in self.soundings]

    @property
    def down(self) -> list[Passage]:
        return [it for one in self.soundings if one.came_s is not None for it in one.down()]

    @property
    def round_trips_s(self) -> list[float]:
        """Of the least, with nothing else on the line."""
        least = min((it.up_bytes for it in self.soundings), default=0)
        return [
            it.heard_s[0] - it.sent_s
            for it in self.soundings
            if it.place is Place.ALONE and 0 in it.heard_s and it.up_bytes == least
        ]

    def lost(self) -> "tuple[Loss, Loss]":
        """Up and down. Bursts do not count, they fill queues; nor does what is not known: the asks
        after the last that is known to have come.
        """
        last = max((it.ask.number for it in self.soundings if it.came), default=-1)
        counted = [it for it in self.soundings[: last + 1] if it.place is Place.ALONE]
        came = [it for it in counted if it.came]
        up, down = len(counted) - len(came), sum(not it.heard_s for it in came)
        return Loss(up, len(counted)), Loss(down, len(came))

    def _unwrapped_s(self, came_ms: int) -> float:
        last = came_ms if self._last_ms is None else self._last_ms
        ahead = (came_ms - last + CLOCK_MS // 2) % CLOCK_MS - CLOCK_MS // 2
        self._last_ms = last + ahead
        return self._last_ms / 1000


@dataclass(frozen=True, slots=True)
class Loss:
    lost: int
    sent: int

    @property
    def share(self) -> float:
        return self.lost / self.sent if self.sent else 0.0


@dataclass(frozen=True, slots=True)
class Rate:
    """`error` is the share by which it may be off; `bits` are those that it rests on, `together`
    if they were in packets that were sent at once.
    """

    bps: float
    error: float
    bits: int
    together: bool

    @property
    def is_enough(self) -> bool:
        """More than any mode needs: how much more is not looked for."""
        return self.together and self.bits >= ENOUGH_BITS and self.least_bps >= ENOUGH_BPS

    @property
    def is_sure(self) -> bool:
        return self.is_enough or (self.together and self.error <= SURE)

    @property
    def least_bps(self) -> float:
        return self.bps / (1 + self.error)


def rate_of(passages: Sequence[Passage]) -> Rate | None:
    """None where nothing says it."""
    return _rate(_in_a_row(passages), passages, True) or _rate(_apart(passages), passages, False)


def jitter_of(passages: Iterable[Passage]) -> float:
    """Nine of ten small packets that travel alone are no later than this, by the quickest."""
    took_s = sorted(it.took_s for it in _alone(passages))
    return took_s[round(0.9 * (len(took_s) - 1))] - took_s[0] if took_s else 0.0


def growth_of(passages: Iterable[Passage]) -> float:
    """The most by which packets that were sent at once came later than the first of them."""
    first_s, most_s = 0.0, 0.0
    for it in passages:
        if it.place is not Place.BEHIND:
            first_s = it.took_s if it.came_s is not None else float("inf")
        elif it.came_s is not None:
            most_s = max(most_s, it.took_s - first_s)
    return most_s


@dataclass(frozen=True, slots=True)
class _Span:
    bits: int
    seconds: float
    runs: int  # of packets one after another: each has noise at its two ends


def _in_a_row(passages: Sequence[Passage]) -> _Span:
    """Neighbours that both came. What is lost between them may have used the line or not."""
    bits, seconds, runs, after = 0, 0.0, 0, False
    for one, two in pairwise(passages):
        follows = two.place is Place.BEHIND
        if not follows or one.came_s is None or two.came_s is None:
            after = False
            continue
        bits, seconds = bits + 8 * two.wire_bytes, seconds + two.came_s - one.came_s
        runs, after = runs + (not after), True
    return _Span(bits, seconds, runs)


def _apart(passages: Sequence[Passage]) -> _Span:
    """Large ones against the small ones: what they have more, and what they take longer."""
    small = list(_alone(passages))
    if not small:
        return _Span(0, 0.0, 0)
    least, took_s = small[0].wire_bytes, median(it.took_s for it in small)
    large = [
        it
        for it in passages
        if it.place is Place.ALONE and it.came_s is not None and it.wire_bytes > least
    ]
    bits = sum(8 * (it.wire_bytes - least) for it in large)
    return _Span(bits, sum(it.took_s - took_s for it in large), len(large))


def _rate(span: _Span, passages: Sequence[Passage], together: bool) -> Rate | None:
    if not span.bits:
        return None
    noise_s = (CLOCK_S + jitter_of(passages) / 2) * sqrt(span.runs)
    seconds = max(span.seconds, noise_s)
    return Rate(span.bits / seconds, noise_s / seconds, span.bits, together)


def _alone(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The smallest that travelled alone and came."""
    came = [it for it in passages if it.place is Place.ALONE and it.came_s is not None]
    least = min((it.wire_bytes for it in came), default=0)
    return (it for it in came if it.wire_bytes == least)
