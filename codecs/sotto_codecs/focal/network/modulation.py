"""Features <-> latent vectors: blocks of focal modulation (arXiv 2203.11926), made causal."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.network.layers import (
    Depthwise,
    FeedForward,
    Pointwise,
    PointwiseBack,
    Snake,
    Squash,
)
from sotto_codecs.focal.network.memory import Memories


class Modulation(nn.Module):
    """Each frame times what it needs of its past, gathered over wider and wider windows."""

    def __init__(self, config: FocalConfig) -> None:
        super().__init__()
        self.width = config.width
        kernels = config.focal_kernels
        self.inward = nn.Linear(config.width, 2 * config.width + len(kernels))
        levels = [Depthwise(config.width, kernel) for kernel in kernels]
        self.levels: list[Depthwise] = nn.ModuleList(levels)  # type: ignore[assignment,unused-ignore]  # it iterates like one
        self.context = Pointwise(config.width)
        self.outward = nn.Linear(config.width, config.width)

    def forward(self, x: Tensor, memories: Memories, position: Tensor) -> tuple[Tensor, Memories]:
        sizes = [self.width, self.width, len(self.levels)]
        query, context, gates = self.inward(x).split(sizes, dim=2)
        context, gates = context.transpose(1, 2), gates.transpose(1, 2)
        gathered, fresh = torch.zeros_like(context), []
        for index, (level, memory) in enumerate(zip(self.levels, memories, strict=True)):
            fresh.append(context)
            context = F.gelu(level(context, memory, position))
            gathered = gathered + context * gates[:, index : index + 1]
        return self.outward(query * self.context(gathered.transpose(1, 2))), tuple(fresh)


class Block(nn.Module):
    def __init__(self, config: FocalConfig) -> None:
        super().__init__()
        self.modulation_norm = Squash()
        self.modulation = Modulation(config)
        self.feed_norm = Squash()
        self.feed = FeedForward(config.width, config.expansion * config.width)

    def forward(self, x: Tensor, memories: Memories, position: Tensor) -> tuple[Tensor, Memories]:
        y, fresh = self.modulation(self.modulation_norm(x), memories, position)
        x = x + y
        return x + self.feed(self.feed_norm(x)), fresh


class Focal(nn.Module):
    """What compressor and decompressor share: blocks, and for each a mixing of channels."""

    def __init__(self, config: FocalConfig, mixing: type[Pointwise]) -> None:
        super().__init__()
        self.config = config
        blocks = [Block(config) for _ in range(config.blocks)]
        self.blocks: list[Block] = nn.ModuleList(blocks)  # type: ignore[assignment,unused-ignore]  # likewise
        self.mixing = nn.ModuleList(mixing(config.width) for _ in range(config.blocks))
        self.snakes = nn.ModuleList(Snake(config.width) for _ in range(config.blocks))

    def blank(self, batch: int) -> Memories:
        """Of each level of each block."""
        return tuple(
            level.blank(batch) for block in self.blocks for level in block.modulation.levels
        )

    def _by_block(self, memories: Memories) -> list[Memories]:
        levels = len(self.config.focal_kernels)
        return [memories[start : start + levels] for start in range(0, len(memories), levels)]


class Compressor(Focal):
    def __init__(self, config: FocalConfig) -> None:
        super().__init__(config, Pointwise)
        self.leave = nn.Linear(config.width, config.bits)

    def forward(self, x: Tensor, memories: Memories, position: Tensor) -> tuple[Tensor, Memories]:
        """(batch, time, width) -> (batch, time, bits)."""
        fresh: Memories = ()
        parts = zip(self.mixing, self.snakes, self.blocks, self._by_block(memories), strict=True)
        for mix, snake, block, memory in parts:
            x, new = block(snake(mix(x)), memory, position)
            fresh += new
        return self.leave(x), fresh


class Decompressor(Focal):
    def __init__(self, config: FocalConfig) -> None:
        super().__init__(config, PointwiseBack)
        self.enter = nn.Linear(config.bits, config.width)
        together = config.chunk * config.width
        self.refiner = FeedForward(together, together)

    def forward(self, x: Tensor, memories: Memories, position: Tensor) -> tuple[Tensor, Memories]:
        """(batch, time, bits) -> (batch, time, width)."""
        x, fresh = self.enter(x), ()
        parts = zip(self.mixing, self.snakes, self.blocks, self._by_block(memories), strict=True)
        for mix, snake, block, memory in parts:
            x, new = block(x, memory, position)
            x, fresh = mix(snake(x)), fresh + new
        # the frames of a chunk correct each other
        chunks = x.reshape(x.shape[0], -1, self.config.chunk * x.shape[2])
        return x + self.refiner(chunks).reshape(x.shape), fresh
