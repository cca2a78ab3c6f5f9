"""How many bits of each frame arrive, in a training batch: some rate, and whole chunks lost."""

import numpy as np
import numpy.typing as npt

RATES = (11, 12, 16, 16)  # as often each
LOSSY_SHARE, LOST_SHARE = 0.25, 0.12  # of clips, and of their chunks


def carried(seed: int, step: int, shape: tuple[int, int], chunk: int) -> npt.NDArray[np.int64]:
    """shape: clips, frames."""
    chance = np.random.default_rng((seed, step, 1))
    clips, frames = shape
    bits = np.repeat(chance.choice(RATES, clips)[:, None], frames, axis=1)
    lossy = chance.random(clips) < LOSSY_SHARE
    starts = chance.random((clips, frames // chunk)) < LOST_SHARE / 1.5
    longer = np.roll(starts & (chance.random(starts.shape) < 0.5), 1, axis=1)
    lost = (starts | longer) & lossy[:, None]
    return np.where(np.repeat(lost, chunk, axis=1), 0, bits).astype(np.int64)
