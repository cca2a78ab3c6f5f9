"""Features -> sound: WaveNeXt, causal: ConvNeXt blocks at 50 Hz then samples at once."""

import torch
from torch import Tensor, nn

from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.network.layers import Dense, Depthwise, FeedForward
from sotto_codecs.focal.network.memory import Memories

TINY = 1e-6  # of the norms


class Layer(nn.Module):
    def __init__(self, config: FocalConfig) -> None:
        super().__init__()
        self.over_time = Depthwise(config.width, config.vocoder_kernel)
        self.norm = nn.LayerNorm(config.width, eps=TINY)
        self.feed = FeedForward(config.width, config.vocoder_expansion * config.width)
        self.gamma = nn.Parameter(torch.full((config.width,), 1 / config.vocoder_layers))

    def forward(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        fresh = x.transpose(1, 2)
        y = self.over_time(fresh, memory).transpose(1, 2)
        return x + self.gamma * self.feed(self.norm(y)), fresh


class Vocoder(nn.Module):
    def __init__(self, config: FocalConfig) -> None:
        super().__init__()
        self.embedding = Dense(config.width, config.width, config.vocoder_kernel)
        self.embedding_bias = nn.Parameter(torch.zeros(config.width))
        self.enter_norm = nn.LayerNorm(config.width, eps=TINY)
        layers = [Layer(config) for _ in range(config.vocoder_layers)]
        self.layers: list[Layer] = nn.ModuleList(layers)  # type: ignore[assignment,unused-ignore]  # it iterates like one
        self.leave_norm = nn.LayerNorm(config.width, eps=TINY)
        self.leave = nn.Linear(config.width, config.hop)

    def blank(self, batch: int) -> tuple[Tensor, Memories]:
        layers = tuple(layer.over_time.blank(batch) for layer in self.layers)
        return self.embedding.blank(batch), layers

    def forward(
        self, x: Tensor, embedding: Tensor, memories: Memories
    ) -> tuple[Tensor, Tensor, Memories]:
        """(batch, time, width) -> (batch, samples) in [-1, 1]; no sound was before the first."""
        x, embedded = self.embedding(x, embedding)
        x, fresh = self.enter_norm(x + self.embedding_bias), []
        for layer, memory in zip(self.layers, memories, strict=True):
            x, new = layer(x, memory)
            fresh.append(new)
        sound = self.leave(self.leave_norm(x)).flatten(1)
        return sound.clamp(-1.0, 1.0), embedded, tuple(fresh)
