"""Probing a link that nothing is known of: first steps small, each next one by what the last said.

    find     pings, until somebody answers
    steps    pings and a larger packet, each alone: round trip, and roughly the rates
    bursts   packets at once, more each time, until the rates are sure: what the line really carries
    paced    pings at half the rate: loss and jitter, with no queue in them

In all at most 20 kB, headers of both directions counted, and about a minute.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sotto_app.link.probe import AROUND_BYTES, LEAST_BYTES, MOST_PIECES
from sotto_app.link.sounding import Log, Rate, rate_of

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
class Shape:
    """Of an ask."""

    size_bytes: int = LEAST_BYTES
    pieces: int = 1
    piece_bytes: int = LEAST_BYTES

    def up_bytes(self, below_bytes: int) -> int:
        """On the wire."""
        return self.size_bytes + below_bytes

    def down_bytes(self, below_bytes: int) -> int:
        return self.pieces * (self.piece_bytes + below_bytes)


PING = Shape()


@dataclass(frozen=True, slots=True)
class Round:
    """Asks that go at once. It ends after the wait, or when all answers have come if not `paced`.
    If it is not `clear`, what went before may still be on the line.
    """

    shapes: tuple[Shape, ...]
    wait_s: float
    paced: bool = False
    clear: bool = True


class Plan:
    """Decides each round when the one before has ended, by the log. Whoever carries it out keeps
    `log`, `now` and `left_bytes`: what the other end would still answer with.
    """

    def __init__(self, log: Log, below_bytes: int, now: float) -> None:
        """`below_bytes` are those of the layers below, in each datagram."""
        self.log, self.now = log, now
        self.left_bytes = MOST_BYTES
        self.exhausted = False  # the other end would answer no more before all was measured
        self.stage = "looking for the other end"
        self._below_bytes, self._began_s = below_bytes, now

    def rounds(self) -> Iterator[Round]:
        yield from self._find()
        if not self._heard_at_all:
            return
        self.stage = "round trip"
        yield from self._steps()
        self.stage = "rate"
        yield from self._bursts()
        self.stage = "loss"
        yield from self._paced()

    def _find(self) -> Iterator[Round]:
        for number, wait_s in enumerate(FIND_S):
            yield Round((PING,), wait_s, clear=not number)
            if self._heard_at_all:
                return

    def _steps(self) -> Iterator[Round]:
        """As many pings as needed, and larger packets until one has said the rates."""
        for step in range(STEPS):
            pings, known = len(self.log.round_trips_s), self._up_rate and self._down_rate
            if self._past(UNTIL_S) or (known and pings >= PINGS):
                return
            large = not known and (step % 2 or pings >= PINGS)
            size_bytes = LEAST_BYTES + (STEP_BYTES if large else 0)
            found = self._waited(Shape(size_bytes, 1, size_bytes))
            if not self._affords(found):
                return
            yield found

    def _bursts(self) -> Iterator[Round]:
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

    def _paced(self) -> Iterator[Round]:
        pace_s = self._pace_s
        for number in range(PACED):
            found = Round((PING,), pace_s, paced=True)
            lost_up, lost_down = self.log.lost()
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
        return any(it.heard_s for it in self.log.soundings)

    @property
    def _up_rate(self) -> Rate | None:
        return rate_of(self.log.up)

    @property
    def _down_rate(self) -> Rate | None:
        return rate_of(self.log.down)

    @property
    def _slowest_s(self) -> float:
        """The longest round trip of a ping so far."""
        return max(
            it.heard_s[0] - it.sent_s
            for it in self.log.soundings
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

    def _waited(self, *shapes: Shape) -> Round:
        """With a wait in which the answers come if they come at all."""
        up_bps, down_bps = self._guess_bps(self._up_rate), self._guess_bps(self._down_rate)
        up_s = sum(it.up_bytes(self._below_bytes) for it in shapes) * 8 / up_bps
        down_s = sum(it.down_bytes(self._below_bytes) for it in shapes) * 8 / down_bps
        # the answers to the first are under way while the last goes up
        on_line_s = max(up_s + down_s / len(shapes), up_s / len(shapes) + down_s)
        ping_s = self._ping_bits / up_bps + self._ping_bits / down_bps
        return Round(shapes, self._slowest_s + 1.1 * max(0.0, on_line_s - ping_s) + SLACK_S)

    def _affords(self, found: Round, most_bytes: int = MOST_BYTES) -> bool:
        answers_bytes = sum(it.down_bytes(AROUND_BYTES) for it in found.shapes)
        self.exhausted = self.exhausted or answers_bytes > self.left_bytes
        cost_bytes = sum(
            it.up_bytes(self._below_bytes) + it.down_bytes(self._below_bytes) for it in found.shapes
        )
        return (
            not self.exhausted
            and self.log.spent_bytes + cost_bytes <= most_bytes
            and len(self.log.soundings) + len(found.shapes) <= MOST_ASKS
        )

    def _past(self, seconds: float) -> bool:
        return self.now - self._began_s > seconds


def _row(wire_bytes: int, below_bytes: int) -> list[Shape]:
    """Up: packets in a row, each with the smallest answer."""
    each_bytes = max(LEAST_BYTES + below_bytes, min(wire_bytes // 6, LARGEST_BYTES))
    count = max(ROW[0], min(ROW[1], wire_bytes // each_bytes))
    return [Shape(each_bytes - below_bytes)] * count


def _pieces(wire_bytes: int, below_bytes: int) -> list[Shape]:
    """Down: one ask, or several large ones, each with as many answers as make up its size."""
    count = -(-wire_bytes // LARGEST_BYTES)
    least_bytes = 2 * (LEAST_BYTES + AROUND_BYTES)  # of two answers
    room_bytes = max(least_bytes, wire_bytes // count - below_bytes + AROUND_BYTES)
    pieces = max(2, min(MOST_PIECES, room_bytes // (PIECE_BYTES + AROUND_BYTES)))
    piece_bytes = room_bytes // pieces - AROUND_BYTES
    return [Shape(room_bytes - AROUND_BYTES, pieces, piece_bytes)] * count
