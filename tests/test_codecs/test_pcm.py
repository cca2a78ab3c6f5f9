"""Samples to and from 16 bits; what is refused is shown by the contract tests."""

import numpy as np

from sotto_codecs.pcm import from_int16, to_int16


def test_16_bits_survive_the_way_to_float_and_back() -> None:
    samples = np.arange(-32768, 32768).astype(np.int16)
    there = from_int16(samples)
    assert there.dtype == np.float32 and there.min() == -1.0 and there.max() < 1.0
    assert np.abs(to_int16(there).astype(int) - samples).max() <= 1


def test_beyond_full_scale_is_clipped() -> None:
    loud = np.array([-9.0, -1.0, 0.0, 1.0, 9.0], np.float32)
    assert to_int16(loud).tolist() == [-32767, -32767, 0, 32767, 32767]
