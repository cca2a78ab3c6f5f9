"""Chunks: golden bytes of each, all back in order, and any bytes read without an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_app.link.chunks import (
    CUT_CHUNK,
    UNKNOWN_CHUNK,
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
    read,
    write,
)

GOLDEN: list[tuple[Chunk, str]] = [
    (Media(11, 2, b"abc"), "ae616263"),
    (Media(0, 0, b""), "80"),
    (Media(31, 3, b"\xff"), "ffff"),
    (Level(57), "4039"),
    (Spurt(200, 255, 0x0A0B0C), "41c8ff0a0b0c"),
    (Report(0x1234), "421234"),
    (Ping(7), "4307"),
    (Pong(7, 255), "4407ff"),
    (
        Talker(3, (Spurt(11, 4, 80), Level(9), Media(11, 0, b"xy"))),
        "45030b410b0400005040" + "09ac7879",
    ),
    (Talker(1, (Media(1, 1, bytes(200)),)), "450180c985" + "00" * 200),
    (Side(5, True, b"hi"), "4605826869"),
    (Side(255, False, b""), "46ff00"),
    (Ack(16, 0b101), "471005"),
    (Earlier(2, b"abc"), "480203616263"),
    (Earlier(1, bytes(128)), "48018080" + "00" * 128),
    (Bye(1), "4901"),
    (Hold(), "4a"),
]

BYTE = st.integers(0, 255)
MEDIA = st.builds(Media, st.integers(0, 31), st.integers(0, 3), st.binary(max_size=150))
OF_A_TALKER = st.one_of(
    st.builds(Spurt, BYTE, BYTE, st.integers(0, (1 << 24) - 1)),
    st.builds(Level, st.integers(0, 127)),
    st.builds(Earlier, BYTE, st.binary(max_size=150)),
)


def with_media(chunks: list[Chunk], media: Media | None) -> list[Chunk]:
    return [*chunks, media] if media else chunks


TALKERS = st.builds(
    lambda number, chunks, media: Talker(number, (*chunks, *([media] if media else []))),
    BYTE,
    st.lists(OF_A_TALKER, max_size=3),
    st.none() | MEDIA,
)
CONTROL: st.SearchStrategy[Chunk] = st.one_of(
    OF_A_TALKER,
    TALKERS,
    st.builds(Report, st.integers(0, 65535)),
    st.builds(Ping, BYTE),
    st.builds(Pong, BYTE, BYTE),
    st.builds(Side, BYTE, st.booleans(), st.binary(max_size=63)),
    st.builds(Ack, BYTE, BYTE),
    st.builds(Bye, BYTE),
    st.just(Hold()),
)
DATAGRAMS = st.builds(with_media, st.lists(CONTROL, max_size=5), st.none() | MEDIA)


@pytest.mark.parametrize(("chunk", "golden"), GOLDEN)
def test_golden_bytes(chunk: Chunk, golden: str) -> None:
    assert write([chunk]).hex() == golden
    assert read(bytes.fromhex(golden)) == [chunk]


def test_a_bundle_costs_one_byte_beside_itself() -> None:
    assert len(write([Media(11, 1, bytes(28))])) == 1 + 28


@given(DATAGRAMS)
def test_what_goes_in_comes_out(chunks: list[Chunk]) -> None:
    assert read(write(chunks)) == chunks


@given(DATAGRAMS, st.integers(1, 200))
def test_padding_makes_sizes_alike_and_is_not_seen(chunks: list[Chunk], multiple: int) -> None:
    plain = write(chunks, multiple)
    assert len(plain) % multiple == 0
    assert len(plain) - len(write(chunks)) < multiple
    assert read(plain) == chunks


def test_golden_padding() -> None:
    assert write([Level(1), Media(0, 0, b"z")], 8).hex() == "4001" + "03000000" + "807a"
    assert write([Hold()], 2).hex() == "004a"
    assert write([Hold()], 70).hex() == "3f" + "00" * 63 + "04" + "00" * 4 + "4a"


@given(st.binary(max_size=300))
def test_any_bytes_are_read(plain: bytes) -> None:
    chunks = read(plain)
    assert all(not isinstance(chunk, Broken) for chunk in chunks[:-1])
    whole = [chunk for chunk in chunks if not isinstance(chunk, Broken)]
    if not any(isinstance(chunk, Talker) for chunk in whole):
        assert read(write(whole)) == whole


@given(DATAGRAMS, st.data())
def test_a_cut_datagram_gives_what_is_whole(chunks: list[Chunk], data: st.DataObject) -> None:
    plain = write(chunks)
    cut = read(plain[: data.draw(st.integers(0, len(plain)))])
    if cut and isinstance(cut[-1], Broken):
        assert cut.pop() == Broken(CUT_CHUNK)
    assert len(cut) <= len(chunks)
    assert cut[:-1] == chunks[: max(0, len(cut) - 1)]  # a cut Media cannot be told from a short one


@pytest.mark.parametrize("kind", range(0x4B, 0x80))
def test_an_unknown_chunk_ends_the_reading(kind: int) -> None:
    plain = write([Ping(1)]) + bytes([kind, 1, 2])
    assert read(plain) == [Ping(1), Broken(UNKNOWN_CHUNK)]


@pytest.mark.parametrize(
    "plain",
    ["41", "4100", "42", "44", "4501", "450102", "4600", "460003", "4802", "480103", "02ff"],
)
def test_what_is_cut_is_said(plain: str) -> None:
    assert read(bytes.fromhex(plain)) == [Broken(CUT_CHUNK)]


def test_only_media_is_a_talkers_and_the_rest_goes_on() -> None:
    inner = write([Level(3), Ping(1)])
    plain = bytes([0x45, 9, len(inner)]) + inner + write([Ping(2)])
    assert read(plain) == [Talker(9, (Level(3), Broken(UNKNOWN_CHUNK))), Ping(2)]


def test_a_talker_in_a_talker_is_not_read_however_deep() -> None:
    plain = b""
    for _ in range(2000):
        plain = b"\x45\x01" + (0x8000 | len(plain)).to_bytes(2) + plain
    assert read(plain) == [Talker(1, (Broken(UNKNOWN_CHUNK),))]


def test_what_could_not_be_read_is_not_written() -> None:
    with pytest.raises(ValueError, match="unknown chunk"):
        write([Broken(UNKNOWN_CHUNK)])
