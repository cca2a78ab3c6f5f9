"""Two sessions over two channels, in virtual time: a whole call on a scripted link."""

import heapq
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from sotto_app.link.channel import Channel
from sotto_app.link.events import Event
from sotto_app.link.keys import KeyPair, Trust
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.listen import Listener
from sotto_app.link.packet import IPV4_UDP_BYTES
from sotto_app.link.profile import PERFECT, LinkProfile
from sotto_app.link.run import FrameShape
from sotto_app.link.session import ThinSession
from sotto_app.link.setup import Caller, Me, Reply
from sotto_app.link.talk import TalkSender

CODEC2_700C, VARYING, FULL = 1, 2, 3  # modes; 700C has 28 bits in 40 ms, two frames in 7 bytes
SHAPES = {
    CODEC2_700C: FrameShape(7, 80.0),
    VARYING: FrameShape(None, 60.0),
    FULL: FrameShape(88, 1040.0),
}
Kind = TypeVar("Kind")


def me(seed: int, trust: Trust = Trust.PINNED) -> Me:
    """A gateway whose keys follow from a number."""
    chance = random.Random(seed)
    return Me(KeyPair(chance.randbytes(32)), bytes(8), lambda key: trust, chance.randbytes)


@dataclass
class End:
    """A session, the channel that it sends on, and all that went on there."""

    session: ThinSession
    channel: Channel
    events: list[tuple[float, Event]] = field(default_factory=list)
    sent: list[tuple[float, bytes]] = field(default_factory=list)
    is_cut: bool = False  # nothing that is sent arrives

    def send(self, datagrams: Sequence[bytes], now: float) -> None:
        for datagram in datagrams:
            self.sent.append((now, datagram))
            if not self.is_cut:
                self.channel.send(datagram, now)

    def take(self, events: Sequence[Event], now: float) -> None:
        """A reply is sent, for there is only one other end; all else is kept."""
        self.send([event.datagram for event in events if isinstance(event, Reply)], now)
        self.events += [(now, event) for event in events if not isinstance(event, Reply)]

    def got(self, kind: type[Kind]) -> list[Kind]:
        return [event for _, event in self.events if isinstance(event, kind)]

    def bytes_between(self, from_s: float, to_s: float) -> int:
        """Sent, with the headers of UDP and IPv4."""
        sizes = [len(datagram) for at, datagram in self.sent if from_s <= at < to_s]
        return sum(sizes) + IPV4_UDP_BYTES * len(sizes)


class ThinCall:
    """A caller and a listener. `at` scripts what happens, `run` lets time pass."""

    def __init__(
        self,
        forth: LinkProfile = PERFECT,
        back: LinkProfile | None = None,
        settings: LinkSettings | None = None,
        seed: int = 0,
    ) -> None:
        settings = settings or LinkSettings(SHAPES)
        one, other = me(2 * seed + 1), me(2 * seed + 2)
        self.now = 0.0
        self._settings = settings
        self.caller = End(
            ThinSession(Caller(one, 0.0), one, settings), Channel(forth, IPV4_UDP_BYTES, seed)
        )
        self.listener = End(
            ThinSession(Listener(other), other, settings),
            Channel(back or forth, IPV4_UDP_BYTES, seed + 1000),
        )
        self._script: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    @property
    def ends(self) -> tuple[End, End]:
        return self.caller, self.listener

    def at(self, at_s: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._script, (at_s, next(self._order), act))

    def cut(self, from_s: float, to_s: float) -> None:
        """Nothing that is sent in this time arrives."""
        for end in self.ends:
            self.at(from_s, partial(setattr, end, "is_cut", True))
            self.at(to_s, partial(setattr, end, "is_cut", False))

    def talk(
        self, end: End, from_s: float, to_s: float, mode: int = CODEC2_700C, frames: int = 13
    ) -> list[bytes]:
        """One talker without a pause. Gives the frames as they will be: each another one."""
        sender, chance, said = end.session.talk(0, mode, frames, frames), random.Random(3), []
        shape = self._settings.shapes[mode]
        frame_ms, size = shape.frame_ms, shape.frame_bytes or 20
        for n in range(int((to_s - from_s) * 1000 / frame_ms)):
            said.append(n.to_bytes(3) + chance.randbytes(size - 3))
            start_ms = round(n * frame_ms)
            spoken_s = from_s + (start_ms + frame_ms) / 1000
            self.at(spoken_s, partial(self._say, end, sender, said[-1], start_ms))
        return said

    def message(self, end: End, at_s: float, body: bytes) -> None:
        self.at(at_s, lambda: end.session.send_message(body, self.now))

    def run(self, until_s: float) -> None:
        """All that happens until then, in order."""
        while (at_s := self._next_s()) is not None and at_s <= until_s:
            self.now = max(self.now, at_s)
            while self._script and self._script[0][0] <= self.now:
                heapq.heappop(self._script)[2]()
            for end, other in (self.ends, self.ends[::-1]):
                for datagram in other.channel.receive(self.now):
                    end.take(end.session.receive(datagram, self.now), self.now)
            for end in self.ends:
                datagrams, events = end.session.poll(self.now)
                end.send(datagrams, self.now)
                end.take(events, self.now)
                due_s = end.session.due_s
                assert due_s is None or due_s > self.now, "a session that is never done"
        self.now = max(self.now, until_s)

    def _say(self, end: End, sender: TalkSender, frame: bytes, start_ms: int) -> None:
        for packet in sender.add(frame, start_ms):
            end.session.send_media(0, packet, self.now)

    def _next_s(self) -> float | None:
        times = [self._script[0][0]] if self._script else []
        for end in self.ends:
            times += [
                at for at in (end.session.due_s, end.channel.next_arrival_s) if at is not None
            ]
        return min(times, default=None)
