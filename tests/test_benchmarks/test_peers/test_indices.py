import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.peers.indices import pack, unpack


def test_the_first_index_is_in_the_highest_bits() -> None:
    assert pack([0xA, 0x3, 0xF], 4) == bytes([0xA3, 0xF0])
    assert pack([1023, 0, 1], 10) == bytes([0xFF, 0xC0, 0x00, 0x04])


@given(st.integers(1, 12).flatmap(lambda bits: st.tuples(st.just(bits), indices(bits))))
def test_every_index_comes_back_and_no_byte_is_wasted(case: tuple[int, list[int]]) -> None:
    bits, given_ = case
    payload = pack(given_, bits)
    assert len(payload) == -(-bits * len(given_) // 8)
    assert unpack(payload, bits, len(given_)) == given_


def indices(bits: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, (1 << bits) - 1), max_size=40)


@pytest.mark.parametrize("size", [0, 1, 3])
def test_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"{size} bytes for 3 indices of 4 bits"):
        unpack(bytes(size), 4, 3)


@pytest.mark.parametrize("index", [-1, 16])
def test_an_index_beyond_its_bits_is_refused(index: int) -> None:
    with pytest.raises(ValueError, match="does not fit in 4 bits"):
        pack([index], 4)
