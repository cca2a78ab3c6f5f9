"""The reliable side stream: text, mode offers, chat. Messages in order, complete, each once.

Segments carry 8-bit numbers, at most 16 are out at once. The receiver acknowledges all that it has
without a gap and eight places beyond, at its leisure: on a packet that goes anyway, or alone after
`ACK_WAIT_S`; where nothing is lost a whole message waits longer, for more of them to be
acknowledged at once. What is not acknowledged is sent again, at growing distances; after an outage,
and where a later one came, at once. Nothing is ever given up: when the session ends, so does the
stream. A message that waits is overtaken by all others, and goes when its owner lets it go.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sotto_app.link.chunks import Ack, Side
from sotto_app.link.packet import unwrap

SEQUENCE_BITS = 8
WINDOW = 16  # segments
MESSAGE_BYTES = 2000
SEGMENT_BYTES = 63
SEGMENT_HEAD_BYTES = 3
ACK_WAIT_S = 0.5
LAZY_ACK_WAIT_S = 6.0  # an acknowledgement alone costs as much as half a phrase
LAZY_BELOW = 0.01  # of packets lost
LAZY_SEGMENTS = WINDOW // 2  # no more wait for one
ACKED_BEYOND = 8  # places after the first gap that an acknowledgement tells of
FIRST_RTT_S = 2.0  # until it has been measured
RESEND_AT_LEAST_S, RESEND_AT_MOST_S = 1.0, 8.0
RESEND_RTTS = 1.5


@dataclass(slots=True)
class _Segment:
    side: Side
    sends: int = 0
    sent_s: float = 0.0  # the last time
    due_s: float = 0.0
    acked: bool = False


class ReliableSender:
    """One direction, the end that talks. `rtt_s` is set from outside, `ack_wait_s` as the other end
    has it (`ack_wait_s`)."""

    def __init__(self, segment_bytes: int = SEGMENT_BYTES) -> None:
        """`segment_bytes`: less than the greatest size where the link's packets are small."""
        if not 1 <= segment_bytes <= SEGMENT_BYTES:
            raise ValueError(f"a segment has 1 to {SEGMENT_BYTES} bytes, not {segment_bytes}")
        self.rtt_s = FIRST_RTT_S
        self.ack_wait_s = ACK_WAIT_S
        self.queued_bytes = 0
        self._segment_bytes = segment_bytes
        self._next = 0
        self._out: deque[_Segment] = deque()
        self._waiting: deque[Side] = deque()
        self._behind: deque[bytes] = deque()

    def send(self, message: bytes, waits: bool = False) -> None:
        """Queue a message; one that `waits`, until `let_go`. Raises ValueError where it is too
        long."""
        self.queued_bytes += len(checked(message))
        if waits:
            self._behind.append(message)
        else:
            self._cut(message)

    @property
    def behind_bytes(self) -> int | None:
        """Of the first message that waits, once all that went before it has arrived."""
        is_its_turn = self._behind and not self._waiting and not self._out
        return len(self._behind[0]) if is_its_turn else None

    def let_go(self) -> None:
        """The first message that waits goes, where `behind_bytes` tells of one."""
        if self.behind_bytes is not None:
            self._cut(self._behind.popleft())

    def take_back(self, is_gone: Callable[[bytes], bool]) -> None:
        """Messages that wait, and for which this holds, do not go any more."""
        before = sum(map(len, self._behind))
        self._behind = deque(it for it in self._behind if not is_gone(it))
        self.queued_bytes -= before - sum(map(len, self._behind))

    def wanted_bytes(self, now: float) -> int:
        """Of the next segment that is to go now, as it stands in a packet; 0 where none is."""
        segment = self._due(now)
        return _size(segment.side) if segment else 0

    def take(self, room_bytes: int, now: float) -> Side | None:
        """The next segment that is to go now, if it fits into what is left of a packet."""
        segment = self._due(now)
        if segment is None or _size(segment.side) > room_bytes:
            return None
        if segment not in self._out:
            self._out.append(segment)
            self._waiting.popleft()
        return self._sent(segment, now)

    def acknowledged(self, ack: Ack, now: float) -> None:
        """What the other end has. An acknowledgement that makes no sense changes nothing."""
        first = self._next - len(self._waiting) - len(self._out)
        base = unwrap(ack.base, first, SEQUENCE_BITS)
        if not first <= base <= first + len(self._out):
            return  # an old one, overtaken on its way
        newest = -1
        for index, segment in enumerate(self._out):
            beyond = first + index - base - 1
            came = beyond < -1 or (0 <= beyond < ACKED_BEYOND and ack.bits >> beyond & 1)
            if came and not segment.acked:
                segment.acked, newest = True, index
        self._resend_overtaken(newest, now)
        self._await(newest, now)
        while self._out and self._out[0].acked:
            self.queued_bytes -= len(self._out.popleft().side.data)

    def _cut(self, message: bytes) -> None:
        size = self._segment_bytes
        for start in range(0, len(message) or 1, size):
            is_last = start + size >= len(message)
            sequence = self._next % (1 << SEQUENCE_BITS)
            self._waiting.append(Side(sequence, is_last, message[start : start + size]))
            self._next += 1

    def _resend_overtaken(self, newest: int, now: float) -> None:
        """What was sent before one that has just come is lost: packets seldom change places."""
        for segment in list(self._out)[: max(0, newest)]:
            if segment.sent_s <= self._out[newest].sent_s:
                segment.due_s = min(segment.due_s, now)

    def _await(self, newest: int, now: float) -> None:
        """What stands behind a segment that has just come is likely on its way, in a slow queue:
        its time begins anew (as RFC 6298, 5.3)."""
        for index, segment in enumerate(self._out):
            if -1 < newest < index:
                segment.due_s = max(segment.due_s, now + self._patience_s)

    def hurry(self, now: float) -> None:
        """The other end is heard again after an outage: all that is missing may go now."""
        for segment in self._out:
            segment.sends, segment.due_s = 0, min(segment.due_s, now)

    @property
    def due_s(self) -> float | None:
        """When `take` has something: a time gone by where it has it now. None: nothing waits."""
        due_s = [segment.due_s for segment in self._out if not segment.acked]
        if self._waiting and len(self._out) < WINDOW:
            due_s.append(0.0)
        return min(due_s, default=None)

    def _due(self, now: float) -> _Segment | None:
        """One that is missing, else the first that waits."""
        for segment in self._out:
            if not segment.acked and segment.due_s <= now:
                return segment
        if not self._waiting or len(self._out) >= WINDOW:
            return None
        return _Segment(self._waiting[0])

    @property
    def _patience_s(self) -> float:
        """How long the acknowledgement of a segment may take."""
        return max(RESEND_AT_LEAST_S, RESEND_RTTS * self.rtt_s) + self.ack_wait_s

    def _sent(self, segment: _Segment, now: float) -> Side:
        wait_s = (self._patience_s - self.ack_wait_s) * 2**segment.sends
        segment.sent_s = now
        segment.due_s = now + min(wait_s, RESEND_AT_MOST_S) + self.ack_wait_s
        segment.sends = min(segment.sends + 1, 8)
        return segment.side


