"""Sound -> features: WavLM's convolutions and first layers (arXiv 2110.13900), made causal."""

from math import log

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.network.layers import Dense, FeedForward, Grouped, drawn
from sotto_codecs.focal.network.memory import Memories, begun


def bucket(distances: Tensor, buckets: int, farthest: int) -> Tensor:
    """Of distances in frames, ahead positive: exact when near, by their logarithm when far."""
    side = buckets // 2
    exact = side // 2
    length = distances.abs()
    far = torch.log(length.clamp(min=exact).float() / exact) / log(farthest / exact)
    far = (exact + far * (side - exact)).long().clamp(max=side - 1)
    return torch.where(length < exact, length, far) + side * (distances > 0)


class Hearing(nn.Module):
    """One of the convolutions that bring 16 kHz down to 50 Hz."""

    def __init__(self, into: int, width: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.convolution = Dense(into, width, kernel, stride)
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, memory: Tensor, position: Tensor) -> tuple[Tensor, Tensor]:
        y, fresh = self.convolution(x, begun(memory, x[:, None], position))
        return F.gelu(self.norm(y)), fresh


class Attention(nn.Module):
    """Over the frames of the window and of the own chunk, with a gated bias for their distance."""

    def __init__(self, config: FocalConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.inward = nn.Linear(config.width, 3 * config.width)
        self.outward = nn.Linear(config.width, config.width)
        self.gate = nn.Linear(config.head_width, 8)
        self.strength = nn.Parameter(torch.ones(1, config.heads, 1, 1))

    def forward(
        self, x: Tensor, bias: Tensor, barred: Tensor, memory: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """bias (heads, time, memory and time), barred (time, memory and time): 0 or -inf."""
        queries, keys, values = (self._heads(part) for part in self.inward(x).chunk(3, dim=2))
        queries = queries * queries.shape[3] ** -0.5
        # in two parts, so that the memory is read where it lies
        near = torch.matmul(queries, keys.transpose(2, 3))
        far = torch.matmul(queries, memory[0].transpose(2, 3))
        scores = torch.cat([far, near], dim=3) + self._gates(x) * bias + barred
        shares = scores.softmax(dim=3)
        split = memory[0].shape[2]
        y = torch.matmul(shares[..., :split], memory[1]) + torch.matmul(shares[..., split:], values)
        return self.outward(y.transpose(1, 2).flatten(2)), (keys, values)

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)

    def _gates(self, x: Tensor) -> Tensor:
        """(batch, heads, time, 1): how much each frame heeds distance."""
        both = self.gate(self._heads(x)).unflatten(3, (2, 4)).sum(dim=4).sigmoid()
        update, reset = both[..., :1], both[..., 1:]
        return update * (reset * self.strength - 1) + 2


class Layer(nn.Module):
    def __init__(self, config: FocalConfig) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.width)
        self.attention = Attention(config)
        self.feed_norm = nn.LayerNorm(config.width)
        self.feed = FeedForward(config.width, config.expansion * config.width)

    def forward(
        self, x: Tensor, bias: Tensor, barred: Tensor, memory: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        y, fresh = self.attention(self.attention_norm(x), bias, barred, memory)
        x = x + y
        return x + self.feed(self.feed_norm(x)), fresh


class Attending(nn.Module):
    """Layers of the transformer, which look ahead inside a chunk alone."""

    def __init__(self, config: FocalConfig) -> None:
        super().__init__()
        self.config = config
        self.distances = drawn(config.buckets, config.heads)
        layers = [Layer(config) for _ in range(config.layers)]
        self.layers: list[Layer] = nn.ModuleList(layers)  # type: ignore[assignment,unused-ignore]  # it iterates like one

    def past(self, batch: int) -> Memories:
        """The keys of each layer before the first frame; its values alike."""
        config = self.config
        past = config.window - config.chunk
        one = self.distances.new_zeros(batch, config.heads, past, config.head_width)
        return (one,) * config.layers

    def attend(
        self, x: Tensor, keys: Memories, values: Memories, position: Tensor
    ) -> tuple[Tensor, Memories, Memories]:
        bias = self._as_kept(self._bias(x.shape[1]), position)
        barred = self._as_kept(self._barred(x.shape[1], position), position)
        fresh = []
        for layer, memory in zip(self.layers, zip(keys, values, strict=True), strict=True):
            x, new = layer(x, bias, barred, memory)
            fresh.append(new)
        return x, tuple(new[0] for new in fresh), tuple(new[1] for new in fresh)

    def _as_kept(self, x: Tensor, position: Tensor) -> Tensor:
        """(..., memory and time), the oldest first -> the memory in the order of its ring."""
        past = self.config.window - self.config.chunk
        order = (torch.arange(past, device=x.device) - position) % past
        return torch.cat([x[..., :past][..., order], x[..., past:]], dim=-1)

    def _distances(self, frames: int) -> Tensor:
        """(time, memory and time), from each frame to all that it might see."""
        past = self.config.window - self.config.chunk
        here = torch.arange(-past, frames, device=self.distances.device)
        return here[None] - here[past:, None]

    def _bias(self, frames: int) -> Tensor:
        places = bucket(self._distances(frames), self.config.buckets, self.config.farthest)
        return F.embedding(places, self.distances).permute(2, 0, 1)

    def _barred(self, frames: int, position: Tensor) -> Tensor:
        """-inf for what is not in the window that ends with the own chunk, or before the sound."""
        distances = self._distances(frames)
        chunk = self.config.chunk
        left = (chunk - 1 - torch.arange(frames, device=distances.device) % chunk)[:, None]
        seen = (distances <= left) & (distances > left - self.config.window)
        here = distances[:1]  # of the first frame: positions, counted from it
        return torch.where(seen & (here >= -position), 0.0, -torch.inf)


class Front(Attending):
    def __init__(self, config: FocalConfig) -> None:
        super().__init__(config)
        widths = (1, *(config.hearing for _ in config.kernels))
        shapes = zip(widths, config.kernels, config.strides, strict=False)
        hearing = [Hearing(into, config.hearing, kernel, stride) for into, kernel, stride in shapes]
        self.hearing: list[Hearing] = nn.ModuleList(hearing)  # type: ignore[assignment,unused-ignore]  # it iterates like one
        self.norm = nn.LayerNorm(config.hearing)
        self.enter = nn.Linear(config.hearing, config.width)
        self.places = Grouped(config.width, config.place_kernel, config.place_groups)

    def blank(self, batch: int) -> tuple[Memories, Tensor, Memories]:
        """Of the convolutions, of the places, and the keys of each layer (its values alike)."""
        hearing = tuple(layer.convolution.blank(batch) for layer in self.hearing)
        return hearing, self.places.blank(batch), self.past(batch)

    def hear(self, sound: Tensor, memories: Memories, position: Tensor) -> tuple[Tensor, Memories]:
        """(batch, samples) -> (batch, time, width)."""
        x, fresh = sound[:, :, None], []
        for layer, memory in zip(self.hearing, memories, strict=True):
            x, new = layer(x, memory, position)
            fresh.append(new)
        return self.enter(self.norm(x)), tuple(fresh)

    def placed(self, x: Tensor, memory: Tensor, position: Tensor) -> tuple[Tensor, Tensor]:
        """Told where it stands among its neighbours."""
        fresh = x.unflatten(2, (self.config.place_groups, -1)).transpose(1, 2)
        y = self.places(fresh, begun(memory, fresh, position))
        return x + F.gelu(y).transpose(1, 2).flatten(2), fresh
