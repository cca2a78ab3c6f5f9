"""Sound -> one latent vector every 40 ms."""

from dataclasses import dataclass
from math import log2

import torch
from torch import Tensor, nn

from sotto_codecs.tiny.config import TinyConfig
from training.tiny.features import Features
from training.tiny.layers import Memories, Stack


@dataclass(frozen=True, slots=True)
class EncoderState:
    sound: Tensor  # (batch, samples): what the longest window still needs
    fast: Memories
    slow: Memories


@dataclass(frozen=True, slots=True)
class Heard:
    latents: Tensor  # (batch, steps, latent)
    pitch: Tensor  # (batch, rows, lags): logits over `pitch_grid`


def pitch_grid(config: TinyConfig) -> Tensor:
    """(lags,): log2 of the Hz that the encoder chooses from."""
    return torch.linspace(log2(config.lowest_hz), log2(config.highest_hz), config.lags)


class Encoder(nn.Module):
    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.rows = config.rows
        self.features = Features(config)
        self.enter = nn.Linear(config.features, config.encoder_fast)
        dilations = (1,) * config.encoder_fast_blocks
        self.fast = Stack(config.encoder_fast, config.kernel, dilations, config.expansion)
        self.pitch = nn.Linear(config.encoder_fast, config.lags)
        self.trust = nn.Parameter(torch.tensor(20.0))  # in the autocorrelation, to begin with
        self.grid: Tensor
        self.register_buffer("grid", pitch_grid(config), persistent=False)
        self.gather = nn.Linear(config.rows * (config.encoder_fast + 1), config.encoder_slow)
        self.slow = Stack(
            config.encoder_slow, config.slow_kernel, config.slow_dilations, config.expansion
        )
        self.norm = nn.LayerNorm(config.encoder_slow)
        self.leave = nn.Linear(config.encoder_slow, config.latent)

    def blank(self, batch: int) -> EncoderState:
        sound = self.enter.weight.new_zeros(batch, self.features.memory_samples)
        return EncoderState(sound, self.fast.blank(batch), self.slow.blank(batch))

    def forward(self, sound: Tensor, state: EncoderState) -> tuple[Heard, EncoderState]:
        """(batch, samples), whole steps."""
        with torch.autocast(sound.device.type, enabled=False):
            rows, heard = self.features(sound, state.sound)
        x, pitch, fast = self.near(rows, state.fast)
        y, slow = self.far(x, state.slow)
        latents = self.leave(y).float()
        return Heard(latents, pitch), EncoderState(heard, fast, slow)

    def near(self, rows: Tensor, memories: Memories) -> tuple[Tensor, Tensor, Memories]:
        """(batch, rows, features) -> what the fast blocks hear in each, with its pitch; logits."""
        x, fast = self.fast(self.enter(rows), memories)
        # the features end with the likeness at the lags of the grid, highest pitch first
        likeness = rows[..., -self.grid.shape[0] :].flip(-1)
        pitch = self.pitch(x).float() + self.trust * likeness
        # told which pitch was found, it has not to be found again among all other things
        found = (pitch.softmax(dim=-1) * (self.grid - self.grid.mean())).sum(dim=-1, keepdim=True)
        return torch.cat([x, found], dim=-1), pitch, fast

    def far(self, x: Tensor, memories: Memories) -> tuple[Tensor, Memories]:
        """Of `near`, whole steps -> (batch, steps, encoder_slow)."""
        x = x.reshape(x.shape[0], -1, self.rows * x.shape[2])
        x, slow = self.slow(self.gather(x), memories)
        return self.norm(x), slow
