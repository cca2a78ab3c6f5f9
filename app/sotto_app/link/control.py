"""What an established session sends besides media: reports, round trips, the reliable stream.

All of it rides on packets that go anyway. `due_s` says when it goes even alone.
"""

from collections import deque
from itertools import pairwise

from sotto_app.link import chunks
from sotto_app.link.events import Message
from sotto_app.link.reliable import SEGMENT_BYTES, ReliableReceiver, ReliableSender, ack_wait_s
from sotto_app.link.reports import Report, Reporter, RoundTrip, unpack_report

PING_AGAIN_S = (4.5, 9.0)  # until the first one of a session is answered: 3 s away, held for 1
PONG_WAIT_S, PONG_MOST_S = (
    1.0,
    2.5,
)  # for a packet that goes anyway: at least, and where one is near
LATE = 1.25  # by so much of the longest interval a packet is late at most
PONG_UNIT_S = 0.01
PINGS_KEPT = 4
SMALL_BYTES = 3 + 3 + 3 + 2  # a pong, an acknowledgement, a report, a ping


class Control:
    """Both directions of one session. `queued_ms` is what waits at this end to be sent, as the
    owner knows it; `is_silent` keeps the stream from sending into the void by itself."""

    def __init__(self, quiet_s: float, segment_bytes: int = SEGMENT_BYTES) -> None:
        """`quiet_s`: see Reporter."""
        self.reporter = Reporter(quiet_s)
        self.trip = RoundTrip()
        self.sender = ReliableSender(segment_bytes)
        self.queued_ms = 0.0
        self.is_silent = False
        self._receiver = ReliableReceiver()
        self._asked_s: dict[int, float] = {}  # pings of the other end
        self._ping_due_s: float | None = None
        self._pings = 0
        self._alone_s = 0.0
        self._went_s: deque[float] = deque(maxlen=5)  # the last packets of this direction

    def send(self, message: bytes, alone_s: float) -> None:
        """Queue a message, which waits until `alone_s` for a packet that goes anyway. Raises
        ValueError where it is too long."""
        self.sender.send(message)
        self._alone_s = alone_s

    def let_go(self, alone_s: float) -> None:
        """A message that waits in `sender` goes, as if it had been sent now."""
        self.sender.let_go()
        self._alone_s = alone_s

    def ping(self, due_s: float) -> None:
        """Ask for the round trip with a packet that goes anyway, alone at `due_s`. The first of a
        session is repeated: the answer says that both directions stand."""
        self._ping_due_s = due_s

    def receive(self, chunk: chunks.Chunk, now: float) -> list[Message | Report]:
        """What a chunk of the other end says; one that is not of these says nothing."""
        match chunk:
            case chunks.Side():
                return [Message(body) for body in self._receiver.receive(chunk, now)]
            case chunks.Ack():
                self.sender.acknowledged(chunk, now)
            case chunks.Report(bits):
                report = unpack_report(bits)
                self.sender.ack_wait_s = ack_wait_s(report.loss)
                return [report]
            case chunks.Ping(number) if len(self._asked_s) < PINGS_KEPT:
                self._asked_s.setdefault(number, now)
            case chunks.Pong(number, held) if self.trip.pong(number, held * PONG_UNIT_S, now):
                self.sender.rtt_s = self.trip.rtt_s or self.sender.rtt_s
                self._ping_due_s = None
        return []

    def take(self, room_bytes: int, now: float) -> list[chunks.Chunk]:
        """What goes with a packet that goes now, into so many bytes."""
        self._went_s.append(now)
        taken = self._small(now) if room_bytes >= SMALL_BYTES else []
        room_bytes -= len(chunks.write(taken))
        while (side := self.sender.take(room_bytes, now)) is not None:
            taken.append(side)
            room_bytes -= len(chunks.write([side]))
        return taken

    def wanted_bytes(self, now: float) -> int:
        """Room for what a packet that goes now takes along of this, with one segment."""
        small = 3 * bool(self._asked_s) + 3 * (self._receiver.ack_due_s is not None)
        small += 3 * self.reporter.may_ride(now) + 2 * (self._ping_due_s is not None)
        return max(SMALL_BYTES, small + self.sender.wanted_bytes(now))

    def due_s(self, last_sent_s: float) -> float | None:
        """When something goes alone."""
        due_s = [self.reporter.due_s(last_sent_s), self._ping_due_s, self._receiver.ack_due_s]
        due_s += [self._pong_due_s(asked_s) for asked_s in self._asked_s.values()]
        side_s = None if self.is_silent else self.sender.due_s
        if side_s is not None:
            due_s.append(max(side_s, self._alone_s))
        return min((at for at in due_s if at is not None), default=None)

    def _pong_due_s(self, asked_s: float) -> float:
        """While packets flow, when the next one must have gone; but soon where none do."""
        gaps_s = (later - sooner for sooner, later in pairwise(self._went_s))
        flow_s = max((gap_s for gap_s in gaps_s if gap_s <= PONG_MOST_S), default=0.0)
        near_s = self._went_s[-1] + LATE * flow_s if flow_s else asked_s
        return min(max(near_s, asked_s + PONG_WAIT_S), asked_s + PONG_MOST_S)

    def _small(self, now: float) -> list[chunks.Chunk]:
        taken: list[chunks.Chunk] = []
        if self._asked_s:
            number, asked_s = self._asked_s.popitem()
            taken.append(chunks.Pong(number, min(255, round((now - asked_s) / PONG_UNIT_S))))
        if (ack := self._receiver.take_ack()) is not None:
            taken.append(ack)
        if self.reporter.may_ride(now):
            report, is_ping_due = self.reporter.take(self.queued_ms, now)
            taken.append(chunks.Report(report.pack()))
            self._receiver.ack_wait_s = ack_wait_s(unpack_report(report.pack()).loss)
            if is_ping_due:
                self._ping_due_s = now
        if self._ping_due_s is not None and (not self._pings or self._ping_due_s <= now):
            taken.append(chunks.Ping(self.trip.ping(now)))
            again_s = PING_AGAIN_S[min(self._pings, len(PING_AGAIN_S) - 1)]
            self._ping_due_s = now + again_s if self.trip.rtt_s is None else None
            self._pings += 1
        return taken
