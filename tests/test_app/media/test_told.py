"""Frames and written lines that must arrive: golden bytes, and nothing but an error for others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_app.link.packet import PacketError
from sotto_app.media.told import Body, read, told, written
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


@given(st.binary(max_size=40))
def test_random_bytes_are_something_or_refused(data: bytes) -> None:
    try:
        what = read(data)
    except PacketError:
        return
    assert (written(what) if isinstance(what, str) else told(*what)).data == data
