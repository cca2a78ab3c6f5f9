"""Indices of a few steps <-> bytes. The first stage of all steps comes first, then the second, ...:
cut short at a stage's end, a payload is one of fewer stages, and its length says how many.
"""

from math import gcd

import numpy as np

from sotto_codecs.errors import BadFrame
from sotto_codecs.tiny.quantiser import Indices

CORE_STAGES = 2  # 500 bit/s: with less the words suffer


def steps_of(stages: int, bits: int) -> int:
    """The fewest steps of which that many stages fill whole bytes."""
    return 8 // gcd(stages * bits, 8)


def size_of(steps: int, stages: int, bits: int) -> int:
    """In bytes; the last may be filled up."""
    return -(-steps * stages * bits // 8)


def core_of(steps: int, stages: int, bits: int) -> int | None:
    """In bytes, of the fewest stages, CORE_STAGES at least, that end with a byte; None where all
    are needed."""
    fewer = range(CORE_STAGES, stages)
    return next((steps * it * bits // 8 for it in fewer if steps * it * bits % 8 == 0), None)


def packed(indices: Indices, bits: int) -> bytes:
    """(steps, stages), the last bits zero."""
    whole = 0
    for index in indices.T.ravel().tolist():
        whole = whole << bits | index
    used, size = indices.size * bits, size_of(indices.shape[0], indices.shape[1], bits)
    return (whole << 8 * size - used).to_bytes(size)


def unpacked(payload: bytes, steps: int, bits: int, most: int) -> Indices:
    """(steps, stages), from 1 to `most` stages. Raises BadFrame."""
    stages = 8 * len(payload) // (steps * bits)
    spare = 8 * len(payload) - steps * stages * bits
    whole = int.from_bytes(payload)
    fits = 1 <= stages <= most and size_of(steps, stages, bits) == len(payload)
    if not fits or whole & (1 << spare) - 1:
        raise BadFrame(f"tiny: {len(payload)} bytes are not {steps} steps of 1 to {most} stages")
    count, mask = steps * stages, (1 << bits) - 1
    shifts = (spare + bits * (count - 1 - place) for place in range(count))
    found = np.array([whole >> shift & mask for shift in shifts], np.int64)
    return np.ascontiguousarray(found.reshape(stages, steps).T)
