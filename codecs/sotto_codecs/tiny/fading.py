"""How loud the decoder's guess is where nothing came: as it is at first, then fading; and back."""

from dataclasses import dataclass, replace

import numpy as np

from sotto_codecs.base import Pcm

HOLD_S = 0.12  # lost: so long the guess is played as it is
FADE_S = 0.12  # and so long it fades
FALL_S = 0.02  # it fades where the sender says that silence goes on
RISE_S = 0.01  # it takes to be as loud as ever


@dataclass(frozen=True, slots=True)
class Fading:
    rate_hz: int
    gain: float = 0.0  # of the last sample; 0 before anything was heard
    held: int = 0  # samples that were guessed without being fainter

    @property
    def is_silent(self) -> bool:
        return self.gain == 0.0

    def arrived(self, pcm: Pcm) -> tuple[Pcm, "Fading"]:
        if self.gain == 1.0:
            return pcm, replace(self, held=0)
        return self._ramped(pcm, 1 / (RISE_S * self.rate_hz))

    def lost(self, guess: Pcm) -> tuple[Pcm, "Fading"]:
        keep = min(len(guess), max(0, round(HOLD_S * self.rate_hz) - self.held))
        faded, after = self._ramped(guess[keep:], -1 / (FADE_S * self.rate_hz))
        kept = guess[:keep] * np.float32(self.gain)
        return np.concatenate([kept, faded]), replace(after, held=self.held + keep)

    def hushed(self, guess: Pcm) -> tuple[Pcm, "Fading"]:
        """The sender says that nobody talks."""
        return self._ramped(guess, -1 / (FALL_S * self.rate_hz))

    def _ramped(self, pcm: Pcm, slope: float) -> tuple[Pcm, "Fading"]:
        if not len(pcm):
            return pcm, self
        gains = np.clip(self.gain + slope * np.arange(1, len(pcm) + 1), 0.0, 1.0)
        return pcm * gains.astype(np.float32), replace(self, gain=float(gains[-1]), held=0)
