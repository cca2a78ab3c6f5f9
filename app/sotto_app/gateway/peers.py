"""Who sits in shared rooms, as this end of the thin link knows them."""

from collections.abc import Callable
from dataclasses import dataclass

from sotto_app.gateway.bill import Bill
from sotto_app.gateway.span import Span
from sotto_app.link.packet import SEQUENCE_BITS
from sotto_app.media.far import FarPipeline
from sotto_signaling.media import Place, ToPage
from sotto_signaling.messages import Joined, Message


@dataclass(slots=True)
class Near:
    """A peer of this relay."""

    call: int | None  # None: the link has no room for it, and the other end knows nothing of it
    place: Place
    mode: str  # "" until it is told
    muted: bool
    send: ToPage
    bill: Bill
    fits: bool = False  # the link has room for its mode


class Far:
    """A peer of the other relay, as the rooms of this one hear it."""

    def __init__(self, room: str, bill: Bill, closed: Callable[["Far"], None]) -> None:
        self.room, self.bill = room, bill
        self.socket = 0
        self.peer = ""
        self.pipeline: FarPipeline | None = None
        self.clock = Clock()
        self.span = Span()
        self._sequence = 0
        self._closed = closed

    def next_sequence(self) -> int:
        """Of packets to the pipeline. What the link lost is counted there, not here."""
        self._sequence = (self._sequence + 1) % (1 << SEQUENCE_BITS)
        return self._sequence

    def send(self, message: Message) -> None:
        """What its page would be told. Its own relay tells it all that it has to know."""
        if isinstance(message, Joined):
            self.peer = message.peer

    def close(self) -> None:
        self._closed(self)


class Clock:
    """The other relay's media time in terms of ours; the clocks are not set to each other.

    The first bundle of a call is taken to have come half a round trip after it was spoken; the
    jitter buffer follows what changes later. A step of more than STEP_MS is another clock.
    """

    STEP_MS = 60_000

    def __init__(self) -> None:
        self._ahead_ms: int | None = None

    def ours_ms(self, theirs_ms: int, round_trip_s: float | None, now: float) -> int:
        spoken_ms = round(now * 1000 - 500 * (round_trip_s or 0.0))
        if self._ahead_ms is None or abs(theirs_ms + self._ahead_ms - spoken_ms) > self.STEP_MS:
            self._ahead_ms = spoken_ms - theirs_ms
        return theirs_ms + self._ahead_ms
