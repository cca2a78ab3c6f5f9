"""Indices of quantisers as bytes: each in its own few bits, nothing between them."""

from collections.abc import Iterable


def pack(indices: Iterable[int], bits: int) -> bytes:
    """The first index in the highest bits; zero bits fill the last byte where some are left."""
    whole, length = 0, 0
    for index in indices:
        if not 0 <= index < 1 << bits:
            raise ValueError(f"index {index} does not fit in {bits} bits")
        whole, length = whole << bits | index, length + bits
    spare = -length % 8
    return (whole << spare).to_bytes((length + spare) // 8)


def unpack(payload: bytes, bits: int, count: int) -> list[int]:
    """The `count` indices that `pack` was given. Raises ValueError for any other size."""
    spare = 8 * len(payload) - bits * count
    if not 0 <= spare < 8:
        raise ValueError(f"{len(payload)} bytes for {count} indices of {bits} bits")
    whole = int.from_bytes(payload) >> spare
    mask = (1 << bits) - 1
    return [whole >> bits * place & mask for place in reversed(range(count))]
