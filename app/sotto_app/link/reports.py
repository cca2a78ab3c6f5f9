"""Receiver reports: what one end tells the other of its packets, in two bytes.

     0                   1
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
    +-----------+-----+-----+-------+
    |   loss    |trend|queue|highest|
    +-----------+-----+-----+-------+

loss: 0 none, else n for `LOSS_LEAST * LOSS_STEP**(n - 1)`: from 0.5 % to all, in steps of 9 %.
Where packets are lost in rows: as much as, by chance, would ask for the redundancy that pays here.
trend: how much the mean lateness of the last 5 s differs from that of the 5 s before, in eighths of
a bundle, -4 to 3; a trend that stays above 0 is a queue that grows. queue: what waits to be sent at
the reporter, 0 none, else n for at least `25 * 2**n` ms. highest: the low four bits of the highest
packet counter that came.
"""

import math
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from sotto_app.link.redundancy import LOSS_STEPS, PAYS

LOSS_LEAST = 0.005
LOSS_STEP = 200 ** (1 / 62)
WINDOW_S, WINDOW_PACKETS = 5.0, 32  # loss is of the longer of both
TOLD_PACKETS = 128  # but what is told is of so many: of 32 it would be chance that speaks
TOLD_AT_LEAST = 64  # fewer count as so many: one lost packet of three is no loss of a third
ROWS_AT_LEAST = 2  # of lost packets: one alone may be chance
MOST_PACKETS = 512
SETTLED_S = 0.5  # what is missing below a number that came so long ago is lost, not late
OUTAGE_S, OUTAGE_PACKETS = 10.0, 3  # a hole of more than both is an outage: what was lost in it
# says nothing of what comes now
REPORT_EVERY_S, STEADY_EVERY_S = 5.0, 10.0  # at most, with and without more loss to tell
JUDGED_EVERY_S = 1.0  # whether the loss is of another class now
ALONE_AFTER_S = 1.0  # that news waits for a packet that goes anyway
PING_EVERY = 6  # reports
HIGHEST_BITS = 4


