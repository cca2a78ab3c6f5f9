"""Where the network begins: a transform coder, which what is learned corrects on both sides.

The latents of a chunk in their principal components, each in as many bits as it deserves (reverse
water-filling), in natural binary: bit k is the sign of a sine of frequency 2^k, so the way there is
a sum and a sine, the way back a sum. The bits that say most come first in each frame, so that the
last may be left out.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sotto_codecs.focal.config import FocalConfig

# of a uniform quantiser with so many bits for a normal variable (Max 1960): what is left of its
# power, and how far it reaches, in deviations
LEFT = (1.0, 0.363, 0.1188, 0.0374, 0.01154, 0.0035)
REACH = (0.0, 1.6, 1.99, 2.34, 2.68, 3.0)


class Fold(nn.Module):
    """Latents of chunks -> (batch, frames, bits) in [-1, 1], whose signs are the bits."""

    def __init__(self, config: FocalConfig, latents: int) -> None:
        super().__init__()
        self.bits = config.bits
        self.register_buffer("turn", torch.zeros(latents, config.chunk_bits))
        self.register_buffer("mean", torch.zeros(latents))
        self.register_buffer("edge", torch.ones(config.chunk_bits))  # centre of the last cell
        self.register_buffer("waves", torch.ones(config.chunk_bits))  # half ones in the reach

    turn: Tensor
    mean: Tensor
    edge: Tensor
    waves: Tensor

    def forward(self, latents: Tensor) -> Tensor:
        chunks = latents.reshape(len(latents), -1, len(self.mean))
        at = ((chunks - self.mean) @ self.turn).clamp(-self.edge, self.edge)
        signs = torch.sin(torch.pi * self.waves * at)
        signs = torch.where(self.waves > 1, -signs, signs)
        return signs.reshape(len(latents), -1, self.bits)


class Sketch(nn.Module):
    """Corners -> latents, a chunk at a time."""

    def __init__(self, config: FocalConfig, latents: int) -> None:
        super().__init__()
        self.back = nn.Linear(config.chunk_bits, latents)
        self.register_buffer("scale", torch.ones(()))  # of latents

    scale: Tensor

    def forward(self, corners: Tensor) -> Tensor:
        """(batch, frames, bits) -> (batch, chunks, latents of a chunk)."""
        chunks = corners.reshape(len(corners), -1, self.back.in_features)
        return self.scale * self.back(chunks)


@dataclass(frozen=True, slots=True)
class Place:
    """What one bit of a chunk says."""

    component: int
    plane: int  # 0: the sign
    planes: int  # of the component


def places(powers: list[float], bits: int) -> list[Place]:
    """Of each bit of a chunk, the one that says most first."""
    planes = [0] * len(powers)
    order = []
    for _ in range(bits):
        gains = [
            power * (LEFT[used] - LEFT[used + 1]) if used + 1 < len(LEFT) else 0.0
            for power, used in zip(powers, planes, strict=True)
        ]
        best = max(range(len(powers)), key=gains.__getitem__)
        order.append((best, planes[best]))
        planes[best] += 1
    return [Place(component, plane, planes[component]) for component, plane in order]


@torch.no_grad()
def fit(fold: Fold, sketch: Sketch, latents: Tensor, config: FocalConfig) -> None:
    """Set both from (chunks, latents of a chunk)."""
    powers, axes = torch.linalg.eigh(torch.cov(latents.T))
    fold.mean.copy_(latents.mean(0))
    sketch.scale.copy_(latents.std(0).mean())
    weight = torch.zeros_like(sketch.back.weight)
    for rank, place in enumerate(places(powers.tolist(), config.chunk_bits)):
        axis, power = axes[:, place.component], powers[place.component]
        reach = REACH[place.planes] * power.sqrt()
        at = _spot(rank, config)
        fold.turn[:, at] = axis / reach
        fold.edge[at] = 1 - 2.0**-place.planes
        fold.waves[at] = 2.0**place.plane
        weight[:, at] = axis * reach * 2.0 ** -(place.plane + 1) * config.bits**0.5
    sketch.back.weight.copy_(weight / sketch.scale)
    sketch.back.bias.copy_(fold.mean / sketch.scale)


def _spot(rank: int, config: FocalConfig) -> int:
    """Where a bit stands in its chunk: the ranks go round the frames."""
    return rank % config.chunk * config.bits + rank // config.chunk
