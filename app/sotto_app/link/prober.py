"""The end that probes: it carries out the plan, and says what was measured."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from sotto_app.link.probe import ID_BYTES, LEAST_BYTES, Answer, Ask, BadProbe, is_probe, read
from sotto_app.link.probe_plan import Plan, Round, Shape
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


class Prober:
    """Begins at the first poll."""

    def __init__(self, random_bytes: Callable[[int], bytes], below_bytes: int, now: float) -> None:
        """`below_bytes` are those of the layers below, in each datagram."""
        self.due_s: float | None = now  # when to poll next; None when all is done
        self._id, self._random = random_bytes(ID_BYTES), random_bytes
        self._below_bytes, self._began_s = below_bytes, now
        self._log = Log()
        self._plan = Plan(self._log, below_bytes, now)
        self._rounds = self._plan.rounds()
        self._round = Round((), 0.0)
        self._asked: list[Sounding] = []  # in this round

    def poll(self, now: float) -> list[bytes]:
        """What to send now."""
        if self.due_s is None or now < self.due_s:
            return []
        self._plan.now = now
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
            self._log.note(answer, now)
            self._plan.left_bytes = answer.left_bytes
            self.due_s = self._sooner(self.due_s, now)

    @property
    def stage(self) -> str:
        return self._plan.stage

    @property
    def spent_bytes(self) -> int:
        """With the answers that are still to come."""
        return self._log.spent_bytes

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
            self._plan.now - self._began_s,
            self._plan.exhausted,
        )

    def _sounding(self, place: int, shape: Shape) -> Sounding:
        number = len(self._log.soundings) + place
        ask = Ask(self._id, number, shape.size_bytes, shape.pieces, shape.piece_bytes)
        where = Place.BEHIND if place else Place.ALONE if self._round.clear else Place.UNSURE
        return Sounding(ask, self._below_bytes, self._plan.now, where)

    def _sooner(self, due_s: float, now: float) -> float:
        """When this round ends, now that an answer has come."""
        if self._round.paced:
            return due_s
        if all(it.is_whole for it in self._asked):
            return now
        return min(due_s, now + OVERTAKEN_S if self._asked[-1].is_whole else inf)


def _way(passages: list[Passage], lost: Loss) -> Way:
    return Way(rate_of(passages), lost, jitter_of(passages), growth_of(passages))
