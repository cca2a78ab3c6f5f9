"""Bits of a payload: exact, cut short by whole stages, and nothing else is one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_codecs.errors import BadFrame
from sotto_codecs.tiny.payload import core_of, packed, size_of, steps_of, unpacked

BITS, MOST = 10, 16


@pytest.mark.parametrize(
    ("stages", "steps", "size"), [(2, 2, 5), (3, 4, 15), (6, 2, 15), (12, 1, 15), (16, 1, 20)]
)
def test_a_frame_wastes_no_bit(stages: int, steps: int, size: int) -> None:
    assert steps_of(stages, BITS) == steps
    assert size_of(steps, stages, BITS) == size
    assert 8 * size == steps * stages * BITS


@pytest.mark.parametrize(
    ("stages", "size"), [(1, None), (2, None), (3, 10), (6, 5), (12, 5), (16, 5)]
)
def test_the_core_is_of_two_stages_or_a_few_more(stages: int, size: int | None) -> None:
    assert core_of(steps_of(stages, BITS), stages, BITS) == size


def test_golden_bytes() -> None:
    indices = np.array([[0, 1023], [1, 512]])
    assert packed(indices, BITS) == bytes([0b0, 0b00000000, 0b00011111, 0b11111110, 0b00000000])
    np.testing.assert_array_equal(unpacked(packed(indices, BITS), 2, BITS, MOST), indices)


@given(st.integers(1, 4), st.integers(1, MOST), st.data())
def test_what_was_packed_comes_back_and_so_do_its_first_stages(
    steps: int, stages: int, data: st.DataObject
) -> None:
    entries = st.lists(st.integers(0, 1023), min_size=steps * stages, max_size=steps * stages)
    indices = np.array(data.draw(entries)).reshape(steps, stages)
    payload = packed(indices, BITS)
    np.testing.assert_array_equal(unpacked(payload, steps, BITS, MOST), indices)
    fewer = data.draw(st.integers(1, stages))
    if steps * fewer * BITS % 8 == 0:
        cut = payload[: size_of(steps, fewer, BITS)]
        np.testing.assert_array_equal(unpacked(cut, steps, BITS, MOST), indices[:, :fewer])


@given(st.binary(max_size=90), st.integers(1, 4))
def test_other_bytes_are_refused_or_indices(payload: bytes, steps: int) -> None:
    try:
        indices = unpacked(payload, steps, BITS, MOST)
    except BadFrame as fault:
        assert f"{len(payload)} bytes" in str(fault)
        return
    assert packed(indices, BITS) == payload and indices.shape[1] <= MOST


@pytest.mark.parametrize("payload", [b"", b"\0", bytes(4), bytes(6), bytes(41), b"\0\0\1"])
def test_wrong_lengths_and_bits_that_should_be_zero(payload: bytes) -> None:
    with pytest.raises(BadFrame):
        unpacked(payload, 1 if len(payload) == 3 else 2, BITS, MOST)
