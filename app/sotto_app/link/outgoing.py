"""What goes into the next packet, and when: the schedule says who, control fills what is left."""

from collections.abc import Sequence

from sotto_app.link.budget import LARGEST_CONTROL_BYTES
from sotto_app.link.chunks import (
    Bye,
    Chunk,
    Earlier,
    Hold,
    Media,
    Ping,
    Side,
    Talker,
    TalkerChunk,
    write,
)
from sotto_app.link.control import SMALL_BYTES, Control
from sotto_app.link.costs import sealed_cost, size_of_all
from sotto_app.link.link_settings import QUIET_S, LinkSettings
from sotto_app.link.meter import Meter
from sotto_app.link.schedule import Item, Schedule
from sotto_app.link.sealing import Sealer
from sotto_app.link.talk import Packet

UNHEARD_S, UNHEARD_PACKETS = 5.0, 48  # since the other end was heard: it may have lost its place
MEDIA_FLOWS_S = 1.5  # after a packet with media another one is near
SIDE_WAIT_S = 0.5  # that a message waits for that one
PHRASE_BYTES = 80  # of words, in a datagram of its own
_ASKING = Media | Talker | Side | Ping  # for an answer, sooner or later


class Outgoing:
    """One direction of one session."""

    def __init__(
        self, sealer: Sealer, control: Control, link: LinkSettings, schedule: Schedule[Packet]
    ) -> None:
        """`schedule` has nothing waiting; it goes on from one session to the next."""
        self.last_sent_s = self.last_media_s = float("-inf")
        self.heard_s = float("-inf")
        self.sealer = sealer
        self._control = control
        self._link = link
        self._schedule = schedule
        self._skipped = schedule.dropped.total()
        self._heard_counter = 0
        self._has_skipped = False
        self._unanswered_s: float | None = None
        self._control_waits = False

    def send(self, message: bytes, now: float, waits: bool = False) -> None:
        """Queue a message; one that `waits`, until all else has arrived and the budget has room for
        a phrase behind it. Raises ValueError where it is too long."""
        if waits:
            self._control.sender.send(message, waits)
        else:
            self._control.send(message, self._alone_s(now))

    def offer(self, talker: int, packet: Packet, now: float, linger_s: float) -> None:
        """What `TalkSender` gave for one packet. It goes in its turn, after lingering for company;
        with as much redundancy as a datagram has room for."""
        chunks = list(packet)
        while (size := size_of_all(_wrapped(talker, chunks))) > self._schedule.line.largest_bytes:
            earlier = [chunk for chunk in chunks if isinstance(chunk, Earlier)]
            if not earlier:
                break
            chunks.remove(earlier[-1])
        self._schedule.offer(Item(tuple(chunks), size, talker, linger_s), now)

    def heard(self, now: float) -> None:
        """A packet of the other end has opened."""
        self.heard_s, self._heard_counter = now, self.sealer.counter
        self._unanswered_s = None

    @property
    def deaf_since_s(self) -> float | None:
        """Since when the other end ought to have been heard. Without keepalives only what asks for
        an answer has one, and that may take as long as who listens may be silent."""
        if self._link.keepalive_s:
            return self.heard_s
        return None if self._unanswered_s is None else self._unanswered_s + QUIET_S

    @property
    def due_s(self) -> float | None:
        """When `take` has something; None: never, as things are."""
        control_s = None if self._control_waits else self._control_due_s
        due_s = [self._schedule.due_s, control_s, self._behind_due_s]
        return min((at for at in due_s if at is not None), default=None)

    def take(self, now: float, meter: Meter) -> list[bytes]:
        """All datagrams that go now. Raises CounterEnd."""
        datagrams = list[bytes]()
        if (behind_s := self._behind_due_s) is not None and behind_s <= now:
            self._control.let_go(self._alone_s(now))
        self._offer_control(now)
        while items := self._schedule.take(now):
            self._skip()
            datagrams += self._datagram(items, now, meter)
            self._offer_control(now)
        self._skip()
        return datagrams

    def bye(self, reason: int, now: float, meter: Meter) -> bytes:
        """The last datagram; it waits for nothing."""
        datagram = self._seal([Bye(reason)], now, meter)
        self._schedule.charge(self._link.wire_bytes(datagram), now)
        return datagram

    @property
    def _control_due_s(self) -> float | None:
        due_s = self._control.due_s(self.last_sent_s)
        if self._link.keepalive_s:
            alive_s = self.last_sent_s + self._link.keepalive_s
            due_s = alive_s if due_s is None else min(due_s, alive_s)
        return due_s

    @property
    def _behind_due_s(self) -> float | None:
        """When a message that waits may go."""
        size = self._control.sender.behind_bytes
        return None if size is None else self._schedule.room_at_s(size + PHRASE_BYTES)

    def _alone_s(self, now: float) -> float:
        """Until when a message waits for a packet that goes anyway."""
        has_media = now - self.last_media_s < MEDIA_FLOWS_S
        return now + SIDE_WAIT_S if has_media else now

    def _is_control_due(self, now: float) -> bool:
        return (due_s := self._control_due_s) is not None and due_s <= now

    def _offer_control(self, now: float) -> None:
        """Room for what must go, whatever it is by then: an item without content. No more than it
        needs: on a thin link what is kept free for nothing is a wait of seconds."""
        if not self._control_waits and self._is_control_due(now):
            self._control_waits = True
            size = min(LARGEST_CONTROL_BYTES, self._control.wanted_bytes(now))
            self._schedule.offer(Item((), size), now)

    def _skip(self) -> None:
        """A bundle that was dropped leaves its packet out, for the far end counts lost bundles by
        the packets that are missing."""
        dropped = self._schedule.dropped.total() - self._skipped
        if dropped:
            self._skipped += dropped
            self.sealer.counter += dropped
            self._has_skipped = True  # perhaps the one whose counter would have been whole

    def _datagram(self, items: list[Item[Packet]], now: float, meter: Meter) -> list[bytes]:
        """At most one bundle of each talker; talker 0's stands last, for it may be compact."""
        talking = sorted((it for it in items if it.talker is not None), key=_number, reverse=True)
        media = [chunk for it in talking for chunk in _wrapped(_number(it), it.content)]
        room = self._schedule.spare_bytes
        if self._schedule.has_media:  # it waits for what goes now
            room = min(room, SMALL_BYTES)
        if len(talking) < len(items):
            room += sum(it.size_bytes for it in items if it.talker is None)
            self._control_waits = False
        self._control.queued_ms = 1000 * self._schedule.queued_s
        is_alone_due = self._is_control_due(now)
        control = self._control.take(room, now)
        if not media and not control and not is_alone_due:  # it went with another
            self._schedule.settle(0)
            return []
        if talking:
            self.last_media_s = now
        datagram = self._seal([*control, *media], now, meter)
        self._schedule.settle(self._link.wire_bytes(datagram))
        return [datagram]

    def _seal(self, chunks: list[Chunk], now: float, meter: Meter) -> bytes:
        chunks = chunks or [Hold()]
        unheard_packets = self.sealer.counter - self._heard_counter
        is_unheard = unheard_packets > UNHEARD_PACKETS and now - self.heard_s > UNHEARD_S
        plain = write(chunks, self._link.multiple_bytes)
        datagram = self.sealer.seal(plain, is_unheard or self._has_skipped)
        self._has_skipped = False
        below = self._link.below(datagram)
        meter.add(sealed_cost(datagram, len(plain), chunks, below), now)
        self.last_sent_s = now
        if self._unanswered_s is None and any(isinstance(it, _ASKING) for it in chunks):
            self._unanswered_s = now
        return datagram


def _number(item: Item[Packet]) -> int:
    return item.talker or 0


def _wrapped(talker: int, packet: Sequence[TalkerChunk]) -> list[Chunk]:
    return [Talker(talker, tuple(packet))] if talker else list(packet)
