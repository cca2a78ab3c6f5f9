"""The listening end of a set-up: it answers, and bears with whoever calls."""

from dataclasses import dataclass, replace

from sotto_app.link.datagram import (
    REFUSE_BYTES,
    VERSION,
    Drop,
    Dropped,
    Kind,
    Reason,
    SetUpMessage,
    check_set_up,
    write_refuse,
    write_set_up,
)
from sotto_app.link.handshake import Finished, HandshakeError, Own, Responder
from sotto_app.link.keys import Trust
from sotto_app.link.setup import Event, Me, Refused, Reply, SetUp

HALF_OPEN_MOST = 8
HALF_OPEN_S = 30.0  # since the hello came last
ANSWERS_S = 1.0  # between two answers to one hello, and between two refusals: a flood buys no more


@dataclass(frozen=True, slots=True, repr=False)
class _HalfOpen:
    """A hello that was answered; `number` counts them."""

    responder: Responder
    number: int
    heard_s: float


class Listener(SetUp):
    """Answers. A session of before does not keep the same or another caller from a new one."""

    def __init__(self, me: Me) -> None:
        super().__init__(me)
        self._half_open: dict[bytes, _HalfOpen] = {}  # by hello
        self._number = 0
        self._refused_s = float("-inf")
        self._newest: dict[bytes, int] = {}  # by the caller's key: the number of its session

    def _receive(self, message: SetUpMessage, now: float) -> list[Event]:
        self._half_open = {
            hello: half
            for hello, half in self._half_open.items()
            if now < half.heard_s + HALF_OPEN_S
        }
        if message.kind == Kind.HELLO and message.version != VERSION:
            return self._other_version(message, now)
        check_set_up(message)
        if message.kind == Kind.HELLO:
            return self._answer(message.body, now)
        if message.kind == Kind.FINISH:
            return self._finish(message.body, now)
        raise Dropped(Drop.UNEXPECTED)

    def _other_version(self, message: SetUpMessage, now: float) -> list[Event]:
        self.dropped[Drop.VERSION] += 1
        if len(message.body) <= REFUSE_BYTES:
            return []  # the answer is smaller than what came: nobody gains by a forged address
        refused = Refused(Reason.VERSION, message.version, by_us=True)
        return [*self._refuse(Reason.VERSION, now), refused]

    def _sealed(self, now: float) -> list[Event]:
        return [*super()._sealed(now), *self._refuse(Reason.NO_SESSION, now)]

    def _refuse(self, reason: Reason, now: float) -> list[Event]:
        if now < self._refused_s + ANSWERS_S:
            return []
        self._refused_s = now
        return [Reply(write_refuse(reason))]

    def _answer(self, hello: bytes, now: float) -> list[Event]:
        half = self._half_open.get(hello)
        if half is None and len(self._half_open) >= HALF_OPEN_MOST:
            self.dropped[Drop.FULL] += 1
            return self._refuse(Reason.FULL, now)
        if half is None:
            own = Own(self._me.static, self._pair())
            self._number += 1
            half = _HalfOpen(Responder(own, hello, self._me.payload), self._number, now)
        elif now < half.heard_s + ANSWERS_S:
            raise Dropped(Drop.REPLAYED)
        self._half_open[hello] = replace(half, heard_s=now)
        return [Reply(write_set_up(Kind.WELCOME, half.responder.welcome))]

    def _finish(self, body: bytes, now: float) -> list[Event]:
        for half in self._half_open.values():
            try:
                finished = half.responder.read_finish(body)
            except HandshakeError:  # of another half-open set-up, perhaps
                continue
            return self._finished(finished, half.number, now)
        raise Dropped(Drop.FORGED)

    def _finished(self, finished: Finished, number: int, now: float) -> list[Event]:
        trust = self._me.trust(finished.peer)
        if trust is Trust.CHANGED:
            refused = Refused(Reason.UNKNOWN_KEY, VERSION, True, finished.peer)
            return [*self._refuse(Reason.UNKNOWN_KEY, now), refused]
        if number <= self._newest.get(finished.peer, 0):  # late: the caller has a newer session
            raise Dropped(Drop.REPLAYED)
        self._newest[finished.peer] = number
        return [self._established(finished.keys, finished.peer, trust, finished.payload)]
