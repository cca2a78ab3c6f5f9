"""Tokens <-> bytes: bit after bit, the first token first, and nothing else.

A chunk of four has 44, 48 or 64 bits. What is half a byte at 550 bit/s would cost 50 bit/s more, so
a payload holds as many chunks as fill whole bytes: two there, one elsewhere.
"""

from dataclasses import dataclass
from math import gcd

import numpy as np

from sotto_codecs.errors import BadFrame
from sotto_codecs.focal.graph import Array


@dataclass(frozen=True, slots=True)
class Layout:
    """Of a payload."""

    chunk: int  # tokens that are coded together
    bits: int  # of each token

    @property
    def chunks(self) -> int:
        """The fewest that fill whole bytes."""
        return 8 // gcd(self.chunk * self.bits, 8)

    @property
    def size(self) -> int:
        """In bytes."""
        return self.chunks * self.chunk * self.bits // 8

    def packed(self, tokens: Array) -> bytes:
        """(tokens,), a payload's worth."""
        shifts = np.arange(self.bits - 1, -1, -1)
        return np.packbits(tokens[:, np.newaxis] >> shifts & 1).tobytes()

    def unpacked(self, payload: bytes) -> Array:
        """(chunks, chunk), int64. Raises BadFrame."""
        if len(payload) != self.size:
            raise BadFrame(f"focal: {len(payload)} bytes in a frame of {self.size}")
        bits = np.unpackbits(np.frombuffer(payload, np.uint8)).reshape(-1, self.bits)
        tokens = bits.astype(np.int64) @ (1 << np.arange(self.bits - 1, -1, -1))
        return tokens.reshape(-1, self.chunk)
