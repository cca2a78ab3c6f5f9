"""How many bits of each token of a chunk arrive, in a training batch: some rate, or none at all."""

import numpy as np
import numpy.typing as npt

from training.focal.codebooks import BITS

RATES = (*BITS, BITS[-1])  # as often each
LOSSY_SHARE, LOST_SHARE = 0.5, 0.2  # of clips, and of their chunks


def carried(seed: int, step: int, shape: tuple[int, int]) -> npt.NDArray[np.int64]:
    """shape: clips, chunks."""
    chance = np.random.default_rng((seed, step, 1))
    clips, _ = shape
    bits = np.repeat(chance.choice(RATES, clips)[:, None], shape[1], axis=1)
    lossy = chance.random(clips) < LOSSY_SHARE
    starts = chance.random(shape) < LOST_SHARE / 1.5
    longer = np.roll(starts & (chance.random(shape) < 0.5), 1, axis=1)
    lost = (starts | longer) & lossy[:, None]
    return np.where(lost, 0, bits).astype(np.int64)
