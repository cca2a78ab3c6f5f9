"""Tokens <-> bytes: bit after bit, the first token first, and nothing else.

A chunk of four has 44, 48 or 64 bits. What is half a byte at 550 bit/s would cost 50 bit/s more, so
a payload holds as many chunks as fill whole bytes: two there, one elsewhere.
"""

from math import gcd

import numpy as np

from sotto_codecs.errors import BadFrame
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.graph import Array


def chunks_of(config: FocalConfig) -> int:
    """The fewest that fill whole bytes."""
    return 8 // gcd(config.chunk_bits, 8)


def size_of(config: FocalConfig) -> int:
    """Of a payload, in bytes."""
    return chunks_of(config) * config.chunk_bits // 8


def packed(tokens: Array, bits: int) -> bytes:
    """(tokens,) of so many bits each, a payload's worth."""
    return np.packbits(tokens[:, np.newaxis] >> np.arange(bits - 1, -1, -1) & 1).tobytes()


def unpacked(payload: bytes, config: FocalConfig) -> Array:
    """(chunks, frames), int64. Raises BadFrame."""
    if len(payload) != size_of(config):
        raise BadFrame(f"{config.name}: {len(payload)} bytes in a frame of {size_of(config)}")
    bits = np.unpackbits(np.frombuffer(payload, np.uint8)).reshape(-1, config.bits)
    tokens = bits.astype(np.int64) @ (1 << np.arange(config.bits - 1, -1, -1))
    return tokens.reshape(-1, config.chunk)
