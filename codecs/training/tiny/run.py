"""A training run: everything that changes from step to step, and its file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import sqrt
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

from sotto_codecs.tiny.config import TinyConfig
from training.tiny.batches import Batch
from training.tiny.losses import Losses, Spectral, finding_loss, pitch_loss
from training.tiny.network import Tiny

AVERAGED = 0.999  # of the weights, from step to step
LARGEST_GRADIENT = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast it learns: warmed up, then falling as one over the root of the step.

    With `until` the rate falls to nothing over the last `anneal` steps.
    """

    rate: float = 6e-4
    warm_up: int = 300
    halved_after: int = 40_000
    true_pitch_until: int = 3_000  # its own pitch comes in little by little
    until: int | None = None
    anneal: int = 5_000

    def at(self, step: int) -> float:
        rate = self.rate * min(1.0, (step + 1) / self.warm_up)
        rate /= sqrt(1 + 3 * step / self.halved_after)
        left = 1.0 if self.until is None else (self.until - step) / self.anneal
        return rate * min(1.0, max(0.0, left))


class Material(Protocol):
    @property
    def seconds(self) -> float: ...


class Judged(Protocol):
    @property
    def whole(self) -> Tensor: ...


Network = TypeVar("Network", bound=nn.Module)
Given = TypeVar("Given", bound=Material)
Found = TypeVar("Found", bound=Judged)


class Learning(Generic[Network, Given, Found]):
    """A network, what trains it, and how far it is; the same from a file as without a break."""

    def __init__(self, networks: tuple[Network, Network], config: Any, pace: Pace, seed: int = 0):
        """`networks`: two alike, on one device; the second becomes the average of the first."""
        self.network, self.averaged = networks
        self.config, self.pace, self.seed = config, pace, seed
        self.device = next(self.network.parameters()).device
        self.averaged.requires_grad_(False).eval()
        self.averaged.load_state_dict(self.network.state_dict())
        self.optimiser = torch.optim.AdamW(
            self._groups(), pace.rate, betas=(0.8, 0.99), weight_decay=0.01
        )
        self.step = 0
        self.before = 0  # steps that it may count as made: a warm start is worth averaging with
        self.heard_s = 0.0  # of sound, so far

    def _groups(self) -> list[dict[str, Any]]:
        """Of parameters, each with the `share` of the rate that it learns with."""
        return [{"params": list(self.network.parameters())}]

    def _losses(self, batch: Given, mixed: bool) -> Found:
        raise NotImplementedError

    def learn(self, batch: Given, mixed: bool) -> Found:
        """One step; `mixed` precision is bfloat16 where it does no harm."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.pace.at(self.step) * group.get("share", 1.0)
        self.network.train()
        torch.manual_seed(hash((self.seed, self.step)))
        losses = self._losses(batch, mixed)
        self.optimiser.zero_grad(set_to_none=True)
        losses.whole.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT)
        self.optimiser.step()
        self._average()
        self.step += 1
        self.heard_s += batch.seconds
        return losses

    def _on(self, part: Any) -> Tensor:
        return torch.from_numpy(part).to(self.device, non_blocking=True)

    @torch.no_grad()
    def _average(self) -> None:
        share = 1 - min(AVERAGED, (self.step + self.before + 1) / (self.step + self.before + 10))
        ours = dict(self.averaged.named_parameters())
        for name, value in self.network.named_parameters():
            ours[name].lerp_(value, share)
        pairs = zip(self.averaged.buffers(), self.network.buffers(), strict=True)
        for held, current in pairs:
            held.copy_(current)

    def save(self, path: Path) -> None:
        """Everything that the run needs to go on."""
        content = {
            "config": asdict(self.config),
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "heard_s": self.heard_s,
        }
        _written(content, path)

    def save_averaged(self, path: Path) -> None:
        """What evaluate and a warm start need, in half the bytes: a seventh of the whole."""
        halves = {
            name: value.half() if value.is_floating_point() else value
            for name, value in self.averaged.state_dict().items()
        }
        _written({"config": asdict(self.config), "averaged": halves, "step": self.step}, path)

    def load(self, path: Path) -> None:
        """Go on from that file; its configuration must be this run's."""
        content = torch.load(path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(content["network"])
        self.averaged.load_state_dict(content["averaged"])
        self.optimiser.load_state_dict(content["optimiser"])
        self.step, self.heard_s = content["step"], content["heard_s"]

    def warm(self, path: Path) -> list[str]:
        """Begin with what fits of another run's averaged weights; the names that did not fit."""
        content = torch.load(path, map_location=self.device, weights_only=True)["averaged"]
        own = self.network.state_dict()
        fits = {
            name: value
            for name, value in content.items()
            if name in own and own[name].shape == value.shape
        }
        self.network.load_state_dict({**own, **fits})
        self.averaged.load_state_dict(self.network.state_dict())
        return sorted(set(own) - set(fits))


class Run(Learning[Tiny, Batch, Losses]):
    """Tiny's."""

    def __init__(self, config: TinyConfig, pace: Pace, seed: int = 0, device: str = "cpu") -> None:
        torch.manual_seed(seed)
        super().__init__((Tiny(config).to(device), Tiny(config).to(device)), config, pace, seed)
        self.spectral = Spectral(config).to(self.device)

    def _losses(self, batch: Batch, mixed: bool) -> Losses:
        sound, said, pitch = (self._on(part) for part in (batch.sound, batch.said, batch.pitch))
        carried = self._on(batch.carried)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=mixed):
            given = self._given(pitch)
            passed = self.network(sound, carried, torch.randn_like(sound), given)
        spoken = passed.spoken
        rows_heard = (carried > 0).repeat_interleave(self.config.rows, dim=1)
        voicing = nn.functional.binary_cross_entropy_with_logits(
            spoken.voicing, (pitch > 0).float()
        )
        return Losses(
            self.spectral(spoken.sound, said),
            pitch_loss(pitch, spoken.pitch, rows_heard),
            finding_loss(pitch, passed.pitch, self.network.encoder.grid),
            voicing,
            passed.commitment,
        )

    def _given(self, pitch: Tensor) -> Tensor | None:
        """The true pitch for some clips at first, so that filters are learned from the start."""
        share = 1 - self.step / self.pace.true_pitch_until
        if share <= 0:
            return None
        chosen = torch.rand(len(pitch), 1, device=self.device) < share
        return pitch * chosen


def _written(content: Mapping[str, Any], path: Path) -> None:
    """All or nothing: an interrupted save leaves the file before it."""
    part = path.with_suffix(".part")
    torch.save(content, part)
    part.replace(path)


def saved_config(path: Path) -> TinyConfig:
    """The configuration that a checkpoint was trained with."""
    content: Mapping[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return TinyConfig(**content["config"])
