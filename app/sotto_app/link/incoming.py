"""What comes out of a sealed datagram, sorted to those whom it concerns."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sotto_app.link.chunks import Broken, Bye, Chunk, Side, Talker, TalkerChunk, read
from sotto_app.link.control import Control
from sotto_app.link.events import Bundle, Message, SpurtEnd
from sotto_app.link.hear import Ended, Heard, TalkReceiver
from sotto_app.link.reports import OUTAGE_S, Report
from sotto_app.link.run import Arrivals, Shapes
from sotto_app.link.sealing import Opener

_WORTH_REPORTING = TalkerChunk | Talker | Side
Content = Bundle | SpurtEnd | Message | Report | Bye


@dataclass(frozen=True, slots=True)
class Received:
    """A datagram that was authentic: what was in it, and what that comes to."""

    plain_bytes: int
    chunks: tuple[Chunk, ...]
    contents: tuple[Content, ...]


class Incoming:
    """One direction of one session."""

    def __init__(self, opener: Opener, control: Control, shapes: Shapes) -> None:
        self._opener = opener
        self._control = control
        self._shapes = shapes
        self._arrivals = Arrivals()
        self._talkers: dict[int, TalkReceiver] = {}
        self._dropped: Counter[str] = Counter()
        self._timed: tuple[int, float] | None = None  # whose lateness is measured, last heard when

    @property
    def dropped(self) -> Counter[str]:
        """What was authentic and yet of no use, by reason."""
        return sum((talker.dropped for talker in self._talkers.values()), self._dropped)

    def receive(self, datagram: bytes, now: float) -> Received:
        """Raises Dropped, counted by the opener."""
        opened = self._opener.open(datagram)
        self._arrivals.add(opened.counter)
        chunks = read(opened.plain)
        is_news = any(isinstance(chunk, _WORTH_REPORTING) for chunk in chunks)
        self._control.reporter.packet(opened.counter, now, is_news)
        contents: list[Content] = []
        for chunk in chunks:
            if isinstance(chunk, Talker):
                contents += self._talk(chunk.number, chunk.chunks, opened.counter, now)
            elif isinstance(chunk, Bye):
                contents.append(chunk)
            elif not isinstance(chunk, TalkerChunk):
                contents += self._control.receive(chunk, now)
        own = [chunk for chunk in chunks if isinstance(chunk, TalkerChunk)]
        contents += self._talk(0, own, opened.counter, now) if own else []
        return Received(len(opened.plain), tuple(chunks), tuple(contents))

    def _talk(
        self, talker: int, chunks: Sequence[TalkerChunk], counter: int, now: float
    ) -> list[Bundle | SpurtEnd]:
        for chunk in chunks:
            if isinstance(chunk, Broken):
                self._dropped[chunk.reason] += 1
        if talker not in self._talkers:
            self._talkers[talker] = TalkReceiver(self._shapes, self._arrivals)
        heard = self._talkers[talker].receive(chunks, counter, now)
        return [self._heard(talker, it, now) for it in heard]

    def _heard(self, talker: int, it: Heard | Ended, now: float) -> Bundle | SpurtEnd:
        if isinstance(it, Ended):
            return SpurtEnd(talker, it.level)
        if it.certain and not it.earlier:
            self._time(talker, it, now)
        return Bundle(talker, it.mode, it.start_ms, it.payloads, it.earlier, it.certain)

    def _time(self, talker: int, it: Heard, now: float) -> None:
        """Lateness is of one talker at a time, for each has a clock of its own."""
        if self._timed is None or now - self._timed[1] > OUTAGE_S:
            self._timed = talker, now
        if self._timed[0] == talker:
            self._timed = talker, now
            length_ms = len(it.payloads) * self._shapes[it.mode].frame_ms
            self._control.reporter.reception.bundle(now * 1000 - it.start_ms, length_ms, now)
