"""What a stream remembers. Time is axis 2 of every memory.

A layer takes its memory and gives back what is new for it, no more: who runs the network appends
that. So a chunk of 80 ms moves some hundred kilobytes, not the 39 megabytes that are remembered.

A stream begins with zeros and at position 0. There, layers of one kind take their first input for
all that was before (as the published network does), and attention sees nothing of its memory: zeros
alone are no beginning, zeros at position 0 are.

Kinds of memories: an `echo` begins as said, a `silent` one with zeros; of both the newest comes
last. In a `ring` frame n lies at n modulo its length: attention does not mind, and nothing moves.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Protocol, TypeVar

import torch
from torch import Tensor

Memories = tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class EncoderState:
    position: Tensor  # (), int64: frames until now, whole chunks
    hearing: Memories  # (batch, 1, kernel - 1, channels) of each convolution
    places: Tensor  # (batch, groups, kernel - 1, channels of a group)
    keys: Memories  # (batch, heads, window - chunk, head width) of each layer
    values: Memories  # likewise
    focal: Memories  # (batch, width, kernel - 1) of each level of each block


@dataclass(frozen=True, slots=True)
class DecoderState:
    position: Tensor  # (), int64
    focal: Memories  # as above
    embedding: Tensor  # (batch, 1, kernel - 1, width)
    vocoder: Memories  # (batch, width, kernel - 1) of each layer


class Remembering(Protocol):
    """A dataclass of tensors, and of tuples of tensors."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def position(self) -> Tensor: ...


State = TypeVar("State", bound=Remembering)
KINDS = {
    "keys": "ring",
    "values": "ring",
    "embedding": "silent",
    "vocoder": "silent",
    "fast": "silent",  # of the small member: training.focal.network
    "slow": "silent",
    "last": "silent",
    "age": "silent",
}


def kind(name: str) -> str:
    """Of a memory by the name that `named` gives it."""
    return KINDS.get(name.partition(".")[0], "echo")


def named(state: Remembering) -> Iterator[tuple[str, Tensor]]:
    """Every tensor by its name: position, hearing.0, hearing.1, ..., in the order of the fields."""
    for field in fields(state):
        value = getattr(state, field.name)
        if isinstance(value, Tensor):
            yield field.name, value
        else:
            yield from ((f"{field.name}.{index}", one) for index, one in enumerate(value))


def with_tensors(state: State, tensors: list[Tensor]) -> State:
    """The same state of other tensors, given in the order of `named`."""
    left = iter(tensors)
    changed: dict[str, Any] = {}
    for field in fields(state):
        value = getattr(state, field.name)
        single = isinstance(value, Tensor)
        changed[field.name] = next(left) if single else tuple(next(left) for _ in value)
    return replace(state, **changed)


def advanced(state: State, fresh: State) -> State:
    """The state after a step that gave `fresh`: its position is how many frames were new."""
    pairs = zip(named(state), named(fresh), strict=True)
    after = [_appended(name, old, new, state.position) for (name, old), (_, new) in pairs]
    return with_tensors(state, after)


def begun(memory: Tensor, x: Tensor, position: Tensor) -> Tensor:
    """The memory, or at the very beginning as many of the first of `x`; time is axis 2 of both."""
    return torch.where(position > 0, memory, x[:, :, :1])


def _appended(name: str, memory: Tensor, fresh: Tensor, position: Tensor) -> Tensor:
    if name == "position":
        return memory + fresh
    if kind(name) == "ring":
        rows = memory.shape[2]
        frames = position + torch.arange(fresh.shape[2], device=memory.device)
        return memory.index_copy(2, frames[-rows:] % rows, fresh[:, :, -rows:])
    if kind(name) == "echo":
        memory = begun(memory, fresh, position)
    return torch.cat([memory, fresh], dim=2)[:, :, -memory.shape[2] :]
