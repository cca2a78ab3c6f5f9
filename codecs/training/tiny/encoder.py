"""Sound -> one latent vector every 40 ms."""

from dataclasses import dataclass

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


class Encoder(nn.Module):
    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.rows = config.rows
        self.features = Features(config)
        self.enter = nn.Linear(config.features, config.encoder_fast)
        dilations = (1,) * config.encoder_fast_blocks
        self.fast = Stack(config.encoder_fast, config.kernel, dilations, config.expansion)
        self.gather = nn.Linear(config.rows * config.encoder_fast, config.encoder_slow)
        self.slow = Stack(
            config.encoder_slow, config.slow_kernel, config.slow_dilations, config.expansion
        )
        self.norm = nn.LayerNorm(config.encoder_slow)
        self.leave = nn.Linear(config.encoder_slow, config.latent)

    def blank(self, batch: int) -> EncoderState:
        sound = self.enter.weight.new_zeros(batch, self.features.memory_samples)
        return EncoderState(sound, self.fast.blank(batch), self.slow.blank(batch))

    def forward(self, sound: Tensor, state: EncoderState) -> tuple[Tensor, EncoderState]:
        """(batch, samples), whole steps -> (batch, steps, latent)."""
        with torch.autocast(sound.device.type, enabled=False):
            rows, heard = self.features(sound, state.sound)
        x, fast = self.fast(self.enter(rows), state.fast)
        x = x.reshape(x.shape[0], -1, self.rows * x.shape[2])
        x, slow = self.slow(self.gather(x), state.slow)
        return self.leave(self.norm(x)).float(), EncoderState(heard, fast, slow)
