"""Where the bundles of one talker belong: their numbers and times, across loss and silence.

Each bundle is looked at between the two known ones next to it by packet counter. The packets that
are missing there bound its number, and the low bits that came with it say which. A bundle without a
Spurt is at least the third of its run, so with fewer than two missing before it, it continues the
run of the one before: its time is certain. Else it is placed where the run would have it if that
agrees with its arrival, or by its arrival alone; the next Spurt sets the following ones right.
"""

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from statistics import median

from sotto_app.link.chunks import Spurt
from sotto_app.link.packet import unwrap
from sotto_app.link.run import NUMBER_BITS, RUN_SPURTS, TIME_BITS, TURN_BITS, Arrivals

KEPT_BUNDLES = 64  # what comes later than so many newer bundles is not placed
LAGS = 15
AGREES_MS = 500.0  # so far from where its arrival puts it a bundle still continues the run


@dataclass(frozen=True, slots=True)
class Arrived:
    """A bundle to be placed. `earlier_ms`: lengths of those before it that came along, the nearest
    first, each ending where the next begins."""

    counter: int
    mode: int
    turn: int
    spurt: Spurt | None
    length_ms: float
    earlier_ms: tuple[float, ...]
    at_ms: float


@dataclass(slots=True)
class Placed:
    """A bundle in its place. `sure`: its number is right; `certain`: its time is."""

    arrived: Arrived
    number: int
    sure: bool
    start_ms: float
    certain: bool
    ends_spurt: bool = False

    @property
    def end_ms(self) -> float:
        return self.start_ms + self.arrived.length_ms


