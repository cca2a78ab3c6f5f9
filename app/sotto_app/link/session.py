"""One gateway's end of the thin link: set-up, sealing, media, messages and reports, composed.

    setting up --established--> up <--heard / nothing for 25 s--> silent
         ^                       |                                  |
         +---- a caller ---- down <---- nothing for 11 minutes -----+

A silent session goes on sending, and picks up where it was when the link is back: no new set-up.
Bytes and `now` in, datagrams and events out; what cannot be used is dropped and counted by reason.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum

from sotto_app.link.chunks import Bye
from sotto_app.link.datagram import Reason, is_set_up, write_refuse
from sotto_app.link.events import Down, Event, Up
from sotto_app.link.exchange import Exchange
from sotto_app.link.incoming import Content
from sotto_app.link.keys import words
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.listen import Listener
from sotto_app.link.meter import Cost, Meter
from sotto_app.link.redundancy import Redundancy
from sotto_app.link.reliable import checked
from sotto_app.link.reports import Report
from sotto_app.link.schedule import Schedule
from sotto_app.link.setup import Caller, Established, Me, Refused, Reply
from sotto_app.link.talk import Packet, TalkSender

AGAIN_S = 8.0  # after a goodbye
LEAVES, RENEWS = 0, 1  # reasons of a goodbye
NOT_UP = "not up"
NO_SESSION = write_refuse(Reason.NO_SESSION)
"""A listener's answer to a sealed datagram where it has no keys: it has been started again."""


class State(StrEnum):
    SETTING_UP = "setting up"
    UP = "up"
    SILENT = "silent"
    DOWN = "down"


