"""What the network is made of. Sequences are (batch, time, channels); nothing sees the next chunk.

Parameters keep the shapes of the published checkpoints, kernels of one frame included. Layers with
a memory take it and give what is new for it (see `memory`).
"""

from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def drawn(*shape: int) -> nn.Parameter:
    """Random weights (out, in, ...) that keep the power of what passes them."""
    return nn.Parameter(torch.randn(shape) * prod(shape[1:]) ** -0.5)


def over_time(x: Tensor, weight: Tensor, bias: Tensor, groups: int) -> Tensor:
    """(batch, channels, time), convolved inside groups of channels."""
    # as pictures of one line: ONNX Runtime has a fast kernel for those, 0.25 ms for 9 with 512 taps
    return F.conv2d(x[:, :, None], weight[:, :, None], bias, groups=groups)[:, :, 0]


class Dense(nn.Module):
    """A convolution over all channels, as one product: each output with all that it sees."""

    def __init__(self, into: int, width: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.kernel, self.stride, self.into = kernel, stride, into
        self.weight = drawn(width, into, kernel)

    def blank(self, batch: int) -> Tensor:
        return self.weight.new_zeros(batch, 1, self.kernel - 1, self.into)

    def forward(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Time in whole strides."""
        fresh = x[:, None]
        seen = torch.cat([memory, fresh], dim=2)[:, 0]
        reach = x.shape[1] - self.stride + 1
        taps = [seen[:, tap : tap + reach : self.stride] for tap in range(self.kernel)]
        weight = self.weight.transpose(1, 2).flatten(1)
        return F.linear(torch.cat(taps, dim=2), weight), fresh


class Pointwise(nn.Module):
    """A convolution whose kernel is one frame."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = drawn(width, width, 1)
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight[:, :, 0], self.bias)


class PointwiseBack(Pointwise):
    """The same, published as a transposed convolution: its weight is (in, out, 1)."""

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight[:, :, 0].T, self.bias)


class Grouped(nn.Module):
    """A convolution inside groups of channels: (batch, groups, time, channels of a group)."""

    def __init__(self, width: int, kernel: int, groups: int) -> None:
        super().__init__()
        self.kernel, self.groups = kernel, groups
        self.weight = drawn(width, width // groups, kernel)
        self.bias = nn.Parameter(torch.zeros(width))

    def blank(self, batch: int) -> Tensor:
        return self.weight.new_zeros(batch, self.groups, self.kernel - 1, self.weight.shape[1])

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        seen = torch.cat([memory, x], dim=2).transpose(2, 3).flatten(1, 2)
        y = over_time(seen, self.weight, self.bias, self.groups)
        return y.unflatten(1, (self.groups, -1)).transpose(2, 3)


class Depthwise(nn.Module):
    """Each channel by itself over time: (batch, channels, time)."""

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.kernel = kernel
        self.weight = drawn(width, 1, kernel)
        self.bias = nn.Parameter(torch.zeros(width))

    def blank(self, batch: int) -> Tensor:
        return self.weight.new_zeros(batch, self.weight.shape[0], self.kernel - 1)

    def forward(self, x: Tensor, memory: Tensor, position: Tensor | None = None) -> Tensor:
        """Where there is a position and it is 0, the first of `x` was all before, else nothing."""
        seen = torch.cat([memory, x], dim=2)
        y = over_time(seen, self.weight, self.bias, self.weight.shape[0])
        if position is None:
            return y
        # on what comes out, where it is 4 frames; as memory it would be 512
        return y + (position == 0) * x[:, :, :1] * self._before(x.shape[2])

    def _before(self, frames: int) -> Tensor:
        """(channels, time): how much each output heeds all that was before."""
        sums = self.weight[:, 0, :-1].cumsum(dim=1).flip(1)
        return F.pad(sums, (0, frames))[:, :frames]


class FeedForward(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.widen = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.narrow(F.gelu(self.widen(x)))


class Snake(nn.Module):
    """x + sin(ax)^2 / a for each channel (arXiv 2006.08195)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(width, 1))

    def forward(self, x: Tensor) -> Tensor:
        alpha = self.alpha[:, 0]
        return x + torch.sin(alpha * x).square() / (alpha + 1e-9)


class Squash(nn.Module):
    """tanh(ax), in place of a norm: it needs no statistics (arXiv 2503.10622)."""

    def __init__(self) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.full((1,), 0.5))

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.alpha * x)
