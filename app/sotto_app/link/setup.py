"""Setting a session up over a link that loses, doubles and reorders.

    hello    105 bytes   the caller's fresh key, then zeros: the answer must not be longer
    welcome  105 bytes   from here on the caller may send sealed datagrams, behind its finish
    finish    73 bytes   from here on the listener may send them
    refuse     2 bytes   the reason

The caller repeats what was not answered; the listener (listen.py) never speaks first. A session
that stands is not touched by what goes on here: it is replaced when a whole new set-up has come
through.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from sotto_app.link.datagram import (
    HELLO_BYTES,
    VERSION,
    Drop,
    Dropped,
    Kind,
    Reason,
    Sealed,
    SetUpMessage,
    check_set_up,
    parse,
    reason_of,
    write_set_up,
)
from sotto_app.link.handshake import (
    HandshakeError,
    Initiator,
    Own,
    SessionKeys,
)
from sotto_app.link.keys import KEY_BYTES, KeyPair, Trust
from sotto_app.link.sealing import Opener, Sealer

REPEAT_S = (4.0, 6.0, 8.0)  # then the last again and again: over satellites and HF 3 s pass
JITTER = 0.25  # of each wait, more: no link that comes and goes evenly loses them all
CONFIRM_S = 30.0  # a finish that nothing answers for this long is given up, and all begins anew


@dataclass(frozen=True, slots=True, repr=False)
class Me:
    """One gateway: its key, the 8 bytes that it tells the other end, and whom it trusts."""

    static: KeyPair
    payload: bytes
    trust: Callable[[bytes], Trust]
    random_bytes: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Reply:
    """To be sent to where the datagram that was received came from."""

    datagram: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Established:
    """A session stands; it takes the place of the one before."""

    sealer: Sealer
    opener: Opener
    peer_public: bytes
    trust: Trust
    payload: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """No session, for now: the caller goes on asking. `version` is the other end's. With `by_us`
    it is this end that refused; `peer_public` is the key that is not trusted."""

    reason: Reason
    version: int
    by_us: bool
    peer_public: bytes | None = None


Event = Reply | Established | Refused


class SetUp:
    """What the two ends have in common. Counts in `dropped` what it and its openers drop."""

    def __init__(self, me: Me) -> None:
        self.dropped: Counter[Drop] = Counter()
        self._me = me

    @property
    def due_s(self) -> float | None:
        """When to poll next, None: not before something is received."""
        return None

    def receive(self, datagram: bytes, now: float) -> list[Event]:
        """Of a datagram that no session is for. Never raises."""
        try:
            message = parse(datagram)
            return self._sealed(now) if isinstance(message, Sealed) else self._receive(message, now)
        except Dropped as drop:
            self.dropped[drop.reason] += 1
        except HandshakeError:
            self.dropped[Drop.FORGED] += 1
        return []

    def poll(self, now: float) -> list[bytes]:
        """Datagrams to send now, ahead of any sealed ones."""
        return []

    def confirm(self) -> None:
        """A sealed datagram of the other end has opened."""

    def _sealed(self, now: float) -> list[Event]:
        """There is no session, or none any more."""
        self.dropped[Drop.UNEXPECTED] += 1
        return []

    def _receive(self, message: SetUpMessage, now: float) -> list[Event]:
        raise NotImplementedError

    def _pair(self) -> KeyPair:
        return KeyPair(self._me.random_bytes(KEY_BYTES))

    def _established(
        self, keys: SessionKeys, peer: bytes, trust: Trust, payload: bytes
    ) -> Established:
        sealer, opener = Sealer(keys.send), Opener(keys.receive, self.dropped)
        return Established(sealer, opener, peer, trust, payload)


class Caller(SetUp):
    """Sends hello at the first poll, and again until there is a session."""

    def __init__(self, me: Me, now: float, line_s: float = 0.0) -> None:
        """`line_s`: how long hello and welcome take on the line, where that is known."""
        super().__init__(me)
        self._line_s = line_s
        self.restart(now)

    def restart(self, now: float) -> None:
        """For a session that is down, or whose counter has come to its end."""
        own = Own(self._me.static, self._pair())
        self._initiator: Initiator | None = Initiator(own, bytes(HELLO_BYTES - KEY_BYTES))
        self._give_up_s = float("inf")
        self._saying = write_set_up(Kind.HELLO, self._initiator.hello)
        self._said = 0
        self._due_s: float | None = now

    @property
    def due_s(self) -> float | None:
        return self._due_s

    def poll(self, now: float) -> list[bytes]:
        if self._due_s is None or now < self._due_s:
            return []
        if now >= self._give_up_s:
            self.restart(now)
        self._said_at(now)
        return [self._saying]

    def confirm(self) -> None:
        self._initiator = self._due_s = None  # one that is on its way beside it is called off

    def _receive(self, message: SetUpMessage, now: float) -> list[Event]:
        if message.kind == Kind.REFUSE and self._due_s is not None:
            return self._refused(reason_of(message), message.version)
        check_set_up(message)
        if message.kind != Kind.WELCOME or self._initiator is None:
            raise Dropped(Drop.UNEXPECTED)
        return self._welcomed(self._initiator, message.body, now)

    def _refused(self, reason: Reason, version: int) -> list[Event]:
        if reason is Reason.NO_SESSION:  # what was sealed has overtaken the set-up
            raise Dropped(Drop.UNEXPECTED)
        return [Refused(reason, version, by_us=False)]

    def _welcomed(self, initiator: Initiator, body: bytes, now: float) -> list[Event]:
        welcomed = initiator.read_welcome(body)
        trust = self._me.trust(welcomed.peer)
        if trust is Trust.CHANGED:  # perhaps of somebody in between: the right one may yet come
            return [Refused(Reason.UNKNOWN_KEY, VERSION, True, welcomed.peer)]
        finish, keys, _ = welcomed.finish(self._me.payload)
        self._initiator = None
        self._give_up_s = now + CONFIRM_S
        self._saying, self._said = write_set_up(Kind.FINISH, finish), 0
        self._said_at(now)
        established = self._established(keys, welcomed.peer, trust, welcomed.payload)
        return [Reply(self._saying), established]

    def _said_at(self, now: float) -> None:
        wait_s = REPEAT_S[min(self._said, len(REPEAT_S) - 1)]
        wait_s *= 1 + JITTER * self._me.random_bytes(1)[0] / 256
        self._due_s = now + wait_s + self._line_s
        self._said += 1
