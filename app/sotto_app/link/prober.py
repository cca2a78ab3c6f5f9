"""Probing a link that nothing is known of: first steps small, each next one by what the last said.

    find     pings, until somebody answers
    steps    pings and a larger packet, each alone: round trip, and roughly the rates
    bursts   packets at once, more each time, until the rates are sure: what the line really carries
    paced    pings at half the rate: loss and jitter, with no queue in them

In all at most 20 kB, headers of both directions counted, and about a minute.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf

from sotto_app.link.probe import (
    AROUND_BYTES,
    ID_BYTES,
    LEAST_BYTES,
    MOST_PIECES,
    Answer,
    Ask,
    BadProbe,
    is_probe,
    read,
)
from sotto_app.link.sounding import (
    Log,
    Loss,
    Passage,
    Place,
    Rate,
    Sounding,
    growth_of,
    jitter_of,
    rate_of,
)

MOST_BYTES = 20_000  # both directions, all headers
MOST_ASKS = 250  # numbers have 8 bits
FIND_S = (1.5, 2.5, 4.0, 4.0, 6.0)  # waits for an answer before the next ask
STEPS = 12
STEP_BYTES = 60  # by which the larger packet is larger
PINGS = 3
BURSTS_BYTES = (300, 900, 2000, 2000)  # on the wire, one way; less where the rate is low
BURST_S = 1.2  # the longest, on the line
BURSTS_MOST_BYTES = 11_500  # that are spent when they are done
ROW = (3, 8)  # packets of a burst up
LARGEST_BYTES = 900  # of a packet: every path takes it whole
PIECE_BYTES = 72  # of an answer in a burst down, about, if that leaves two
PACED, PACED_CLEAN = 100, 60  # the latter where nothing is lost
PACE_SHARE = 0.5  # of the rate
LEAST_PACE_S = 0.02
BURSTS_UNTIL_S, UNTIL_S = 42.0, 51.0
SLACK_S = 0.5
OVERTAKEN_S = 0.25  # how much later than the last of a round an earlier one may come


@dataclass(frozen=True, slots=True)
class Way:
    """One direction. `lost` is of packets that travelled alone, `grew_s` by how much delay grew
    while packets were sent at once: what the queue took.
    """

    rate: Rate | None
    lost: Loss
    jitter_s: float
    grew_s: float


@dataclass(frozen=True, slots=True)
class Measured:
    """`exhausted`: the other end would answer no more before all was measured."""

    up: Way
    down: Way
    round_trips_s: tuple[float, ...]  # of the smallest packets
    ping_bytes: int  # theirs on the wire, each way
    sent_bytes: int
    heard_bytes: int
    seconds: float
    exhausted: bool


@dataclass(frozen=True, slots=True)
class _Shape:
    """Of an ask."""

    size_bytes: int = LEAST_BYTES
    pieces: int = 1
    piece_bytes: int = LEAST_BYTES


PING = _Shape()


@dataclass(frozen=True, slots=True)
class _Round:
    """Asks that go at once. It ends after the wait, or when all answers have come if not `paced`.
    If it is not `clear`, what went before may still be on the line.
    """

    shapes: tuple[_Shape, ...]
    wait_s: float
    paced: bool = False
    clear: bool = True


class Prober:
    """The end that asks. Begins at the first poll."""

    def __init__(self, random_bytes: Callable[[int], bytes], below_bytes: int, now: float) -> None:
        """`below_bytes` are those of the layers below, in each datagram."""
        self.stage = "looking for the other end"
        self.due_s: float | None = now  # when to poll next; None when all is done
        self._id, self._random = random_bytes(ID_BYTES), random_bytes
        self._below_bytes = below_bytes
        self._log = Log()
        self._began_s = self._now = now
        self._rounds = self._plan()
        self._round = _Round((), 0.0)
        self._asked: list[Sounding] = []  # in this round
        self._left_bytes = MOST_BYTES  # that the other end would still answer with
        self._exhausted = False

    def poll(self, now: float) -> list[bytes]:
        """What to send now."""
        self._now = now
        if self.due_s is None or now < self.due_s:
            return []
        found = next(self._rounds, None)
        if found is None:
            self.due_s = None
            return []
        self._round, self.due_s = found, now + found.wait_s
        self._asked = [self._sounding(place, it) for place, it in enumerate(found.shapes)]
        self._log.soundings += self._asked
        return [it.ask.write(self._random(it.ask.size_bytes)) for it in self._asked]

    def receive(self, datagram: bytes, now: float) -> None:
        """Whatever comes. What is no answer to this probe changes nothing."""
        if self.due_s is None or not is_probe(datagram):
            return
        try:
            answer = read(datagram)
        except BadProbe:
            return
        if isinstance(answer, Answer) and answer.id == self._id:
            self._now = now
            self._log.note(answer, now)
            self._left_bytes = answer.left_bytes
            self.due_s = self._sooner(self.due_s)

    @property
    def spent_bytes(self) -> int:
        """With the answers that are still to come."""
        return sum(it.up_bytes + it.down_bytes for it in self._log.soundings)

    @property
    def measured(self) -> Measured | None:
        """So far; None as long as nobody has answered."""
        log, (lost_up, lost_down) = self._log, self._log.lost()
        if not log.round_trips_s:
            return None
        return Measured(
            _way(log.up, lost_up),
            _way(log.down, lost_down),
            tuple(log.round_trips_s),
            LEAST_BYTES + self._below_bytes,
            sum(it.up_bytes for it in log.soundings),
            sum(len(it.heard_s) * it.piece_bytes for it in log.soundings),
            self._now - self._began_s,
            self._exhausted,
        )

    # --- the plan: each round is decided when the one before has ended -----------------------

    def _plan(self) -> Iterator[_Round]:
        yield from self._find()
        if not self._heard_at_all:
            return
        self.stage = "round trip"
        yield from self._steps()
        self.stage = "rate"
        yield from self._bursts()
        self.stage = "loss"
        yield from self._paced()

    def _find(self) -> Iterator[_Round]:
        for number, wait_s in enumerate(FIND_S):
            yield _Round((PING,), wait_s, clear=not number)
            if self._heard_at_all:
                return

    def _steps(self) -> Iterator[_Round]:
        """As many pings as needed, and larger packets until one has said the rates."""
        for step in range(STEPS):
            pings, known = len(self._log.round_trips_s), self._up_rate and self._down_rate
            if self._past(UNTIL_S) or (known and pings >= PINGS):
                return
            large = not known and (step % 2 or pings >= PINGS)
            size_bytes = LEAST_BYTES + (STEP_BYTES if large else 0)
            yield self._waited(_Shape(size_bytes, 1, size_bytes))

    def _bursts(self) -> Iterator[_Round]:
        """Down first: where that takes several asks, they say something of the way up too."""
        for most_bytes in BURSTS_BYTES:
            for is_up in (False, True):
                rate = self._up_rate if is_up else self._down_rate
                if rate and rate.is_sure:
                    continue
                on_line_bytes = self._guess_bps(rate) * BURST_S / 8
                shapes = _row if is_up else _pieces
                found = self._waited(
                    *shapes(min(most_bytes, int(on_line_bytes)), self._below_bytes)
                )
                if self._past(BURSTS_UNTIL_S - found.wait_s):
                    return
                if self._affords(found, BURSTS_MOST_BYTES):
                    yield found

    def _paced(self) -> Iterator[_Round]:
        pace_s = self._pace_s
        for number in range(PACED):
            found = _Round((PING,), pace_s, paced=True)
            lost_up, lost_down = self._log.lost()
            enough = number >= PACED_CLEAN and not (lost_up.lost or lost_down.lost)
            if enough or self._past(UNTIL_S) or not self._affords(found):
                break
            yield found
        last = self._waited(PING)
        if self._affords(last):
            yield last

    # --- what it rests on ----------------------------------------------------------------------

    @property
    def _heard_at_all(self) -> bool:
        return any(it.heard_s for it in self._log.soundings)

    @property
    def _up_rate(self) -> Rate | None:
        return rate_of(self._log.up)

    @property
    def _down_rate(self) -> Rate | None:
        return rate_of(self._log.down)

    @property
    def _slowest_s(self) -> float:
        """The longest round trip of a ping so far."""
        return max(
            it.heard_s[0] - it.sent_s
            for it in self._log.soundings
            if 0 in it.heard_s and it.ask.size_bytes == LEAST_BYTES
        )

    def _guess_bps(self, rate: Rate | None) -> float:
        """Where nothing is known all of a round trip is taken for time on the line."""
        return rate.bps if rate else 2 * self._ping_bits / max(self._slowest_s, 1e-3)

    @property
    def _ping_bits(self) -> int:
        return 8 * (LEAST_BYTES + self._below_bytes)

    @property
    def _pace_s(self) -> float:
        slower_bps = min(self._guess_bps(self._up_rate), self._guess_bps(self._down_rate))
        return max(LEAST_PACE_S, self._ping_bits / (PACE_SHARE * slower_bps))

    def _waited(self, *shapes: _Shape) -> _Round:
        """With a wait in which the answers come if they come at all."""
        up_bps, down_bps = self._guess_bps(self._up_rate), self._guess_bps(self._down_rate)
        asks = [self._sounding(place, shape) for place, shape in enumerate(shapes)]
        up_s = sum(it.up_bytes for it in asks) * 8 / up_bps
        down_s = sum(it.down_bytes for it in asks) * 8 / down_bps
        # the answers to the first are under way while the last goes up
        on_line_s = max(up_s + down_s / len(asks), up_s / len(asks) + down_s)
        ping_s = self._ping_bits / up_bps + self._ping_bits / down_bps
        return _Round(shapes, self._slowest_s + 1.1 * max(0.0, on_line_s - ping_s) + SLACK_S)

    def _affords(self, found: _Round, most_bytes: int = MOST_BYTES) -> bool:
        asks = [self._sounding(place, shape) for place, shape in enumerate(found.shapes)]
        answers_bytes = sum(it.ask.pieces * (it.ask.piece_bytes + AROUND_BYTES) for it in asks)
        self._exhausted = self._exhausted or answers_bytes > self._left_bytes
        cost_bytes = sum(it.up_bytes + it.down_bytes for it in asks)
        return (
            not self._exhausted
            and self.spent_bytes + cost_bytes <= most_bytes
            and len(self._log.soundings) + len(asks) <= MOST_ASKS
        )

    def _past(self, seconds: float) -> bool:
        return self._now - self._began_s > seconds

    def _sounding(self, place: int, shape: _Shape) -> Sounding:
        number = len(self._log.soundings) + place
        ask = Ask(self._id, number, shape.size_bytes, shape.pieces, shape.piece_bytes)
        where = Place.BEHIND if place else Place.ALONE if self._round.clear else Place.UNSURE
        return Sounding(ask, self._below_bytes, self._now, where)

    def _sooner(self, due_s: float) -> float:
        """When this round ends, now that an answer has come."""
        if self._round.paced:
            return due_s
        if all(it.is_whole for it in self._asked):
            return self._now
        return min(due_s, self._now + OVERTAKEN_S if self._asked[-1].is_whole else inf)


def _row(wire_bytes: int, below_bytes: int) -> list[_Shape]:
    """Up: packets in a row, each with the smallest answer."""
    each_bytes = max(LEAST_BYTES + below_bytes, min(wire_bytes // 6, LARGEST_BYTES))
    count = max(ROW[0], min(ROW[1], wire_bytes // each_bytes))
    return [_Shape(each_bytes - below_bytes)] * count


def _pieces(wire_bytes: int, below_bytes: int) -> list[_Shape]:
    """Down: one ask, or several large ones, each with as many answers as make up its size."""
    count = -(-wire_bytes // LARGEST_BYTES)
    least_bytes = 2 * (LEAST_BYTES + AROUND_BYTES)  # of two answers
    room_bytes = max(least_bytes, wire_bytes // count - below_bytes + AROUND_BYTES)
    pieces = max(2, min(MOST_PIECES, room_bytes // (PIECE_BYTES + AROUND_BYTES)))
    piece_bytes = room_bytes // pieces - AROUND_BYTES
    return [_Shape(room_bytes - AROUND_BYTES, pieces, piece_bytes)] * count


def _way(passages: list[Passage], lost: Loss) -> Way:
    return Way(rate_of(passages), lost, jitter_of(passages), growth_of(passages))
