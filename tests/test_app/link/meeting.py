"""A session, and somebody who has keys and writes each of its datagrams by hand."""

from dataclasses import dataclass, field

from sotto_app.link.chunks import Chunk, Media, Ping, Pong, Spurt, read, write
from sotto_app.link.datagram import is_set_up
from sotto_app.link.events import Event
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.listen import Listener
from sotto_app.link.session import ThinSession
from sotto_app.link.setup import Caller, Established, Reply, SetUp
from tests.test_app.link.thin_call import CODEC2_700C, SHAPES, me

FRAME = SHAPES[CODEC2_700C]
SAID = 40  # honest bundles


@dataclass
class Meeting:
    """A session, and somebody else with keys who writes its datagrams by hand."""

    is_caller: bool
    seed: int = 0
    now: float = 0.0
    own: list[bytes] = field(default_factory=list)  # what the session sent
    set_up: list[bytes] = field(default_factory=list)  # what was sent to it until it stood
    happened: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        mine, theirs = me(2 * self.seed + 1), me(2 * self.seed + 2)
        ends: tuple[Caller | Listener, SetUp]
        if self.is_caller:
            ends = Caller(mine, 0.0), Listener(theirs)
        else:
            ends = Listener(mine), Caller(theirs, 0.0)
        self.session = ThinSession(ends[0], mine, LinkSettings(SHAPES))
        self.other = ends[1]
        self.keys: Established | None = None

    def receive(self, datagram: bytes) -> list[bytes]:
        """The answers to it."""
        events = self.session.receive(datagram, self.now)
        replies = [event.datagram for event in events if isinstance(event, Reply)]
        assert sum(map(len, replies)) <= len(datagram), "an answer that is larger than what came"
        self.happened += [event for event in events if not isinstance(event, Reply)]
        self.own += replies
        return replies

    def poll(self) -> list[bytes]:
        datagrams, events = self.session.poll(self.now)
        self.own += datagrams
        self.happened += events
        due_s = self.session.due_s
        assert due_s is None or due_s > self.now, "a session that is never done"
        return datagrams

    def stand(self) -> Established:
        """Set the session up, over a link that loses nothing."""
        to_other, to_session = self.poll(), self.other.poll(self.now)
        while to_other or to_session:
            for datagram in to_session:
                self.set_up.append(datagram)
                to_other += self.receive(datagram)
            to_session, sent, to_other = [], to_other, []
            for datagram in filter(is_set_up, sent):
                for event in self.other.receive(datagram, self.now):
                    if isinstance(event, Reply):
                        to_session.append(event.datagram)
                    elif isinstance(event, Established):
                        self.keys = event
        assert self.keys is not None
        return self.keys

    def got(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.happened)


def honest(keys: Established) -> list[bytes]:
    """A talk in bundles of one frame."""
    datagrams = []
    for n in range(SAID):
        spurt: list[Chunk] = (
            [] if n % 16 > 1 else [Spurt(CODEC2_700C, n, round(n * FRAME.frame_ms))]
        )
        bundle = n.to_bytes(FRAME.frame_bytes or 1)
        datagrams.append(keys.sealer.seal(write([*spurt, Media(CODEC2_700C, n % 4, bundle)])))
    return datagrams


def answers_a_ping(meeting: Meeting, keys: Established) -> bool:
    meeting.receive(keys.sealer.seal(write([Ping(99)]), unheard=True))
    meeting.now += 3.0
    plains = [keys.opener.open(datagram).plain for datagram in meeting.poll()]
    return any(isinstance(chunk, Pong) and chunk.id == 99 for it in plains for chunk in read(it))
