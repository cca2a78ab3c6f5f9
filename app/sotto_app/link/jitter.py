"""The jitter buffer: packets in when they come, frames out when they are needed.

Every frame has a place in media time. The buffer keeps a position there, asks by how much the
present moment runs ahead of it (the delay), and says with each frame how far that is from what the
measured jitter calls for, so that playout can stretch or shorten the sound.

* A frame that is missing while later ones are here was lost: it is concealed, and the position
  moves on.
* With nothing here at all the next packet may be late or lost, nobody knows: the sound is
  concealed by small steps and the position waits. When the next packet turns out to lie behind a
  gap, the time already concealed is taken off the gap, so that one lost packet costs no delay.
* After `idle_after_ms` of that the talker has stopped: the buffer is idle until the next packet.
"""

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from enum import Enum

WINDOW_S = 10.0
QUANTILE = 0.97
CHEAP_MS = 10.0  # so much more delay is no price for the last 3 %
MARGIN_MS = 5.0
LOSS_WINDOW_S = 5.0
MAX_SPREAD_MS = 1500.0  # a packet that comes later than this after the earliest is not waited for
SKIP_MS = 600.0  # a delay this far beyond its target is not stretched away but cut
RECENT = 8  # bundles: one that is shorter than any of them was cut
WAIT_MS = 20  # a late packet costs no more delay than it must, however long its frames are
NEVER_MS = -(1 << 62)


@dataclass(frozen=True, slots=True)
class MediaFrame:
    """One frame of one mode at its place in media time."""

    mode: int
    start_ms: int
    duration_ms: int
    payload: bytes

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.duration_ms


class Act(Enum):
    """What to do with a pulled frame."""

    PLAY = "play"
    RECOVER = "recover"  # it was lost; the frame here is its successor and may tell of it
    CONCEAL = "conceal"  # it was lost
    WAIT = "wait"  # it is late, or the talker has stopped: conceal so much


@dataclass(frozen=True, slots=True)
class Pulled:
    """The next piece of sound, `delay_ms` after it was spoken; `target_ms` would be enough."""

    act: Act
    frame: MediaFrame | None
    duration_ms: int
    delay_ms: float = 0.0
    target_ms: float = 0.0

    @property
    def excess_ms(self) -> float:
        """The delay beyond the target; negative is too early."""
        return self.delay_ms - self.target_ms


class Lateness:
    """How late packets come against media time, over the last `window_s`."""

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self.window_s = window_s
        self._by_time: deque[tuple[float, float]] = deque()
        self._sorted: list[float] = []

    def add(self, late_ms: float, now: float) -> None:
        self._by_time.append((now, late_ms))
        insort(self._sorted, late_ms)
        while self._by_time[0][0] < now - self.window_s:
            _, old = self._by_time.popleft()
            del self._sorted[bisect_left(self._sorted, old)]

    def clear(self) -> None:
        self._by_time.clear()
        self._sorted.clear()

    @property
    def target_ms(self) -> float:
        """The delay with which nearly all packets are in time."""
        return self.latest_ms + MARGIN_MS

    def __bool__(self) -> bool:
        return bool(self._sorted)

    @property
    def earliest_ms(self) -> float:
        return self._sorted[0]

    @property
    def jitter_ms(self) -> float:
        """Spread between the earliest packet and the target."""
        return self.latest_ms - self.earliest_ms if self._sorted else 0.0

    @property
    def latest_ms(self) -> float:
        """Of all but the worst 3 %, and of those too where that costs little."""
        most = self._sorted[round((len(self._sorted) - 1) * QUANTILE)]
        latest = min(self._sorted[-1], most + CHEAP_MS)
        return min(latest, self.earliest_ms + MAX_SPREAD_MS)


