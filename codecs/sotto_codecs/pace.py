"""Whether a machine is fast enough, found out before a call: a codec codes and decodes noise."""

from collections.abc import Callable
from time import perf_counter

import numpy as np

from sotto_codecs.base import Codec

TEST_S = 2.0


def real_time_factor(
    codec: Codec, seconds: float = TEST_S, clock: Callable[[], float] = perf_counter
) -> float:
    """Seconds of work, both ways together, for a second of sound, of about `seconds` of it.

    A tenth of the frames took less: what else runs at the start of a relay does not count.
    """
    frames = max(1, round(seconds / codec.spec.frame_s))
    shape = (frames, codec.spec.frame_samples)
    noise = (0.1 * np.random.default_rng(0).uniform(-1, 1, shape)).astype(np.float32)
    encoder, decoder = codec.encoder(), codec.decoder()
    took_s = []
    for pcm in noise:
        began = clock()
        for frame in encoder.encode(pcm):
            decoder.decode(frame)
        took_s.append(clock() - began)
    return sorted(took_s)[frames // 10] / codec.spec.frame_s
