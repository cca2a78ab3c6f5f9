"""Whether a machine is fast enough, found out before a call: a codec codes and decodes noise."""

from collections.abc import Callable
from time import perf_counter

import numpy as np

from sotto_codecs.base import Codec

TEST_S = 2.0


def real_time_factor(
    codec: Codec, seconds: float = TEST_S, clock: Callable[[], float] = perf_counter
) -> float:
    """Seconds of work, both ways together, for a second of sound; about `seconds` of it."""
    frames = round(seconds / codec.spec.frame_s)
    shape = (frames, codec.spec.frame_samples)
    noise = (0.1 * np.random.default_rng(0).uniform(-1, 1, shape)).astype(np.float32)
    encoder, decoder = codec.encoder(), codec.decoder()
    began = clock()
    for pcm in noise:
        for frame in encoder.encode(pcm):
            decoder.decode(frame)
    return (clock() - began) / (frames * codec.spec.frame_s)
