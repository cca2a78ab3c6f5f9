"""One talker's sending half: frames in, the chunks of packets out."""

from collections import deque
from dataclasses import dataclass

from sotto_app.link.bundle import RAMP_PACKETS
from sotto_app.link.chunks import Earlier, Level, Media, Spurt, TalkerChunk
from sotto_app.link.run import (
    MAX_DEPTH,
    NUMBER_BITS,
    ROUNDING_MS,
    RUN_SPURTS,
    SPURT_EVERY,
    TIME_BITS,
    TURN_BITS,
    Shapes,
)

Packet = tuple[TalkerChunk, ...]  # of one packet, in the order in which they are written


@dataclass(frozen=True, slots=True)
class _Sent:
    mode: int
    start_ms: float
    end_ms: float
    payloads: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """Bundles of `frames` each, `sent` so far, the next one due at `next_ms`."""

    frames: int
    next_ms: float
    sent: int


class TalkSender:
    """What `add`, `flush`, `end` and `set_mode` give is one tuple of chunks per packet.

    Bundles start with `first` frames and grow by one every fourth packet, to `frames`: the far end
    gains the delay of a full bundle by stretching sound instead of by a gap. What is not full ends
    where the media time jumps. `depth` (0-3) earlier bundles go along with each.
    """

    def __init__(self, shapes: Shapes, mode: int, frames: int, first: int = 1) -> None:
        self.depth = 0
        self._shapes = shapes
        self._number = 0
        self._full = self._size = self._of_size = 0
        self._payloads: list[bytes] = []
        self._start_ms = 0.0
        self._run: _Run | None = None
        self._recent: deque[_Sent] = deque(maxlen=MAX_DEPTH)
        self._begin(mode, frames, first)

    def set_mode(self, mode: int, frames: int, first: int = 1) -> list[Packet]:
        """What comes next is in another mode. Gives what was held back."""
        packets = self.flush()
        self._begin(mode, frames, first)
        return packets

    def resize(self, frames: int) -> None:
        """Bundles of so many frames from the next one on, or growing to that."""
        self._full = frames
        if self._size > frames:
            self._size, self._of_size = frames, 0

    def restart(self) -> None:
        """The other end knows nothing of what was sent: a new session. The next bundle begins a
        run."""
        self._run = None
        self._recent.clear()

    def add(self, payload: bytes, start_ms: float) -> list[Packet]:
        """A frame of the mode; one that does not follow on the last begins another run."""
        due_ms = self._start_ms + len(self._payloads) * self._shape.frame_ms
        packets = self.flush() if abs(start_ms - due_ms) > ROUNDING_MS else []
        if not self._payloads:
            self._start_ms = start_ms
        self._payloads.append(payload)
        return packets + self.flush() if len(self._payloads) >= self._size else packets

    def flush(self) -> list[Packet]:
        """What there is of a bundle."""
        return [(*self._prelude(), self._media())] if self._payloads else []

    def end(self, level: int) -> list[Packet]:
        """The talkspurt has ended, with comfort noise at -`level` dBov."""
        sound = (*self._prelude(), Level(level), self._media()) if self._payloads else None
        self._run = None
        return [sound or (Level(level),)]

    def _begin(self, mode: int, frames: int, first: int) -> None:
        self._mode, self._shape = mode, self._shapes[mode]
        self._full = frames
        self._size, self._of_size = min(first, frames), 0  # frames, and packets with so many
        self._run = None

    def _prelude(self) -> list[TalkerChunk]:
        """What goes before the bundle."""
        run = self._run
        if run and (
            len(self._payloads) > run.frames or abs(run.next_ms - self._start_ms) > ROUNDING_MS
        ):
            run = None
        self._run = run or _Run(len(self._payloads), self._start_ms, 0)
        return [*self._spurt(self._run.sent), *self._earlier()]

    def _spurt(self, sent: int) -> list[TalkerChunk]:
        if sent >= RUN_SPURTS and sent % SPURT_EVERY:
            return []
        time_ms = round(self._start_ms) % (1 << TIME_BITS)
        return [Spurt(self._mode, self._number % (1 << NUMBER_BITS), time_ms)]

    def _earlier(self) -> list[TalkerChunk]:
        """Earlier bundles, the nearest first, each ending where the next begins."""
        chunks: list[TalkerChunk] = []
        start_ms = self._start_ms
        for sent in list(reversed(self._recent))[: self.depth]:
            if sent.mode != self._mode or abs(sent.end_ms - start_ms) > ROUNDING_MS:
                break
            chunks.append(Earlier(len(chunks) + 1, self._shape.cut(sent.payloads)))
            start_ms = sent.start_ms
        return chunks

    def _media(self) -> Media:
        """The bundle itself; the run and the sizes go on."""
        frames, payloads = len(self._payloads), tuple(self._payloads)
        end_ms = self._start_ms + frames * self._shape.frame_ms
        self._recent.append(_Sent(self._mode, self._start_ms, end_ms, payloads))
        media = Media(self._mode & 31, self._number % (1 << TURN_BITS), self._shape.join(payloads))
        self._go_on(frames)
        self._payloads.clear()
        self._number += 1
        return media

    def _go_on(self, frames: int) -> None:
        run, length_ms = self._run, frames * self._shape.frame_ms
        if run:
            goes_on = frames == run.frames
            self._run = _Run(frames, run.next_ms + length_ms, run.sent + 1) if goes_on else None
        self._of_size += 1
        if self._of_size >= RAMP_PACKETS:
            self._size, self._of_size = min(self._full, self._size + 1), 0
