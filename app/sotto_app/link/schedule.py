"""Several calls on one link: who goes next, together with whom, and when.

What waits here are items: encoded chunks (docs/protocol.md, section 3) with their size. `take`
gives those that leave now in one datagram. The rules:

* The budget holds exactly, as budget.py says.
* Control and text go first, and are never dropped. But the first bundle that waits has its place in
  each datagram, and while one waits control takes no more than half of the rest: a long text does
  not cut off a voice.
* Talkers share what is left evenly by bytes: the one that has had least goes next (start-time fair
  queueing; Goyal, Vin, Cheng, 1996). Each has at most one bundle in a datagram, because the far end
  counts lost bundles by lost datagrams.
* Beyond the first of each a datagram takes the line for at most a second, so that nothing urgent
  waits long behind it.
* Company is cheap: an item may linger for others, but not when all who talk have something here.
* Media that has waited too long is dropped, the oldest first, and counted.

`now` is in seconds on any even clock.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Generic, TypeVar

from sotto_app.link.budget import LARGEST_CONTROL_BYTES, Line, Spent

TALKING_S = 3.0  # who offered nothing for so long is waited for no more
CONTROL_SHARE = 0.5  # of a datagram's room, while talkers wait

Content = TypeVar("Content")


class Drop(StrEnum):
    """Why media did not leave."""

    LATE = "waited too long"
    BIG = "too big for this link"
    GONE = "its call has ended"


@dataclass(frozen=True, slots=True)
class Item(Generic[Content]):
    """`size_bytes` is what it takes inside a datagram at most, its TALKER chunk included. A bundle
    lingers well for a tenth of its length, a report for a second, a text not at all.
    """

    content: Content
    size_bytes: int
    talker: int | None = None  # None: control and text
    linger_s: float = 0.0  # how long it may wait for company


@dataclass(slots=True)
class _Waiting(Generic[Content]):
    item: Item[Content]
    since_s: float

    @property
    def leaves_s(self) -> float:
        """When it goes without company."""
        return self.since_s + self.item.linger_s


@dataclass(slots=True)
class _Talker(Generic[Content]):
    had_bytes: float  # virtual: silence gathers no claims
    heard_s: float = -inf
    queue: deque[_Waiting[Content]] = field(default_factory=deque)


class Schedule(Generic[Content]):
    """One direction of one link. `line` may be replaced at any time."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.dropped: Counter[Drop] = Counter()
        self.lost: set[int] = set()  # talkers of whom something was dropped; for the owner to clear
        self.spare_bytes = 0  # what the datagram of the last `take` may hold besides its items
        self._spent = Spent()
        self._control: deque[_Waiting[Content]] = deque()
        self._talkers: dict[int, _Talker[Content]] = {}
        self._heard_s = -inf  # the last of all talkers
        self._turn_bytes = 0.0  # what those had had who went, at most

    def offer(self, item: Item[Content], now: float) -> None:
        """Take an item. Raises ValueError for control that is larger than any may be."""
        if item.talker is not None:
            self._offer_media(item, item.talker, now)
        elif item.size_bytes <= LARGEST_CONTROL_BYTES:
            self._control.append(_Waiting(item, now))
        else:
            raise ValueError(f"control of {item.size_bytes} bytes is too big")

    def take(self, now: float) -> list[Item[Content]]:
        """The items of the datagram that leaves now, control first; none if nothing may."""
        self._drop(now)
        due_s = self.due_s
        if due_s is None or due_s > now:
            return []
        talkers = self._in_turn()
        first = talkers[0].queue[0].item.size_bytes if talkers else 0
        left = self._spent.left_bytes(self.line, now) - self.line.around_bytes
        room = min(self.line.room_bytes, left)
        control = self._take_control((room - first) * (CONTROL_SHARE if talkers else 1))
        room -= sum(item.size_bytes for item in control)
        items = control + self._take_media(talkers, room)
        size = sum(item.size_bytes for item in items)
        self.spare_bytes = max(0, int(min(self.line.room_bytes, left)) - size)
        self._spent.add(self.line.around_bytes + size, self.line, now)
        return items

    def settle(self, wire_bytes: int) -> None:
        """What `take` gave went out as so many bytes, layers below included: fewer than counted,
        for long counters and escapes are rare, or as many more as `spare_bytes` allowed.
        """
        self._spent.correct(wire_bytes, self.line)

    def charge(self, wire_bytes: int, now: float) -> None:
        """A datagram left past this schedule (the set-up of a session): others wait for it."""
        self._spent.add(wire_bytes, self.line, now)

    def forget(self, talker: int) -> None:
        """A call has ended."""
        if gone := self._talkers.pop(talker, None):
            self.dropped[Drop.GONE] += len(gone.queue)

    def clear(self) -> None:
        """Nothing waits any more; what has left still counts."""
        self._control.clear()
        for talker in self._talkers.values():
            self.dropped[Drop.GONE] += len(talker.queue)
            talker.queue.clear()

    @property
    def has_media(self) -> bool:
        """Somebody's bundle waits."""
        return any(talker.queue for talker in self._talkers.values())

    @property
    def due_s(self) -> float | None:
        """When to call `take` next, if anything waits."""
        talkers = [talker for talker in self._talkers.values() if talker.queue]
        waiting = [*self._control, *(talker.queue[0] for talker in talkers)]
        if not waiting:
            return None
        first = min(talkers, key=_turn).queue[0].item.size_bytes if talkers else 0
        first += self._control[0].item.size_bytes if self._control else 0
        free_s = self._spent.free_s(self.line.around_bytes + first, self.line)
        if talkers and self._all_are_here():
            return max(free_s, min(one.since_s for one in waiting))
        return max(free_s, min(one.leaves_s for one in waiting))

    def room_at_s(self, size_bytes: int) -> float:
        """When the budget would let so many bytes of chunks go at once, if nothing else did; where
        that is more than it ever lets, when there is most room."""
        whole = min(self.line.around_bytes + size_bytes, self.line.window_bytes)
        return self._spent.free_s(whole, self.line)

    @property
    def queued_s(self) -> float:
        """How long the line needs for what waits, headers not counted."""
        queues = [self._control, *(talker.queue for talker in self._talkers.values())]
        return self.line.takes_s(sum(one.item.size_bytes for queue in queues for one in queue))

    def _offer_media(self, item: Item[Content], number: int, now: float) -> None:
        talker = self._talkers.setdefault(number, _Talker(self._turn_bytes))
        talker.heard_s = self._heard_s = now
        if not talker.queue:
            talker.had_bytes = max(talker.had_bytes, self._turn_bytes)
        talker.queue.append(_Waiting(item, now))
        self._drop_of(number, now)

    def _drop(self, now: float) -> None:
        for number in self._talkers:
            self._drop_of(number, now)

    def _drop_of(self, number: int, now: float) -> None:
        talker = self._talkers[number]
        while talker.queue:
            first = talker.queue[0]
            if first.item.size_bytes > self.line.largest_bytes:
                self.dropped[Drop.BIG] += 1
            elif now - first.since_s > self.line.patience_s:
                self.dropped[Drop.LATE] += 1
            else:
                return
            talker.queue.popleft()
            self.lost.add(number)

    def _in_turn(self) -> list[_Talker[Content]]:
        return sorted((it for it in self._talkers.values() if it.queue), key=_turn)

    def _all_are_here(self) -> bool:
        """Every talker of late has something waiting: there is no company to wait for."""
        late_s = self._heard_s - TALKING_S
        return all(it.queue or it.heard_s < late_s for it in self._talkers.values())

    def _take_control(self, room: float) -> list[Item[Content]]:
        """The first whatever the room, and those that fit."""
        taken: list[Item[Content]] = []
        while self._control:
            size = self._control[0].item.size_bytes
            if taken and size > room:
                break
            taken.append(self._control.popleft().item)
            room -= size
        return taken

    def _take_media(self, talkers: list[_Talker[Content]], room: float) -> list[Item[Content]]:
        """The first whatever the room, and those that fit."""
        taken: list[Item[Content]] = []
        for talker in talkers:
            item = talker.queue[0].item
            if taken and item.size_bytes > room:
                continue
            # whose bundles are small cannot take its part: its claim is one datagram, no more
            had = max(talker.had_bytes, self._turn_bytes - self.line.mtu_bytes)
            self._turn_bytes = max(self._turn_bytes, had)
            talker.had_bytes = had + item.size_bytes
            taken.append(talker.queue.popleft().item)
            room -= item.size_bytes
        return taken


def _turn(talker: _Talker[Content]) -> tuple[float, float]:
    """Who has had least goes first, then who waits longest."""
    return talker.had_bytes, talker.queue[0].since_s
