"""One gateway's end of the thin link: set-up, sealing, media, messages and reports, composed.

    setting up --established--> up <--heard / nothing for 25 s--> silent
         ^                       |                                  |
         +---- a caller ---- down <---- nothing for 11 minutes -----+

A silent session goes on sending, and picks up where it was when the link is back: no new set-up.
Bytes and `now` in, datagrams and events out; what cannot be used is dropped and counted by reason.
"""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from sotto_app.link.chunks import Bye
from sotto_app.link.control import Control
from sotto_app.link.datagram import Dropped, is_set_up
from sotto_app.link.events import Back, Down, Event, Silent, Up
from sotto_app.link.incoming import Content, Incoming
from sotto_app.link.keys import words
from sotto_app.link.meter import Cost, Meter
from sotto_app.link.outgoing import LinkSettings, Outgoing, sealed_cost
from sotto_app.link.redundancy import Redundancy
from sotto_app.link.reliable import checked
from sotto_app.link.reports import Report
from sotto_app.link.sealing import COUNTER_END
from sotto_app.link.setup import Caller, Established, Listener, Me, Refused, Reply
from sotto_app.link.talk import Packet, TalkSender

SILENT_S = 25.0  # a keepalive of 20 s, and a slow link
DOWN_S = 660.0  # an outage of 10 minutes, and a keepalive on either side of it
AGAIN_S = 8.0  # after a goodbye
LAST_COUNTER = COUNTER_END - 1024
PING_WAIT_S = 1.0
LEAVES, RENEWS = 0, 1  # reasons of a goodbye
NOT_UP = "not up"


class State(StrEnum):
    SETTING_UP = "setting up"
    UP = "up"
    SILENT = "silent"
    DOWN = "down"


class _Exchange:
    """What belongs to one set of keys."""

    def __init__(self, established: Established, link: LinkSettings, now: float) -> None:
        self.control = Control(link.quiet_s, link.segment_bytes)
        self.outgoing = Outgoing(established.sealer, self.control, link)
        self.incoming = Incoming(established.opener, self.control, link.shapes)
        self.outgoing.heard(now)

    @property
    def dropped(self) -> Counter[str]:
        return self.incoming.dropped + self.outgoing.dropped