@dataclass(frozen=True, slots=True)
class Report:
    """`loss` is a share, `trend` in eighths of a bundle, `highest` a packet counter's low bits."""

    loss: float
    trend: int
    queued_ms: int
    highest: int

    def pack(self) -> int:
        """The 16 bits."""
        trend = max(-4, min(3, self.trend)) & 7
        queue = min(7, int(self.queued_ms // 25).bit_length() - 1) if self.queued_ms >= 50 else 0
        highest = self.highest & (1 << HIGHEST_BITS) - 1
        return _loss_code(self.loss) << 10 | trend << 7 | queue << 4 | highest


def unpack_report(bits: int) -> Report:
    """Any 16 bits are a report."""
    loss, trend, queue = bits >> 10, bits >> 7 & 7, bits >> 4 & 7
    share = LOSS_LEAST * LOSS_STEP ** (loss - 1) if loss else 0.0
    queued_ms = 25 << queue if queue else 0
    return Report(share, trend - 8 * (trend > 3), queued_ms, bits & (1 << HIGHEST_BITS) - 1)


def loss_class(share: float) -> int:
    """0 to 3: how much redundancy this much loss asks for."""
    return sum(share >= bound for bound in LOSS_STEPS)


def _loss_code(share: float) -> int:
    if share < LOSS_LEAST / 2:
        return 0
    return max(1, min(63, 1 + round(math.log(share / LOSS_LEAST, LOSS_STEP))))


class Reception:
    """What came of one direction: numbers and lateness, of the last seconds only."""

    def __init__(self) -> None:
        self.highest = 0
        self.packets = 0
        self._came: deque[tuple[float, int]] = deque()
        self._late: deque[tuple[float, float, float]] = deque()

    def packet(self, counter: int, now: float) -> None:
        """A packet came that had not come before."""
        if self._is_outage(counter, now):
            self._came.clear()
        self._came.append((now, counter))
        self.highest = max(self.highest, counter)
        self.packets += 1
        while len(self._came) > MOST_PACKETS or self._is_old(now):
            self._came.popleft()

    def bundle(self, late_ms: float, bundle_ms: float, now: float) -> None:
        """A bundle came for the first time, `late_ms` after its media time on any even clock."""
        self._late.append((now, late_ms, bundle_ms))
        while self._late[0][0] <= now - 2 * WINDOW_S:
            self._late.popleft()

    def loss(self, now: float) -> float:
        """Share of the last packets that did not come, of those that can be told by now."""
        packets = len(self._came)
        recent = [
            it
            for place, it in enumerate(self._came)
            if place >= packets - WINDOW_PACKETS or it[0] >= now - WINDOW_S
        ]
        rows, numbers = _lost_rows(recent, now)
        return sum(rows) / max(1, numbers)

    def told_loss(self, now: float) -> float:
        """What the other end is to know: of more packets, and more where rows of them are lost."""
        rows, numbers = _lost_rows(self._came, now)
        loss = sum(rows) / max(TOLD_AT_LEAST, numbers)
        for depth, step in enumerate(LOSS_STEPS, start=1):
            of_use = sum(row >= depth for row in rows)
            if of_use >= max(ROWS_AT_LEAST, PAYS * numbers):
                loss = max(loss, step * LOSS_STEP)  # the code is rounded
        return loss

    def trend(self, now: float) -> int:
        """Of the mean lateness, in eighths of a bundle; 0 where there is nothing to compare."""
        fresh = [late for at, late, _ in self._late if at > now - WINDOW_S]
        before = [late for at, late, _ in self._late if now - 2 * WINDOW_S < at <= now - WINDOW_S]
        if not fresh or not before:
            return 0
        change_ms = sum(fresh) / len(fresh) - sum(before) / len(before)
        return max(-4, min(3, round(8 * change_ms / self._late[-1][2])))

    def _is_outage(self, counter: int, now: float) -> bool:
        if not self._came or now - self._came[-1][0] <= OUTAGE_S:
            return False
        return counter - self.highest > OUTAGE_PACKETS  # else the other end was silent

    def _is_old(self, now: float) -> bool:
        return len(self._came) > TOLD_PACKETS and self._came[0][0] < now - WINDOW_S


def _lost_rows(came: Collection[tuple[float, int]], now: float) -> tuple[list[int], int]:
    """Lengths of the rows of packets that are lost, and of how many numbers that is."""
    settled = [counter for came_s, counter in came if came_s <= now - SETTLED_S]
    if not settled:
        return [], 0
    first, last = min(settled), max(settled)
    seen = sorted(counter for _, counter in came if first <= counter <= last)
    return [b - a - 1 for a, b in pairwise(seen) if b - a > 1], last - first + 1


class Reporter:
    """When a report goes, and what it says.

    One rides on a packet that goes anyway every 10 s. More loss than was told (another class) may
    go after 5 s, and alone if it must; the rest waits for the keepalive, so that a silent direction
    stays cheap.
    """

    def __init__(self, quiet_s: float) -> None:
        """`quiet_s`: how long this end may be silent while the other end is not."""
        self.reception = Reception()
        self._quiet_s = quiet_s
        self._told_class = 0
        self._told_s = self._judged_s = -math.inf
        self._news_s: float | None = None  # since when there is something to tell
        self._worse_s: float | None = None  # since when the loss is of a higher class than told
        self._sent = 0

    def packet(self, counter: int, now: float, is_news: bool = True) -> None:
        """A packet came that had not come before. Not `is_news`: one of control alone is nothing
        to report, or two silent ends would report each other's reports for ever."""
        self.reception.packet(counter, now)
        if is_news and self._news_s is None:
            self._news_s = now
        if now >= max(self._judged_s + JUDGED_EVERY_S, self._told_s + REPORT_EVERY_S):
            self._judged_s = now
            is_worse = loss_class(self.reception.told_loss(now)) > self._told_class
            self._worse_s = (self._worse_s or now) if is_worse else None

    def may_ride(self, now: float) -> bool:
        """A packet that goes now takes a report with it."""
        return self._news_s is not None and now >= self._not_before_s

    def due_s(self, last_sent_s: float) -> float | None:
        """When a report goes even alone; the last packet of this direction went at
        `last_sent_s`."""
        if self._news_s is None:
            return None
        alone_s = max(self._news_s + ALONE_AFTER_S, last_sent_s + self._quiet_s)
        if self._worse_s is not None:
            alone_s = min(alone_s, self._worse_s + ALONE_AFTER_S)
        return max(alone_s, self._not_before_s)

    def take(self, queued_ms: float, now: float) -> tuple[Report, bool]:
        """The report that goes now, and whether a ping goes with it."""
        loss = self.reception.told_loss(now)
        self._told_class, self._told_s = loss_class(loss), now
        self._news_s = self._worse_s = None
        is_ping_due = self._sent % PING_EVERY == 0
        self._sent += 1
        trend, highest = self.reception.trend(now), self.reception.highest
        return Report(loss, trend, int(queued_ms), highest), is_ping_due

    @property
    def _not_before_s(self) -> float:
        return self._told_s + (STEADY_EVERY_S if self._worse_s is None else REPORT_EVERY_S)


class RoundTrip:
    """Round-trip time without any agreement of clocks: the answer says how long it was held."""

    def __init__(self) -> None:
        self.rtt_s: float | None = None
        self._next = 0
        self._asked: dict[int, float] = {}

    def ping(self, now: float) -> int:
        """The number of a ping that goes now."""
        number, self._next = self._next, (self._next + 1) % 256
        self._asked[number] = now
        if len(self._asked) > 4:  # the oldest will not be answered any more
            del self._asked[next(iter(self._asked))]
        return number

    def pong(self, number: int, held_s: float, now: float) -> bool:
        """The answer to a ping, and whether it is one: what was never asked is ignored."""
        asked_s = self._asked.pop(number, None)
        if asked_s is None:
            return False
        self.rtt_s = max(0.0, now - asked_s - held_s)
        return True
