"""One talker's receiving half: the chunks of packets in, bundles at their places in time out."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

from sotto_app.link.chunks import Earlier, Level, Media, Spurt, TalkerChunk
from sotto_app.link.lengths import LengthError
from sotto_app.link.run import MAX_DEPTH, MODE_BITS, TURN_BITS, Arrivals, Shapes
from sotto_app.link.timeline import Arrived, Placed, Timeline

GIVEN_BUNDLES = 512  # remembered, so that none is given twice: all depths of what a Timeline keeps
UNSURE_BUNDLES = 64


@dataclass(frozen=True, slots=True)
class Heard:
    """A bundle. `earlier`: it came as redundancy. Not `certain`: its time is an estimate."""

    mode: int
    start_ms: int
    payloads: tuple[bytes, ...]
    earlier: bool
    certain: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The talkspurt has ended; comfort noise at -`level` dBov."""

    level: int


@dataclass(frozen=True, slots=True)
class _Content:
    """What one packet holds of bundles: one, and those before it, the nearest first."""

    mode: int
    media: Media
    spurt: Spurt | None
    payloads: tuple[bytes, ...]
    earlier: tuple[tuple[bytes, tuple[bytes, ...]], ...]


class _Unfit(ValueError):
    """A bundle that cannot be understood; the words are the reason to count."""


class TalkReceiver:
    """The session puts each packet's counter into `arrivals` and passes on only what is new.

    Gives bundles in order within a packet; one that comes late is given all the same. Whatever
    cannot be understood is counted in `dropped` by reason.
    """

    def __init__(self, shapes: Shapes, arrivals: Arrivals) -> None:
        self.dropped: Counter[str] = Counter()
        self._shapes = shapes
        self._timeline = Timeline(arrivals)
        self._given = _Given()

    def receive(
        self, chunks: Sequence[TalkerChunk], counter: int, now: float
    ) -> list[Heard | Ended]:
        """The chunks of this talker in packet `counter`."""
        events: list[Heard | Ended] = []
        if self._timeline.is_forgotten(counter):
            self.dropped["too late"] += 1
            return events
        try:
            content = self._content(chunks, counter)
        except _Unfit as reason:
            self.dropped[str(reason)] += 1
            self._timeline.skip(counter)
            content = None
        if content:
            events += self._bundles(content, self._place(content, counter, now))
        level = next((chunk.level for chunk in chunks if isinstance(chunk, Level)), None)
        if level is not None and self._timeline.end_spurt(counter):
            events.append(Ended(level))
        return events

    def _content(self, chunks: Sequence[TalkerChunk], counter: int) -> _Content | None:
        media = next((chunk for chunk in chunks if isinstance(chunk, Media)), None)
        if media is None:
            return None
        spurt = next((chunk for chunk in chunks if isinstance(chunk, Spurt)), None)
        if spurt and (_low(spurt.mode, MODE_BITS), _low(spurt.number, TURN_BITS)) != (
            media.mode,
            media.turn,
        ):
            raise _Unfit("contradiction")
        mode = spurt.mode if spurt else self._mode(media.mode, counter)
        if mode not in self._shapes:
            raise _Unfit("unknown mode")
        try:
            payloads = self._shapes[mode].split(media.bundle)
        except LengthError as fault:
            raise _Unfit("bad bundle") from fault
        return _Content(mode, media, spurt, payloads, self._earlier(chunks, mode))

    def _mode(self, low: int, counter: int) -> int:
        """The mode with these low bits: that of the run, or the only one there is; else -1."""
        before = self._timeline.before(counter)
        if before and _low(before.arrived.mode, MODE_BITS) == low:
            return before.arrived.mode
        fitting = [mode for mode in self._shapes if _low(mode, MODE_BITS) == low]
        return fitting[0] if len(fitting) == 1 else -1

    def _earlier(
        self, chunks: Sequence[TalkerChunk], mode: int
    ) -> tuple[tuple[bytes, tuple[bytes, ...]], ...]:
        found: list[tuple[bytes, tuple[bytes, ...]]] = []
        for chunk in chunks:
            if not isinstance(chunk, Earlier):
                continue
            try:
                if chunk.distance != len(found) + 1 or chunk.distance > MAX_DEPTH:
                    raise LengthError("earlier bundles stand in a row, the nearest first")
                found.append((chunk.bundle, self._shapes[mode].core.split(chunk.bundle)))
            except LengthError:
                self.dropped["bad redundancy"] += 1
                break
        return tuple(found)

    def _place(self, content: _Content, counter: int, now: float) -> Placed:
        frame_ms = self._shapes[content.mode].frame_ms
        return self._timeline.place(
            Arrived(
                counter,
                content.mode,
                content.media.turn,
                content.spurt,
                len(content.payloads) * frame_ms,
                tuple(len(payloads) * frame_ms for _, payloads in content.earlier),
                now * 1000,
            )
        )

    def _bundles(self, content: _Content, placed: Placed) -> list[Heard]:
        """Those of them that are new, in order."""
        heard: list[Heard] = []
        bundles = ((content.media.bundle, content.payloads), *content.earlier)
        lengths_ms = (0.0, *placed.arrived.earlier_ms)
        start_ms, is_newest = placed.start_ms, self._timeline.is_newest(placed)
        for distance, (bundle, payloads) in enumerate(bundles):
            start_ms -= lengths_ms[distance]
            number = placed.number - distance if placed.sure else None
            if self._given.is_new(number, bundle) or (is_newest and not distance):
                heard.append(
                    Heard(content.mode, round(start_ms), payloads, distance > 0, placed.certain)
                )
        return heard[::-1]


class _Given:
    """What was given before: known by its number, or by its bytes where a number is not sure."""

    def __init__(self) -> None:
        self._by_number: dict[int, bytes] = {}
        self._unsure: deque[bytes] = deque(maxlen=UNSURE_BUNDLES)
        self._sure_since = 0

    def is_new(self, number: int | None, bundle: bytes) -> bool:
        """Whether this bundle was not given yet; it is now. None: of a number that is not sure."""
        is_new = bundle not in self._unsure
        if number is None:
            self._sure_since = 0
            self._unsure.append(bundle)
            return is_new and bundle not in self._by_number.values()
        is_new = is_new and number not in self._by_number
        self._remember(number, bundle)
        return is_new

    def _remember(self, number: int, bundle: bytes) -> None:
        self._by_number[number] = bundle
        if len(self._by_number) > GIVEN_BUNDLES:
            del self._by_number[next(iter(self._by_number))]
        self._sure_since += 1
        if self._sure_since > UNSURE_BUNDLES:
            self._unsure.clear()


def _low(value: int, bits: int) -> int:
    return value & (1 << bits) - 1
