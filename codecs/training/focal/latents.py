"""What Tiny's ears heard of a corpus, kept: one big array, so that what codes it learns quickly."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

STEP_S = 0.04
HELD = 64  # clips, the last ones: to look at, not to learn from


@dataclass(frozen=True, slots=True)
class Known:
    latents: npt.NDArray[np.float32]  # (batch, steps, latent)

    @property
    def seconds(self) -> float:
        return STEP_S * self.latents.shape[0] * self.latents.shape[1]


class Latents:
    def __init__(self, file: Path) -> None:
        """Written by `hear`: (clips, steps, latent), float16."""
        self._clips: npt.NDArray[Any] = np.load(file, mmap_mode="r")

    @property
    def steps(self) -> int:
        """In a clip."""
        return int(self._clips.shape[1])

    def batch(self, seed: int, step: int, clips: int, steps: int) -> Known:
        """Cut at random; whatever step of the training asks for it gets the same again."""
        chance = np.random.default_rng((seed, step))
        chosen = chance.integers(len(self._clips) - HELD, size=clips)
        start = int(chance.integers((self._clips.shape[1] - steps) // 2 + 1)) * 2
        return Known(self._clips[np.sort(chosen), start : start + steps].astype(np.float32))

    def held(self) -> Known:
        return Known(self._clips[-HELD:].astype(np.float32))