class JitterBuffer:
    """One direction of one call. `now` is in seconds on a clock that only has to run evenly."""

    def __init__(self, idle_after_ms: int = 400, max_delay_ms: int = 4000) -> None:
        self.idle_after_ms = idle_after_ms
        self.max_delay_ms = max_delay_ms
        self.lateness = Lateness()
        self.idle = True
        self.is_patient = False  # the very first sound waits for its whole delay, too
        self._frames: dict[int, MediaFrame] = {}
        self._position_ms = NEVER_MS
        self._stalled_ms = 0
        self._starting = False
        self.last_duration_ms = 20
        self._last_mode = -1
        self._recent_ms = deque[float](maxlen=RECENT)  # lengths of bundles
        self._played = deque[tuple[float, int, bool]]()  # when, ms, concealed

    def push(self, frames: list[MediaFrame], now: float, bundle_ms: float = 0.0) -> None:
        """Take the frames of one packet.

        A packet that carries less than `bundle_ms` came earlier than a full one will: the delay is
        made ready for those. But one with less than those before it is the last of a talkspurt: it
        left when the talker had been silent for a while, which says nothing of full ones.
        """
        if not frames:
            return
        first, length_ms = frames[0], frames[-1].end_ms - frames[0].start_ms
        late_ms = now * 1000 - first.start_ms + max(0.0, bundle_ms - length_ms)
        if self.lateness and abs(late_ms - self.lateness.target_ms) > self.max_delay_ms:
            self.reset()
        goes_on = first.mode == self._last_mode
        if not goes_on:
            self._last_mode = first.mode
            self.lateness.clear()  # another bundle length, another delay
            self._recent_ms.clear()
        self._recent_ms.append(length_ms)
        if not self.lateness or length_ms > max(self._recent_ms) - 1:  # times are rounded
            self.lateness.add(late_ms, now)
        if self.idle and first.start_ms >= self._position_ms:
            self.idle = False
            self._starting = goes_on or (self.is_patient and self._position_ms == NEVER_MS)
            self._stalled_ms = 0
            self._position_ms = first.start_ms
        for frame in frames:
            if frame.end_ms > self._position_ms:
                self._frames.setdefault(frame.start_ms, frame)

    def pull(self, now: float) -> Pulled | None:
        """What to play next, or None while the talker is silent."""
        if self.idle:
            return None
        if self._starting and self._excess_ms(now) < -2 * MARGIN_MS:
            return None  # silence went before: wait for the whole delay now, at no price
        self._starting = False
        if not self._frames or self._is_too_early(now):
            return self._wait(now)
        self._use_stalled_time(now)
        self._skip_if_far_behind(now)
        start_ms = min(self._frames)
        if start_ms > self._position_ms + self.idle_after_ms:  # not lost but a pause of the talker
            self._position_ms, self._starting = start_ms, True
            return self.pull(now)
        if start_ms > self._position_ms + self.last_duration_ms // 2:
            return self._fill_gap(self._frames[start_ms], now)
        frame = self._frames.pop(start_ms)
        self.last_duration_ms = frame.duration_ms
        pulled = self._pulled(Act.PLAY, frame, now)
        self._position_ms = frame.end_ms
        return pulled

    def reset(self) -> None:
        """Forget all: the sender's media time has no relation to before."""
        self._frames.clear()
        self.lateness.clear()
        self.idle = True
        self._position_ms = NEVER_MS

    def drain(self) -> list[MediaFrame]:
        """All frames that are still here, in order; the buffer is idle afterwards."""
        frames = [self._frames[start] for start in sorted(self._frames)]
        if frames:
            self._position_ms = frames[-1].end_ms
        self._frames.clear()
        self.idle = True
        return frames

    @property
    def depth_ms(self) -> int:
        """Sound that waits here."""
        return sum(frame.duration_ms for frame in self._frames.values())

    def concealed_share(self, now: float) -> float:
        """Share of the last five seconds' sound that was concealed."""
        recent = [it for it in self._played if it[0] >= now - LOSS_WINDOW_S]
        concealed_ms = sum(duration_ms for _, duration_ms, concealed in recent if concealed)
        return concealed_ms / max(1, sum(duration_ms for _, duration_ms, _ in recent))

    def _excess_ms(self, now: float) -> float:
        return now * 1000 - self._position_ms - self.lateness.target_ms

    def _pulled(self, act: Act, frame: MediaFrame | None, now: float) -> Pulled:
        duration_ms = WAIT_MS if act is Act.WAIT else self.last_duration_ms
        self._played.append((now, duration_ms, act is not Act.PLAY))
        while self._played[0][0] < now - LOSS_WINDOW_S:
            self._played.popleft()
        delay_ms = now * 1000 - self._position_ms
        return Pulled(act, frame, duration_ms, delay_ms, self.lateness.target_ms)

    def _wait(self, now: float) -> Pulled | None:
        self._stalled_ms += WAIT_MS
        if self._stalled_ms > self.idle_after_ms:
            self.idle = True
            return None
        return self._pulled(Act.WAIT, None, now)

    def _is_too_early(self, now: float) -> bool:
        """What has come lies behind a gap that has not been waited through yet, and there is time
        left to do so."""
        gap_ms = min(self._frames) - self._position_ms
        waits = 0 < self._stalled_ms < min(gap_ms, self.idle_after_ms)
        return waits and self._excess_ms(now) < gap_ms - 2 * MARGIN_MS

    def _use_stalled_time(self, now: float) -> None:
        """What of it the target calls for stays as delay."""
        gap_ms = min(self._frames) - self._position_ms
        usable_ms = min(gap_ms, self._stalled_ms, round(self._excess_ms(now)))
        self._position_ms += max(0, usable_ms)
        self._stalled_ms = 0

    def _skip_if_far_behind(self, now: float) -> None:
        if self._excess_ms(now) < SKIP_MS:
            return
        while self._excess_ms(now) > 0 and len(self._frames) > 1:
            self._position_ms = self._frames.pop(min(self._frames)).end_ms

    def _fill_gap(self, following: MediaFrame, now: float) -> Pulled:
        is_last = following.start_ms - self._position_ms <= self.last_duration_ms * 3 // 2
        act = Act.RECOVER if is_last else Act.CONCEAL
        pulled = self._pulled(act, following if is_last else None, now)
        self._position_ms += self.last_duration_ms
        return pulled