class ThinSession:
    """One end. `sent` and `received` count bytes by kind, all that passes here included.

    The owner calls `poll` when `due_s` has come, and after anything that it asked for. Where
    datagrams come from many addresses, a `Reply` goes to where its datagram came from, all else to
    where the last one came from that made `authentic` grow.
    """

    def __init__(self, set_up: Caller | Listener, me: Me, link: LinkSettings) -> None:
        self.sent, self.received = Meter(), Meter()
        self.authentic = 0
        self.most_depth = 3
        self.state = State.SETTING_UP
        self._set_up, self._me, self._link = set_up, me, link
        self._exchange: _Exchange | None = None
        self._waiting: list[bytes] = []
        self._senders: dict[int, TalkSender] = {}
        self._redundancy = Redundancy()
        self._dropped: Counter[str] = Counter()
        self._closed = False

    def talk(self, talker: int, mode: int, frames: int, first: int = 1) -> TalkSender:
        """A talker's sending half (see TalkSender); its depth follows the other end's reports.
        What it gives goes into `send_media`, by way of a scheduler where there is one."""
        sender = self._senders[talker] = TalkSender(self._link.shapes, mode, frames, first)
        return sender

    def hang_up(self, talker: int) -> None:
        self._senders.pop(talker, None)

    def send_media(self, talker: int, packet: Packet) -> None:
        """Media of one packet; it goes at the next poll, with what waits of other talkers."""
        if self._exchange is None:
            self._dropped[NOT_UP] += 1
        else:
            self._exchange.outgoing.offer(talker, packet)

    def send_message(self, message: bytes, now: float) -> None:
        """Reliably and in order; before the session is up, when it is. Raises ValueError where the
        message is too long."""
        if self._exchange:
            self._exchange.outgoing.send(message, now)
        else:
            self._waiting.append(checked(message))

    def receive(self, datagram: bytes, now: float) -> list[Event]:
        """Any bytes. Never raises."""
        below = Cost(below=self._link.below(datagram))
        if self._exchange is None or is_set_up(datagram):
            self.received.add(below + Cost(cryptography=len(datagram)), now)
            met = self._set_up.receive(datagram, now)
            return [event for it in met for event in self._greet(it, now)]
        try:
            received = self._exchange.incoming.receive(datagram, now)
        except Dropped:
            self.received.add(below + Cost(header=len(datagram)), now)
            return []
        cost = sealed_cost(datagram, received.plain_bytes, received.chunks, below.below)
        self.received.add(cost, now)
        return self._heard(self._exchange, now) + self._contents(received.contents, now)

    def poll(self, now: float) -> tuple[list[bytes], list[Event]]:
        """What goes now, and what time itself has brought about."""
        if self._closed:
            return [], []
        datagrams, events = [], self._pass(now)
        if self._exchange and self._exchange.outgoing.sealer.counter >= LAST_COUNTER:
            datagrams.append(self._exchange.outgoing.bye(RENEWS, now, self.sent))
            events.append(self._end("its packet counter is used up", now))
        for datagram in self._set_up.poll(now):
            self._count_set_up(datagram, now)
            datagrams.append(datagram)
        if self._exchange:
            datagrams += self._exchange.outgoing.take(now, self.sent)
        return datagrams, events

    def close(self, now: float) -> list[bytes]:
        """Say goodbye; nothing goes afterwards."""
        self._closed = True
        if self._exchange is None:
            return []
        goodbye = self._exchange.outgoing.bye(LEAVES, now, self.sent)
        self._exchange, self.state = None, State.DOWN
        return [goodbye]

    @property
    def due_s(self) -> float | None:
        """When to poll next; may have gone by. None: not before something happens."""
        if self._closed:
            return None
        due_s = [self._set_up.due_s]
        if self._exchange:
            due_s.append(self._exchange.outgoing.due_s)
            if (deaf_s := self._exchange.outgoing.deaf_since_s) is not None:
                due_s.append(deaf_s + (SILENT_S if self.state is State.UP else DOWN_S))
        return min((at for at in due_s if at is not None), default=None)

    @property
    def rtt_s(self) -> float | None:
        return self._exchange.control.trip.rtt_s if self._exchange else None

    @property
    def undelivered_bytes(self) -> int:
        """Of messages that the other end has not acknowledged."""
        waiting = sum(len(message) for message in self._waiting)
        return waiting + (self._exchange.control.sender.queued_bytes if self._exchange else 0)

    @property
    def dropped(self) -> Counter[str]:
        """Since the start, by reason: what came and was of no use, and what could not go."""
        counts = Counter({str(why): n for why, n in self._set_up.dropped.items()}) + self._dropped
        return counts + self._exchange.dropped if self._exchange else counts

    def queued(self, queued_ms: float) -> None:
        """How long what waits at this end takes to be sent; the other end is told."""
        if self._exchange:
            self._exchange.control.queued_ms = queued_ms

    def _greet(self, event: Reply | Established | Refused, now: float) -> list[Event]:
        if isinstance(event, Established):
            return self._stand(event, now)
        if isinstance(event, Reply):
            self._count_set_up(event.datagram, now)
        return [event]

    def _stand(self, established: Established, now: float) -> list[Event]:
        """A session begins, perhaps in the place of another."""
        events: list[Event] = [self._leave("set up anew")] if self._exchange else []
        exchange = self._exchange = _Exchange(established, self._link, now)
        for message in self._waiting:
            exchange.outgoing.send(message, now)
        self._waiting.clear()
        is_caller = isinstance(self._set_up, Caller)  # it waits for our first packet
        exchange.control.ping(now + PING_WAIT_S if is_caller else now)
        self.state = State.UP
        self.authentic += 1
        peer = established.peer_public
        spoken = words(self._me.static.public, peer)
        return [*events, Up(peer, established.trust, spoken, established.payload)]

    def _heard(self, exchange: _Exchange, now: float) -> list[Event]:
        silent_s = now - exchange.outgoing.heard_s
        self.authentic += 1
        self._set_up.confirm()
        exchange.outgoing.heard(now)
        if self.state is State.UP:
            return []
        self.state = State.UP
        exchange.control.is_silent = False
        exchange.control.sender.hurry(now)
        return [Back(silent_s)]

    def _contents(self, contents: Sequence[Content], now: float) -> list[Event]:
        events: list[Event] = []
        for content in contents:
            if isinstance(content, Bye):
                again_s = now if content.reason == RENEWS else now + AGAIN_S
                return [*events, self._end("the other end has left", again_s)]
            if isinstance(content, Report):
                depth = self._redundancy.update(content.loss, now, self.most_depth)
                for sender in self._senders.values():
                    sender.depth = depth
            events.append(content)
        return events

    def _pass(self, now: float) -> list[Event]:
        """What time brings: silence, then the end."""
        deaf_s = self._exchange.outgoing.deaf_since_s if self._exchange else None
        if self._exchange is None or deaf_s is None:
            return []
        if now >= deaf_s + DOWN_S:
            return [self._end("nothing was heard", now)]
        if self.state is State.UP and now >= deaf_s + SILENT_S:
            self.state = State.SILENT
            self._exchange.control.is_silent = True
            return [Silent()]
        return []

    def _end(self, reason: str, again_s: float) -> Down:
        down = self._leave(reason)
        self.state = State.DOWN
        if isinstance(self._set_up, Caller):
            self._set_up.restart(again_s)
        return down

    def _leave(self, reason: str) -> Down:
        undelivered = self.undelivered_bytes
        if self._exchange:
            self._dropped += self._exchange.dropped
        self._exchange = None
        return Down(reason, undelivered)

    def _count_set_up(self, datagram: bytes, now: float) -> None:
        below = self._link.below(datagram)
        self.sent.add(Cost(below=below, cryptography=len(datagram)), now)
