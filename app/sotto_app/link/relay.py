"""Packets on their way to a browser undecoded, at an even pace.

A browser has a jitter buffer of its own, but that takes every step in the delay of the link for
jitter, and forgets it slowly. So the relay smooths what is more than the browser takes in its
stride: it holds each frame until a delay after it was spoken. On a quiet link that delay is the
least one that was measured, and nothing is held at all. What comes much too late, or a delay that
has to grow, becomes a gap in RTP time, which the browser conceals once.
"""

from dataclasses import dataclass

from sotto_app.link.jitter import Lateness, MediaFrame

BROWSER_TAKES_MS = 30.0  # of jitter, without a longer delay of its own
HOLD_AT_MOST_MS = 200.0  # beyond the least delay: what is later is rare, the browser conceals it
FORGET_S = 1.5  # after a stall, or when a link has become better
STEP_MS = 10.0  # smaller changes of the delay are not worth one
HASTE = 0.5  # how much faster than real time frames go while the delay shrinks


@dataclass(frozen=True, slots=True)
class Released:
    """A frame to send now, and how much time to leave out before it."""

    frame: MediaFrame
    skip_ms: float


class Relay:
    """One direction of one call. `now` is in seconds on a clock that only has to run evenly."""

    def __init__(self) -> None:
        self.lateness = Lateness(FORGET_S)
        self._frames: dict[int, MediaFrame] = {}
        self._next_ms: int | None = None  # media time after the last released frame
        self._delay_ms = 0.0
        self._skip_ms = 0.0  # RTP time to leave out before the next frame

    def push(self, frames: list[MediaFrame], now: float) -> None:
        """Take the frames of one packet; what was due before the last one is too late."""
        late_ms = now * 1000 - frames[0].start_ms
        if self._next_ms is None or not self.lateness:
            self._delay_ms = late_ms
        self.lateness.add(late_ms, now)
        for frame in frames:
            if self._next_ms is None or frame.start_ms >= self._next_ms:
                self._frames.setdefault(frame.start_ms, frame)

    def release(self, now: float) -> list[Released]:
        """The frames that are due."""
        released = []
        while (due_s := self.due_s) is not None and due_s <= now:
            frame = self._frames.pop(min(self._frames))
            released.append(self._release(frame, now * 1000))
        return released

    def drain(self) -> list[Released]:
        """All frames that are still held, whenever they are due. The next one starts anew."""
        frames = [self._frames[start_ms] for start_ms in sorted(self._frames)]
        self._frames.clear()
        self._next_ms = None
        self.lateness.clear()
        return [Released(frame, 0.0) for frame in frames]

    @property
    def due_s(self) -> float | None:
        """When the next frame is due, if there is one."""
        return (min(self._frames) + self._delay_ms) / 1000 if self._frames else None

    @property
    def held_ms(self) -> int:
        return sum(frame.duration_ms for frame in self._frames.values())

    @property
    def delay_ms(self) -> float:
        """From the moment of speaking to that of leaving here."""
        return max(self._delay_ms, self.lateness.earliest_ms) if self.lateness else 0.0

    def _release(self, frame: MediaFrame, now_ms: float) -> Released:
        lost_ms = 0 if self._next_ms is None else frame.start_ms - self._next_ms
        self._next_ms = frame.end_ms
        late_ms = now_ms - frame.start_ms - self._delay_ms
        if late_ms > BROWSER_TAKES_MS:
            self._grow(late_ms)
        released = Released(frame, lost_ms + self._skip_ms)
        self._skip_ms = 0.0
        missing_ms = self._wanted_ms - self._delay_ms
        if missing_ms > STEP_MS:
            self._grow(missing_ms)
        elif missing_ms < -STEP_MS and late_ms <= 1:  # it was held, and for too long
            self._delay_ms -= min(-missing_ms, HASTE * frame.duration_ms)
        return released

    def _grow(self, by_ms: float) -> None:
        self._delay_ms += by_ms
        self._skip_ms += by_ms

    @property
    def _wanted_ms(self) -> float:
        """The least delay if the browser takes the jitter; else one with which little is left."""
        earliest_ms, latest_ms = self.lateness.earliest_ms, self.lateness.latest_ms
        if latest_ms - earliest_ms <= BROWSER_TAKES_MS:
            return earliest_ms
        return min(latest_ms, earliest_ms + HOLD_AT_MOST_MS)
