"""Frames and written lines that must arrive: golden bytes, and nothing but an error for others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_app.link.packet import PacketError
from sotto_app.media.told import (
    MOST_PIECES,
    PIECE,
    PIECE_BYTES,
    Body,
    Joining,
    pieces,
    read,
    told,
    written,
)
from sotto_codecs.base import Frame

GOLDEN = {
    "31 a0b1": (12, Frame(b"\xa0\xb1", 0, 0, 1)),
    "32 01 80 a0b1": (12, Frame(b"\x01\x80\xa0\xb1", 0, 0, 2)),
    "fb 05": (62, Frame(b"\x05", 0, 0, 3)),
    "fc 47 72 c3b6 c39f 65": "Größe",
}


@pytest.mark.parametrize(("data", "what"), GOLDEN.items())
def test_golden_bytes(data: str, what: tuple[int, Frame] | str) -> None:
    body = written(what) if isinstance(what, str) else told(*what)
    assert body == Body(bytes.fromhex(data))
    assert read(body.data) == what


def test_a_frame_that_is_not_urgent_waits() -> None:
    assert told(1, Frame(b"a card", 0, 0, 3, priority=1)) == Body(b"\x07a card", waits=True)


CARD = Body(b"\x33\0" + bytes(42), waits=True)
SAMPLE = Body(b"\x33\1" + bytes(range(100)), waits=True)


def test_golden_pieces_of_what_is_long() -> None:
    assert pieces(CARD) == [CARD.data]
    assert pieces(Body(SAMPLE.data)) == [SAMPLE.data]  # words do not wait for words
    first, second, last = pieces(SAMPLE)
    assert (first[:5].hex(), second[:3].hex(), last.hex()) == (
        "fd02330100",
        "fd012e",
        "fd005e5f60616263",
    )
    with pytest.raises(ValueError, match="1969 bytes that wait; the most are 1968"):
        pieces(Body(bytes(1969), waits=True))


def joined(*told: bytes) -> list[bytes]:
    joining = Joining()
    return [whole for it in told if (whole := joining.add(it)) is not None]


def test_words_pass_between_pieces() -> None:
    first, second, last = pieces(SAMPLE)
    assert joined(first, b"\x31a", second, b"\x31b", last) == [b"\x31a", b"\x31b", SAMPLE.data]


def test_what_was_broken_off_is_forgotten_where_another_begins() -> None:
    other = Body(SAMPLE.data[::-1], waits=True)
    assert joined(*pieces(SAMPLE)[:1], *pieces(other), *pieces(SAMPLE)) == [other.data, SAMPLE.data]


@given(st.binary(min_size=1, max_size=PIECE_BYTES * MOST_PIECES))
def test_whatever_waits_comes_whole_in_pieces_that_fit_a_segment(data: bytes) -> None:
    told = pieces(Body(data, waits=True))
    assert all(len(it) <= 2 + PIECE_BYTES for it in told)
    assert data[:1] == bytes([PIECE]) or joined(*told) == [data]


@given(st.lists(st.builds(bytes.__add__, st.just(bytes([PIECE])), st.binary(max_size=60))))
def test_foreign_pieces_are_refused_or_come_to_little(told: list[bytes]) -> None:
    joining = Joining()
    for it in told:
        try:
            whole = joining.add(it)
        except PacketError:
            continue
        assert whole is None or len(whole) <= PIECE_BYTES * MOST_PIECES


@given(st.binary(max_size=40))
def test_random_bytes_are_something_or_refused(data: bytes) -> None:
    try:
        what = read(data)
    except PacketError:
        return
    assert (written(what) if isinstance(what, str) else told(*what)).data == data
