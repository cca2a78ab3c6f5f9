"""SEANet, the convolutional coder of EnCodec and Mimi, one step at a time.

`transformers` runs these layers over a whole recording. All of them look only back, so the same
sound comes out of steps when each layer keeps what it still needs: a convolution the last samples
of its input, a transposed one the tail of its output, an LSTM its state. One thing differs: where
the library mirrors the first samples into the time before them (EnCodec's padding, "reflect"), a
stream that starts has only silence there.

Layers are told apart by what they have, since both models bring classes of their own.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

Step = Callable[["Tensor"], "Tensor"]  # (1, channels, time) to the same


class Chain:
    """Layers one after the other, each with the state of one stream."""

    def __init__(self, layers: Iterable[Any]) -> None:
        self._steps = [stream_of(layer) for layer in layers]

    def __call__(self, x: "Tensor") -> "Tensor":
        for step in self._steps:
            x = step(x)
        return x


def stream_of(layer: Any) -> Step:
    """One stream through `layer`, at its start."""
    if hasattr(layer, "block"):
        return Residual(layer)
    if hasattr(layer, "trim_right_ratio"):
        return Transposed(layer)
    if hasattr(layer, "padding_total"):
        return Convolution(layer)
    if hasattr(layer, "lstm"):
        return Recurrence(layer)
    step: Step = layer  # an activation or the identity
    return step


class Residual:
    def __init__(self, layer: Any) -> None:
        self._block = Chain(layer.block)
        self._shortcut = stream_of(layer.shortcut)

    def __call__(self, x: "Tensor") -> "Tensor":
        return self._shortcut(x) + self._block(x)


class Convolution:
    """Causal; its left padding is what came before."""

    def __init__(self, layer: Any) -> None:
        if not layer.causal:
            raise ValueError("a convolution that looks ahead cannot be streamed")
        self._conv = layer.conv
        self._padding = int(layer.padding_total)
        self._replicates = layer.pad_mode == "replicate"
        self._past: Tensor | None = None

    def __call__(self, x: "Tensor") -> "Tensor":
        if self._past is None:
            before = x[..., :1] if self._replicates else x.new_zeros(x.shape[:2] + (1,))
            self._past = before.expand(-1, -1, self._padding)
        whole = joined(self._past, x)
        self._past = whole[..., whole.shape[-1] - self._padding :]
        out: Tensor = self._conv(whole)
        return out


class Transposed:
    """Causal; the tail that its library trims off belongs to the samples to come."""

    def __init__(self, layer: Any) -> None:
        if not layer.causal or layer.trim_right_ratio != 1.0:
            raise ValueError("a transposed convolution that looks ahead cannot be streamed")
        self._conv = layer.conv
        self._tail: Tensor | None = None

    def __call__(self, x: "Tensor") -> "Tensor":
        out: Tensor = self._conv(x)
        if self._tail is not None:
            out[..., : self._tail.shape[-1]] += self._tail
        ready = x.shape[-1] * self._conv.stride[0]
        self._tail = out[..., ready:]
        if self._conv.bias is not None:  # the next step adds it again
            self._tail = self._tail - self._conv.bias[:, None]
        return out[..., :ready]


class Recurrence:
    def __init__(self, layer: Any) -> None:
        self._lstm = layer.lstm
        self._state: tuple[Tensor, Tensor] | None = None

    def __call__(self, x: "Tensor") -> "Tensor":
        times_first = x.permute(2, 0, 1)
        out, self._state = self._lstm(times_first, self._state)
        both: Tensor = (out + times_first).permute(1, 2, 0)
        return both


def joined(past: "Tensor", now: "Tensor") -> "Tensor":
    import torch

    return torch.cat([past, now], dim=-1)