class Timeline:
    """The last bundles of one talker, in the order in which they were sent."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._placed: list[Placed] = []
        self._unread: deque[int] = deque(maxlen=KEPT_BUNDLES)
        self._floor = -1  # packets up to this one are forgotten
        self._lags_ms: deque[float] = deque(maxlen=LAGS)

    def is_forgotten(self, counter: int) -> bool:
        return counter <= self._floor

    def before(self, counter: int) -> Placed | None:
        """The last known bundle in a packet before this one."""
        index = self._index(counter)
        return self._placed[index - 1] if index else None

    def is_newest(self, placed: Placed) -> bool:
        return placed is self._placed[-1]

    def skip(self, counter: int) -> None:
        """Packet `counter` brought a bundle that could not be read."""
        self._unread.append(counter)

    def place(self, arrived: Arrived) -> Placed:
        index = self._index(arrived.counter)
        before = self._placed[index - 1] if index else None
        after = self._placed[index] if index < len(self._placed) else None
        number, sure = self._number(arrived, before, after)
        placed = Placed(arrived, number, sure, 0.0, False)
        self._put_in_time(placed, before, after)
        if placed.certain and after is None:
            self._lags_ms.append(arrived.at_ms - placed.end_ms)
        self._placed.insert(index, placed)
        if len(self._placed) > KEPT_BUNDLES:
            self._floor = self._placed.pop(0).arrived.counter
        return placed

    def end_spurt(self, counter: int) -> bool:
        """Packet `counter` ends the talkspurt. False where bundles of a later packet are here."""
        before = self.before(counter + 1)
        if before:
            before.ends_spurt = True
        return before is None or before is self._placed[-1]

    def _index(self, counter: int) -> int:
        if not self._placed or self._placed[-1].arrived.counter < counter:
            return len(self._placed)
        return bisect_left(self._placed, counter, key=lambda placed: placed.arrived.counter)

    def _number(
        self, arrived: Arrived, before: Placed | None, after: Placed | None
    ) -> tuple[int, bool]:
        spurt = arrived.spurt
        value, bits = (spurt.number, NUMBER_BITS) if spurt else (arrived.turn, TURN_BITS)
        bounds = self._bounds(arrived.counter, before, after)
        if bounds is None:
            return value, spurt is not None
        least, most = bounds
        span = 1 << bits
        fitting = range(least + (value - least) % span, most + 1, span)
        if not fitting:  # what was thought before was wrong: only a Spurt knows better
            return unwrap(value, most, bits), spurt is not None
        sure = len(fitting) == 1 and any(near and near.sure for near in (before, after))
        return _nearest(fitting, arrived, before), sure or spurt is not None

    def _bounds(
        self, counter: int, before: Placed | None, after: Placed | None
    ) -> tuple[int, int] | None:
        """Least and greatest number that it can have, by neighbours that are sure if any is."""
        missing, least, most = self._missing, -(1 << 62), 1 << 62
        any_sure = any(near and near.sure for near in (before, after))
        if before and (before.sure or not any_sure):
            least = before.number + 1
            most = least + missing(before.arrived.counter, counter)
        if after and (after.sure or not any_sure):
            most = min(most, after.number - 1)
            least = max(least, after.number - 1 - missing(counter, after.arrived.counter))
        return (least, most) if before or after else None

    def _missing(self, after: int, before: int) -> int:
        """How many packets between them may have brought a bundle that is not known."""
        unread = sum(after < counter < before for counter in self._unread)
        return self._arrivals.missing(after, before) + unread

    def _put_in_time(self, placed: Placed, before: Placed | None, after: Placed | None) -> None:
        arrived = placed.arrived
        clock_ms = arrived.at_ms - self._lag_ms() - arrived.length_ms
        if arrived.spurt:
            time_ms = unwrap(arrived.spurt.time_ms, round(clock_ms), TIME_BITS)
            placed.start_ms, placed.certain = time_ms, True
        elif before and _continues(placed, before):
            placed.start_ms, placed.certain = _after(placed, before)
        if not placed.certain and after and _is_led_on(placed, after):
            bundles = after.number - placed.number
            placed.start_ms = after.start_ms - bundles * arrived.length_ms
            placed.certain = True
        if not placed.certain and not self._agrees(placed, before, after, clock_ms):
            placed.start_ms = min(clock_ms, after.start_ms) if after else clock_ms

    def _agrees(
        self, placed: Placed, before: Placed | None, after: Placed | None, clock_ms: float
    ) -> bool:
        """The run before may well go on here. A late bundle's arrival says nothing about that."""
        if before is None or not _continues(placed, before):
            return False
        if after:
            return placed.end_ms <= after.start_ms + AGREES_MS
        apart_ms = abs(placed.start_ms - clock_ms)
        return not self._lags_ms or apart_ms <= max(AGREES_MS, placed.arrived.length_ms)

    def _lag_ms(self) -> float:
        """From the end of a bundle to its arrival, usually: on two clocks."""
        return median(self._lags_ms) if self._lags_ms else 0.0


def _nearest(numbers: range, arrived: Arrived, before: Placed | None) -> int:
    """The number that the time since the bundle before speaks for."""
    if len(numbers) == 1 or before is None or not before.arrived.length_ms:
        return numbers[-1]
    since_ms = arrived.at_ms - before.arrived.at_ms
    likely = before.number + round(since_ms / before.arrived.length_ms)
    return min(numbers, key=lambda number: abs(number - likely))


def _continues(placed: Placed, before: Placed) -> bool:
    return placed.arrived.mode == before.arrived.mode and not before.ends_spurt


def _after(placed: Placed, before: Placed) -> tuple[float, bool]:
    """Start of a bundle if it is of the same run as the one before, and whether it is."""
    missing, earlier_ms = placed.number - before.number - 1, placed.arrived.earlier_ms
    if missing <= len(earlier_ms):
        gap_ms = sum(earlier_ms[:missing])
    else:
        gap_ms = missing * before.arrived.length_ms
    is_bridged = missing < max(RUN_SPURTS, len(earlier_ms))
    certain = is_bridged and placed.sure and before.sure and before.certain
    return before.end_ms + gap_ms, certain


def _is_led_on(placed: Placed, after: Placed) -> bool:
    """The bundle after it is of the same run."""
    known = placed.sure and after.sure and after.certain and not after.arrived.spurt
    same_mode = placed.arrived.mode == after.arrived.mode
    return known and same_mode and after.number - placed.number <= RUN_SPURTS