class ReliableReceiver:
    """One direction, the end that listens. `ack_wait_s`: of a message that came whole and in its
    turn; set from outside."""

    def __init__(self) -> None:
        self.ack_wait_s = ACK_WAIT_S
        self.ack_due_s: float | None = None  # when it is to go even alone
        self._next = self._acked = 0  # the first segment that has not come, that was not told of
        self._held: dict[int, Side] = {}
        self._message = bytearray()

    def receive(self, side: Side, now: float) -> list[bytes]:
        """The messages that are whole now."""
        place = unwrap(side.number, self._next, SEQUENCE_BITS)
        is_in_turn = place == self._next and not self._held
        if self._next <= place < self._next + WINDOW:
            self._held.setdefault(place, side)
        messages = []
        while self._next in self._held:
            part = self._held.pop(self._next)
            self._next += 1
            self._message += part.data[: MESSAGE_BYTES - len(self._message)]  # never without bound
            if part.last:
                messages.append(bytes(self._message))
                self._message.clear()
        may_wait = is_in_turn and side.last and self._next - self._acked < LAZY_SEGMENTS
        due_s = now + (self.ack_wait_s if may_wait else ACK_WAIT_S)
        self.ack_due_s = due_s if self.ack_due_s is None else min(self.ack_due_s, due_s)
        return messages

    def take_ack(self) -> Ack | None:
        """The acknowledgement, where one is owed."""
        if self.ack_due_s is None:
            return None
        self.ack_due_s, self._acked = None, self._next
        beyond = (place - self._next - 1 for place in self._held)
        return Ack(
            self._next % (1 << SEQUENCE_BITS), sum(1 << b for b in beyond if b < ACKED_BEYOND)
        )


def ack_wait_s(loss: float) -> float:
    """How long an acknowledgement may wait where so many packets are lost, by the last report of
    the end that acknowledges: so both ends know."""
    return LAZY_ACK_WAIT_S if loss < LAZY_BELOW else ACK_WAIT_S


def checked(message: bytes) -> bytes:
    """Raises ValueError where it is too long."""
    if len(message) > MESSAGE_BYTES:
        raise ValueError(f"a message has at most {MESSAGE_BYTES} bytes, not {len(message)}")
    return message


def _size(side: Side) -> int:
    return SEGMENT_HEAD_BYTES + len(side.data)
