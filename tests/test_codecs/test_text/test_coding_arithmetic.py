"""The arithmetic coder: what is recorded is read again, in few bytes, and noise ends soon."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_codecs.errors import BadFrame
from sotto_codecs.text.coding.arithmetic import Reader, Recorder, Rest, Slice, _likely

DIE = np.ones(6, np.int64)
STEEP = np.array([1 << 30, 1, 1 << 15], np.int64)


def written(throws: list[int]) -> Recorder:
    recorder = Recorder()
    for place, throw in enumerate(throws):
        recorder.rests(False)
        recorder.choose(DIE if place % 2 else STEEP, throw)
    recorder.rests(True)
    return recorder


def read(payload: bytes) -> list[int]:
    reader = Reader(payload)
    throws: list[int] = []
    while not reader.rests():
        throws.append(reader.choose(DIE if len(throws) % 2 else STEEP))
        assert len(throws) < 1000
    return throws


@settings(max_examples=100)
@given(st.lists(st.integers(0, 2), max_size=100))
def test_what_is_recorded_is_read(throws: list[int]) -> None:
    assert read(written(throws).payload()) == throws


@settings(max_examples=100)
@given(st.lists(st.integers(0, 2), max_size=60))
def test_the_end_and_the_rounding_cost_at_most_two_bytes(throws: list[int]) -> None:
    recorder = written(throws)
    assert 8 * len(recorder.payload()) <= recorder.bits + 20


@settings(max_examples=200)
@given(st.binary(max_size=40))
def test_noise_ends(payload: bytes) -> None:
    reader = Reader(payload)
    with suppress(BadFrame):
        for _ in range(8 * len(payload) + 100):
            reader.uniform(2)
        pytest.fail("read on past the payload's end")


def test_golden() -> None:
    assert written([]).payload() == b""
    assert written([0, 5, 2, 1]).payload().hex() == "fffdef"


def test_uniform_numbers() -> None:
    recorder = Recorder()
    for number in (0, 999, 123_456):
        recorder.uniform(1_000_000, number)
    recorder.rests(True)
    reader = Reader(recorder.payload())
    assert [reader.uniform(1_000_000) for _ in range(3)] == [0, 999, 123_456]
    assert reader.rests()


def test_an_end_is_likely_only_where_the_payload_is_nearly_used_up() -> None:
    likely = [_likely(left) for left in (-3, 5, 9, 30)]
    assert likely == sorted(likely, reverse=True)
    assert Rest(True).slice(30) == Slice(0, 1, 1024)
    assert Rest(False).slice(5) == Slice(768, 256, 1024)
