import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_codecs.errors import BadFrame
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.tokens import Layout

LAYOUTS = {bits: Layout(4, bits) for bits in (11, 12, 16)}


def test_golden_bytes() -> None:
    packed = {bits: layout.packed for bits, layout in LAYOUTS.items()}
    assert packed[12](np.array([0xABC, 0x123, 0x000, 0xFFF])).hex() == "abc123000fff"
    assert packed[16](np.array([0x1234, 0x5678, 0x9ABC, 0xDEF0])).hex() == "123456789abcdef0"
    odd = np.array([0x400, 0x001, 0x7FF, 0, 0, 0, 0, 0x001])  # 10000000000 00000000001 11111111111
    assert packed[11](odd).hex() == "800007ff80000000000001"


@pytest.mark.parametrize(("bits", "chunks", "size"), [(11, 2, 11), (12, 1, 6), (16, 1, 8)])
def test_no_bit_is_wasted(bits: int, chunks: int, size: int) -> None:
    layout, config = LAYOUTS[bits], FocalConfig(bits=bits)
    assert (layout.chunks, layout.size) == (chunks, size)
    duration_s = chunks * config.chunk_samples / config.rate_hz
    assert 8 * size / duration_s == config.payload_bps == {11: 550, 12: 600, 16: 800}[bits]


@given(st.sampled_from([*LAYOUTS]), st.data())
def test_what_is_packed_is_unpacked(bits: int, data: st.DataObject) -> None:
    layout = LAYOUTS[bits]
    count = layout.chunks * layout.chunk
    one = st.integers(0, 2**bits - 1)
    tokens = np.array(data.draw(st.lists(one, min_size=count, max_size=count)))
    found = layout.unpacked(layout.packed(tokens))
    assert found.shape == (layout.chunks, layout.chunk)
    np.testing.assert_array_equal(found.ravel(), tokens)


@given(st.sampled_from([*LAYOUTS]), st.binary(max_size=20))
def test_any_bytes_of_the_right_size_are_tokens_and_others_are_refused(
    bits: int, payload: bytes
) -> None:
    layout = LAYOUTS[bits]
    if len(payload) == layout.size:
        assert layout.packed(layout.unpacked(payload).ravel()) == payload
    else:
        with pytest.raises(BadFrame, match=f"{len(payload)} bytes in a frame of {layout.size}"):
            layout.unpacked(payload)
