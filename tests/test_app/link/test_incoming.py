"""What is in a datagram goes to those whom it concerns; what is of no use is counted."""

import pytest

from sotto_app.link.chunks import (
    CUT_CHUNK,
    UNKNOWN_CHUNK,
    Bye,
    Chunk,
    Level,
    Media,
    Side,
    Spurt,
    Talker,
    write,
)
from sotto_app.link.control import Control
from sotto_app.link.datagram import Drop, Dropped
from sotto_app.link.events import Bundle, Message, SpurtEnd
from sotto_app.link.incoming import Incoming
from sotto_app.link.sealing import Opener, Sealer
from tests.test_app.link.thin_call import FULL, SHAPES

KEY = bytes(range(32))
FRAME = bytes(range(88))


class Ends:
    """A sealer, and what comes out at the other end."""

    def __init__(self) -> None:
        self.sealer, self.control = Sealer(KEY), Control(20.0)
        self.incoming = Incoming(Opener(KEY), self.control, SHAPES)

    def cross(self, chunks: list[Chunk], now: float, more: bytes = b"") -> list[object]:
        datagram = self.sealer.seal(write(chunks) + more)
        return list(self.incoming.receive(datagram, now).contents)


def test_each_chunk_finds_its_way() -> None:
    ends = Ends()
    spurt, media = Spurt(FULL, 0, 5000), Media(FULL, 0, FRAME)
    contents = ends.cross(
        [Side(0, True, b"text"), Talker(7, (spurt, media)), Bye(1), spurt, Level(50), media], 1.0
    )
    assert contents == [
        Message(b"text"),
        Bundle(7, FULL, 5000, (FRAME,), is_earlier=False, is_certain=True),
        Bye(1),
        Bundle(0, FULL, 5000, (FRAME,), is_earlier=False, is_certain=True),
        SpurtEnd(0, 50),
    ]


def test_what_cannot_be_read_is_counted_and_what_stands_before_it_is_used() -> None:
    ends = Ends()
    assert ends.cross([Side(0, True, b"text")], 1.0, b"\x7f") == [Message(b"text")]
    assert ends.cross([], 1.0, b"\x45\x01\x02\x48") == []
    assert ends.cross([Media(9, 0, FRAME)], 1.0) == []
    assert ends.incoming.dropped == {UNKNOWN_CHUNK: 1, CUT_CHUNK: 1, "unknown mode": 1}


def test_a_datagram_counts_once() -> None:
    ends = Ends()
    datagram = ends.sealer.seal(write([Side(0, True, b"text")]))
    ends.incoming.receive(datagram, 1.0)
    with pytest.raises(Dropped) as drop:
        ends.incoming.receive(datagram, 1.1)
    assert drop.value.reason is Drop.REPLAYED
    assert ends.control.reporter.reception.packets == 1


def test_only_what_carries_something_is_worth_a_report() -> None:
    ends = Ends()
    ends.cross([], 1.0)
    ends.cross([Bye(0)], 2.0)
    assert ends.control.due_s(0.0) is None
    ends.cross([Level(40)], 3.0)
    assert ends.control.due_s(0.0) == 20.0


def test_lateness_is_measured_on_the_clock_of_one_talker() -> None:
    ends = Ends()
    for n in range(16):
        late_s = 0.0 if n < 8 else 0.3
        talkers = {3: 1040 * n, 5: 1040 * n + 77_000 * (n % 2)}
        for talker, start_ms in talkers.items():
            chunks = Spurt(FULL, n, start_ms), Media(FULL, n % 4, FRAME)
            ends.cross([Talker(talker, chunks)], 10 + n * 1.04 + late_s)
    assert ends.control.reporter.reception.trend(10 + 12 * 1.04) == 2
