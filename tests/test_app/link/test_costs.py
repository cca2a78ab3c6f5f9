"""Every byte is counted, once, under its kind."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.chunks import (
    Ack,
    Broken,
    Bye,
    Chunk,
    Earlier,
    Hold,
    Level,
    Media,
    Ping,
    Pong,
    Report,
    Side,
    Spurt,
    Talker,
    TalkerChunk,
    read,
    write,
)
from sotto_app.link.costs import sealed_cost, size_of, size_of_all
from sotto_app.link.meter import Cost
from sotto_app.link.sealing import Sealer

KEY = bytes(range(32))
MEDIA = Media(1, 0, bytes(88))
EVERY: list[Chunk] = [
    MEDIA,
    Media(1, 0, b""),
    Earlier(1, bytes(127)),
    Earlier(1, bytes(128)),
    Spurt(1, 0, 0),
    Talker(1, (Level(3),)),
    Talker(1, (Spurt(1, 0, 0), Media(1, 0, bytes(121)))),
    Talker(1, (Earlier(1, bytes(5)), Media(1, 0, bytes(200)))),
    Side(0, True, bytes(63)),
    Level(1),
    Report(1),
    Ping(1),
    Pong(1, 2),
    Ack(1, 2),
    Bye(0),
    Hold(),
]


def test_the_size_of_a_chunk_is_what_is_written() -> None:
    assert [size_of(chunk) for chunk in EVERY] == [len(write([chunk])) for chunk in EVERY]
    assert size_of_all(EVERY) == sum(len(write([chunk])) for chunk in EVERY)


def test_every_byte_is_counted_under_its_kind() -> None:
    inner: tuple[TalkerChunk, ...] = (Spurt(1, 0, 0), Earlier(1, bytes(10)), Media(1, 0, bytes(20)))
    chunks: list[Chunk] = [Side(0, True, b"hello"), Talker(3, inner), Earlier(1, bytes(88)), MEDIA]
    plain = write(chunks, 16)
    datagram = Sealer(KEY).seal(plain)
    cost = sealed_cost(datagram, len(plain), chunks, 28)
    padding = len(plain) - len(write(chunks))
    assert cost == Cost(
        payload=20 + 88,
        header=4 + 3 + 6 + 1 + 1,
        control=8,
        redundancy=13 + 91,
        below=28,
        cryptography=8 + padding,
    )
    assert cost.total == len(datagram) + 28


def test_what_could_not_be_read_is_counted_too() -> None:
    plain = write([Hold()]) + b"\x7f" + bytes(9)
    datagram = Sealer(KEY).seal(plain)
    chunks = read(plain)
    assert isinstance(chunks[-1], Broken)
    assert sealed_cost(datagram, len(plain), chunks, 0).total == len(datagram)


@settings(max_examples=50)
@given(st.binary(max_size=120), st.integers(0, 100))
def test_whatever_is_in_a_datagram_its_bytes_are_all_counted(plain: bytes, below: int) -> None:
    datagram = Sealer(KEY).seal(plain)
    cost = sealed_cost(datagram, len(plain), read(plain), below)
    assert cost.total == len(datagram) + below
    assert min(cost.payload, cost.header, cost.control, cost.redundancy, cost.cryptography) >= 0
