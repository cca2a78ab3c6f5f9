"""What goes into the next packet: media of all talkers, then control in the room that is left."""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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
from sotto_app.link.datagram import TAG_BYTES
from sotto_app.link.meter import Meter
from sotto_app.link.packet import IPV4_UDP_BYTES
from sotto_app.link.reliable import SEGMENT_BYTES, SEGMENT_HEAD_BYTES
from sotto_app.link.run import FrameShape
from sotto_app.link.sealing import Sealer

HEADER_AT_MOST = 4
UNHEARD_S, UNHEARD_PACKETS = 5.0, 48  # since the other end was heard: it may have lost its place
MEDIA_FLOWS_S = 1.5  # after a packet with media another one is near
SIDE_WAIT_S = 0.5  # that a message waits for that one
QUIET_S = 20.0  # how long who listens may be silent where nothing keeps a link alive
_ASKING = Media | Talker | Side | Ping  # for an answer, sooner or later
TOO_BIG = "too big for a packet"


def udp_ipv4(datagram: bytes) -> int:
    """Headers below a datagram over UDP and IPv4."""
    return IPV4_UDP_BYTES


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """What a session knows of its link and of what travels there.

    `shapes` are the frames of each mode, by its number on the wire. Datagrams have at most
    `mtu_bytes`; one is filled up with messages to `fill_bytes`, and what goes alone keeps to
    `rate_bps` (0: no limit), so that voice does not wait long behind text. `keepalive_s` of 0 is
    none. Plaintexts are padded to a multiple of `multiple_bytes`.
    """

    shapes: Mapping[int, FrameShape]
    mtu_bytes: int = 1200
    fill_bytes: int = 300
    rate_bps: float = 0
    keepalive_s: float = 20.0
    multiple_bytes: int = 1
    below: Callable[[bytes], int] = udp_ipv4

    def __post_init__(self) -> None:
        least = SMALL_BYTES + SEGMENT_HEAD_BYTES + 1
        if min(self.room_bytes, self.fill_bytes) < least:
            raise ValueError(f"{self.mtu_bytes} and {self.fill_bytes} bytes are too few")

    @property
    def room_bytes(self) -> int:
        """For chunks, in a datagram of whole multiples."""
        room = self.mtu_bytes - HEADER_AT_MOST - TAG_BYTES
        return room - room % self.multiple_bytes

    @property
    def quiet_s(self) -> float:
        """How long who listens may be silent."""
        return self.keepalive_s or QUIET_S

    @property
    def segment_bytes(self) -> int:
        """Of the reliable stream, so that one fits beside the small control."""
        room = min(self.room_bytes, self.fill_bytes) - SMALL_BYTES - SEGMENT_HEAD_BYTES
        return min(SEGMENT_BYTES, room)


class Outgoing:
    """One direction of one session."""

    def __init__(self, sealer: Sealer, control: Control, link: LinkSettings) -> None:
        self.last_sent_s = self.last_media_s = float("-inf")
        self.heard_s = float("-inf")
        self.dropped: Counter[str] = Counter()
        self.sealer = sealer
        self._control = control
        self._link = link
        self._heard_counter = 0
        self._has_skipped = False
        self._unanswered_s: float | None = None
        self._line_free_s = float("-inf")
        self._media: dict[int, deque[tuple[TalkerChunk, ...]]] = {}

    def send(self, message: bytes, now: float) -> None:
        """Queue a message. Raises ValueError where it is too long."""
        has_media = now - self.last_media_s < MEDIA_FLOWS_S
        self._control.send(message, now + SIDE_WAIT_S if has_media else now)

    def offer(self, talker: int, packet: tuple[TalkerChunk, ...]) -> None:
        """What `TalkSender` gave for one packet: it goes at the next `take`."""
        self._media.setdefault(talker, deque()).append(packet)

    def skip(self) -> None:
        """A bundle will not go: its packet is left out, for the far end counts lost bundles by the
        packets that are missing."""
        self.sealer.counter += 1
        self._has_skipped = True  # perhaps the one whose counter would have been whole

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
        if self._media:
            return self.last_sent_s
        due_s = self._control.due_s(self.last_sent_s)
        if self._link.keepalive_s:
            alive_s = self.last_sent_s + self._link.keepalive_s
            due_s = alive_s if due_s is None else min(due_s, alive_s)
        return None if due_s is None else max(due_s, self._line_free_s)

    def take(self, now: float, meter: Meter) -> list[bytes]:
        """All datagrams that go now. Raises CounterEnd."""
        datagrams = []
        while self._is_due(now):
            media = self._take_media()
            if not media and not self._is_due(now):  # it was dropped
                break
            datagrams.append(self._seal([*self._company(media, now), *media], now, meter))
            if media:
                self.last_media_s = now
        return datagrams

    def bye(self, reason: int, now: float, meter: Meter) -> bytes:
        """The last datagram."""
        return self._seal([Bye(reason)], now, meter)

    def _is_due(self, now: float) -> bool:
        return bool(self._media) or (due_s := self.due_s) is not None and due_s <= now

    def _company(self, media: list[Chunk], now: float) -> list[Chunk]:
        """Control that goes along; beside large media only the small kind."""
        whole = self._link.room_bytes - size_of_all(media)
        room = min(whole, max(self._link.fill_bytes - size_of_all(media), SMALL_BYTES))
        return self._control.take(room, now)

    def _take_media(self) -> list[Chunk]:
        """At most one bundle of each talker; talker 0's stands last, for it may be compact."""
        taken: list[Chunk] = []
        room = self._link.room_bytes
        for talker in sorted(self._media, reverse=True):
            wrapped = self._fitting(talker, self._link.room_bytes)
            if not wrapped:
                self.dropped[TOO_BIG] += 1
                self.skip()
            elif size_of_all(wrapped) > room:
                continue  # with the next datagram
            taken += wrapped
            room -= size_of_all(wrapped)
            self._media[talker].popleft()
            if not self._media[talker]:
                del self._media[talker]
        return taken

    def _fitting(self, talker: int, room: int) -> list[Chunk]:
        """The talker's next packet, with as much redundancy as a datagram has room for."""
        packet = list(self._media[talker][0])
        while size_of_all(wrapped := _wrapped(talker, packet)) > room:
            earlier = [chunk for chunk in packet if isinstance(chunk, Earlier)]
            if not earlier:
                return []
            packet.remove(earlier[-1])
        return wrapped

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
        if self._link.rate_bps:
            takes_s = (len(datagram) + below) * 8 / self._link.rate_bps
            self._line_free_s = max(now, self._line_free_s) + takes_s
        return datagram


def _wrapped(talker: int, packet: Sequence[TalkerChunk]) -> list[Chunk]:
    return [Talker(talker, tuple(packet))] if talker else list(packet)
