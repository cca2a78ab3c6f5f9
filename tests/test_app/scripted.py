"""Scripted packets and virtual time: a whole call in milliseconds, the same every time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sotto_app.link.jitter import Act, JitterBuffer, MediaFrame, Pulled


@dataclass(frozen=True, slots=True)
class Arrival:
    at_s: float
    frames: list[MediaFrame]
    bundle_ms: float = 0.0


def steady(
    seconds: float, frame_ms: int = 20, delay_of: Callable[[int], float | None] = lambda n: 30.0
) -> list[Arrival]:
    """A packet per frame; `delay_of` gives each packet's delay in ms, None where it is lost."""
    arrivals = []
    for n in range(int(seconds * 1000 / frame_ms)):
        delay_ms = delay_of(n)
        if delay_ms is not None:
            frame = MediaFrame(0, n * frame_ms, frame_ms, n.to_bytes(4, "big"))
            arrivals.append(Arrival((n * frame_ms + frame_ms + delay_ms) / 1000, [frame]))
    return sorted(arrivals, key=lambda arrival: arrival.at_s)


def spurts(
    talk: Iterable[tuple[int, int]],
    frame_ms: int,
    bundle: int,
    delay_of: Callable[[int], float] = lambda n: 15.0,
) -> list[Arrival]:
    """Talkspurts, each from its start in ms for so many frames, in bundles of `bundle`. The last
    leaves at the time at which a full one would; `delay_of` gives each bundle's delay in ms."""
    arrivals = list[Arrival]()
    for start_ms, frames in talk:
        for first in range(0, frames, bundle):
            places = range(first, min(first + bundle, frames))
            held = [
                MediaFrame(0, start_ms + n * frame_ms, frame_ms, n.to_bytes(4, "big"))
                for n in places
            ]
            left_ms = held[0].start_ms + bundle * frame_ms
            at_s = (left_ms + delay_of(len(arrivals))) / 1000
            arrivals.append(Arrival(at_s, held, bundle * frame_ms))
    return sorted(arrivals, key=lambda arrival: arrival.at_s)


@dataclass(slots=True)
class Heard:
    """What came out of a jitter buffer that was pulled for 20 ms at a time."""

    pulls: list[tuple[float, Pulled | None]] = field(default_factory=list)

    def count(self, act: Act) -> int:
        return sum(pulled is not None and pulled.act is act for _, pulled in self.pulls)

    @property
    def concealed(self) -> int:
        return sum(map(self.count, (Act.CONCEAL, Act.WAIT, Act.RECOVER)))

    def delay_ms(self, from_s: float, to_s: float) -> float:
        """Mean delay of what was played in a span of time."""
        delays = [
            pulled.delay_ms
            for at, pulled in self.pulls
            if from_s <= at < to_s and pulled and pulled.act is Act.PLAY
        ]
        return sum(delays) / len(delays)

    @property
    def payloads(self) -> list[bytes]:
        return [
            pulled.frame.payload
            for _, pulled in self.pulls
            if pulled and pulled.frame and pulled.act is Act.PLAY
        ]


def listen(
    arrivals: Iterable[Arrival], seconds: float, *, drift_ppm: float = 0.0, step_ms: float = 2.0
) -> Heard:
    """Play a script. The listener's clock runs `drift_ppm` faster than the talker's.

    Sound is stretched as playout would, by a `step_ms` with each piece that is far from the target.
    """
    buffer, heard = JitterBuffer(), Heard()
    waiting = sorted(arrivals, key=lambda arrival: arrival.at_s, reverse=True)
    held_ms, tick = 0.0, 0
    while (now := tick * 0.02) < seconds:
        while waiting and (at_s := waiting[-1].at_s * (1 + drift_ppm / 1e6)) <= now:
            arrival = waiting.pop()
            buffer.push(arrival.frames, at_s, arrival.bundle_ms)
        while held_ms < 20:
            pulled = buffer.pull(now)
            heard.pulls.append((now, pulled))
            if pulled is None:
                held_ms = 20
                break
            held_ms += pulled.duration_ms
            if pulled.act is Act.WAIT:
                continue
            if pulled.excess_ms > 20:
                held_ms -= step_ms
            elif pulled.excess_ms < 0:
                held_ms += step_ms
        held_ms -= 20
        tick += 1
    return heard
