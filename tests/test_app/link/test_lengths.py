"""Lengths: golden bytes, frames of any size back, and cut ones refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_app.link.lengths import (
    MAX_LENGTH,
    LengthError,
    join_frames,
    length_code,
    sized,
    split_frames,
)


@pytest.mark.parametrize(
    ("size", "code"), [(0, "00"), (127, "7f"), (128, "8080"), (300, "812c"), (MAX_LENGTH, "ffff")]
)
def test_golden_lengths(size: int, code: str) -> None:
    assert length_code(size).hex() == code
    assert sized(length_code(size) + bytes(size) + b"more") == (bytes(size), len(code) // 2 + size)


def test_golden_frames() -> None:
    assert join_frames([b"ab", b"c", b"def"]).hex() == "02616201" + "63646566"


@given(st.lists(st.binary(max_size=300), max_size=15))
def test_frames_come_back(frames: list[bytes]) -> None:
    assert split_frames(join_frames(frames), len(frames)) == tuple(frames)


@pytest.mark.parametrize(
    ("body", "words"),
    [("", "missing"), ("81", "cut off"), ("0361", "longer than"), ("81ff", "255|511")],
)
def test_what_is_cut_is_refused(body: str, words: str) -> None:
    with pytest.raises(LengthError, match=words):
        split_frames(bytes.fromhex(body), 2)