class ThinSession:
    """One end. `sent` and `received` count bytes by kind, those of the layers below included.

    The owner calls `poll` when `due_s` has come, and after anything that it asked for. Where
    datagrams come from many addresses, a `Reply` goes to where its datagram came from, all else to
    where the last one came from that made `authentic` grow.
    """

    def __init__(self, set_up: Caller | Listener, me: Me, link: LinkSettings) -> None:
        self.sent, self.received = Meter(), Meter()
        self.authentic = 0
        self.most_depth = 3  # of redundancy, where the budget has room
        self._set_up, self._me, self._link = set_up, me, link
        self._exchange: Exchange | None = None
        self._without = State.SETTING_UP  # the state while there is no exchange
        self._waiting: list[tuple[bytes, bool]] = []  # messages, and whether they are to wait
        self._senders: dict[int, TalkSender] = {}
        self._schedule = Schedule[Packet](link.line)
        self._redundancy, self.depth = Redundancy(link.depth), link.depth
        self._dropped: Counter[str] = Counter()
        self._closed = False

    @property
    def state(self) -> State:
        if self._exchange is None:
            return self._without
        return State.SILENT if self._exchange.is_silent else State.UP

    def talk(self, talker: int, mode: int, frames: int, first: int = 1) -> TalkSender:
        """A talker's sending half (see TalkSender); its depth follows the other end's reports.
        What it gives goes into `send_media`."""
        sender = self._senders[talker] = TalkSender(self._link.shapes, mode, frames, first)
        sender.depth = self.depth
        return sender

    def hang_up(self, talker: int) -> None:
        """The talker's half is not needed any more, nor what waits of it."""
        self._senders.pop(talker, None)
        self._schedule.forget(talker)

    def send_media(self, talker: int, packet: Packet, now: float, linger_s: float = 0.0) -> None:
        """Media of one packet. It goes in its turn, when the budget lets it, and may wait so long
        for company of other talkers; what has waited too long is dropped."""
        if self._exchange is None:
            self._dropped[NOT_UP] += 1
        else:
            self._exchange.outgoing.offer(talker, packet, now, linger_s)

    def send_message(self, message: bytes, now: float, waits: bool = False) -> None:
        """Reliably and in order; as soon as a ping of this session is answered, for one that is up
        at one end alone may yet be set up anew. One that `waits` goes when all that was sent has
        arrived, and where the budget has room for a phrase behind it. Raises ValueError where the
        message is too long."""
        self._waiting.append((checked(message), waits))
        self._send_waiting(now)

    def take_back(self, is_gone: Callable[[bytes], bool]) -> None:
        """Messages that wait, and for which this holds, do not go any more."""
        self._waiting = [
            (message, waits) for message, waits in self._waiting if not (waits and is_gone(message))
        ]
        if self._exchange:
            self._exchange.control.sender.take_back(is_gone)

    def receive(self, datagram: bytes, now: float) -> list[Event]:
        """Any bytes. Never raises."""
        if self._closed:
            return []
        if self._exchange is None or is_set_up(datagram):
            return self._meet(datagram, now)
        received = self._exchange.receive(datagram, now, self.received)
        if received is None:
            return []
        self.authentic += 1
        self._set_up.confirm()
        self._send_waiting(now)
        back, contents = received
        return [*back, *self._contents(contents, now)]

    def poll(self, now: float) -> tuple[list[bytes], list[Event]]:
        """What goes now, and what time itself has brought about."""
        if self._closed:
            return [], []
        datagrams, events = self._pass(now)
        for datagram in self._set_up.poll(now):
            self._count_sent(datagram, now)
            datagrams.append(datagram)
        if self._exchange:
            datagrams += self._exchange.outgoing.take(now, self.sent)
            self._say_where_they_are()
        return datagrams, events

    def close(self, now: float) -> list[bytes]:
        """Say goodbye; nothing is sent or received afterwards."""
        exchange, self._exchange = self._exchange, None
        self._closed, self._without = True, State.DOWN
        return [exchange.outgoing.bye(LEAVES, now, self.sent)] if exchange else []

    @property
    def due_s(self) -> float | None:
        """When to poll next; may have gone by. None: not before something happens."""
        if self._closed:
            return None
        due_s = [self._set_up.due_s, self._exchange.due_s if self._exchange else None]
        return min((at for at in due_s if at is not None), default=None)

    @property
    def rtt_s(self) -> float | None:
        return self._exchange.control.trip.rtt_s if self._exchange else None

    def loss(self, now: float) -> float:
        """Share of the packets to this end that were lost, of the last 32 or those of 5 s."""
        return self._exchange.control.reporter.reception.loss(now) if self._exchange else 0.0

    @property
    def queued_s(self) -> float:
        """How long the line needs for what waits to leave."""
        return self._schedule.queued_s

    @property
    def undelivered_bytes(self) -> int:
        """Of messages that the other end has not acknowledged."""
        waiting = sum(len(message) for message, _ in self._waiting)
        return waiting + (self._exchange.control.sender.queued_bytes if self._exchange else 0)

    @property
    def dropped(self) -> Counter[str]:
        """Since the start, by reason: what came and was of no use, and what could not go."""
        counts = Counter({str(why): n for why, n in self._set_up.dropped.items()}) + self._dropped
        counts.update({str(why): n for why, n in self._schedule.dropped.items()})
        return counts + self._exchange.dropped if self._exchange else counts

    def _meet(self, datagram: bytes, now: float) -> list[Event]:
        """Of a datagram that no keys of ours are for."""
        self._count_set_up(self.received, datagram, now)
        met: Sequence[Reply | Established | Refused] = self._set_up.receive(datagram, now)
        if datagram == NO_SESSION:
            self._forgotten(now)
        return [event for it in met for event in self._greet(it, now)]

    def _forgotten(self, now: float) -> None:
        """The other end says that it has no session, and has not been heard for a while: before
        that it may be an echo of the set-up. A forged word costs a hello: this session stays until
        a new one does, and the next packet that opens calls the set-up off."""
        if isinstance(self._set_up, Caller) and self.state is State.SILENT:
            if self._set_up.due_s is None:
                self._set_up.restart(now)

    def _greet(self, event: Reply | Established | Refused, now: float) -> list[Event]:
        if isinstance(event, Established):
            return self._stand(event, now)
        if isinstance(event, Reply):
            self._count_sent(event.datagram, now)
        return [event]

    def _stand(self, established: Established, now: float) -> list[Event]:
        """A session begins, perhaps in the place of another."""
        events: list[Event] = [self._leave("set up anew")] if self._exchange else []
        exchange = self._exchange = Exchange(established, self._link, self._schedule, now)
        exchange.control.ping(now)
        for sender in self._senders.values():
            sender.restart()
        self.authentic += 1
        peer = established.peer_public
        spoken = words(self._me.static.public, peer)
        return [*events, Up(peer, established.trust, spoken, established.payload)]

    def _send_waiting(self, now: float) -> None:
        if self._exchange and self.rtt_s is not None:
            for message, waits in self._waiting:
                self._exchange.outgoing.send(message, now, waits)
            self._waiting.clear()

    def _contents(self, contents: Sequence[Content], now: float) -> list[Event]:
        events: list[Event] = []
        for content in contents:
            if isinstance(content, Bye):
                again_s = now if content.reason == RENEWS else now + AGAIN_S
                return [*events, self._end("the other end has left", again_s)]
            if isinstance(content, Report):
                self.depth = self._redundancy.update(content.loss, now, self.most_depth)
                for sender in self._senders.values():
                    sender.depth = self.depth
            events.append(content)
        return events

    def _pass(self, now: float) -> tuple[list[bytes], list[Event]]:
        """What time brings: silence, then the end; or the end of the packet numbers."""
        exchange = self._exchange
        if exchange is None:
            return [], []
        if exchange.is_used_up:
            goodbye = exchange.outgoing.bye(RENEWS, now, self.sent)
            return [goodbye], [self._end("its packet numbers are used up", now)]
        if exchange.is_over(now):
            return [], [self._end("nothing was heard", now)]
        return [], [*exchange.notice(now)]

    def _end(self, reason: str, again_s: float) -> Down:
        down = self._leave(reason)
        self._without = State.DOWN
        if isinstance(self._set_up, Caller):
            self._set_up.restart(again_s)
        return down

    def _leave(self, reason: str) -> Down:
        undelivered = self.undelivered_bytes
        if self._exchange:
            self._dropped += self._exchange.dropped
        self._exchange = None
        self._schedule.clear()
        return Down(reason, undelivered)

    def _say_where_they_are(self) -> None:
        """The next bundle of those who lost one begins a run: it has its number and time."""
        for talker in self._schedule.lost & self._senders.keys():
            self._senders[talker].restart()
        self._schedule.lost.clear()

    def _count_sent(self, datagram: bytes, now: float) -> None:
        """Of set-up, which waits for nothing."""
        self._count_set_up(self.sent, datagram, now)
        self._schedule.charge(self._link.wire_bytes(datagram), now)

    def _count_set_up(self, meter: Meter, datagram: bytes, now: float) -> None:
        meter.add(Cost(below=self._link.below(datagram), cryptography=len(datagram)), now)
