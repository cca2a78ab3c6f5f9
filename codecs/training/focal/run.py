"""The two trainings of the small member: of what understands the code, and of the voice."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.tiny.config import TinyConfig
from training.focal.carried import carried
from training.focal.codebooks import ROUNDS, fit
from training.focal.latents import Known, Latents
from training.focal.network import Small
from training.tiny.batches import Batch
from training.tiny.losses import PITCH_WEIGHT, VOICING_WEIGHT, Spectral, pitch_loss
from training.tiny.run import Learning, Pace

GUESS_WEIGHT = 0.1
FITTED_SHARE = 0.3  # of the rate: what was fitted is near its best
WARM_UP = 100  # steps
WARM_STEPS = 2_000  # that it begins as good as after
FIT_CLIPS = 1_500


@dataclass(frozen=True, slots=True)
class Sizes:
    focal: FocalConfig
    tiny: TinyConfig


@dataclass(frozen=True, slots=True)
class CodeLosses:
    left: Tensor  # of the power of Tiny's latents
    guess: Tensor  # likewise, where each chunk is guessed from those before it

    @property
    def whole(self) -> Tensor:
        return self.left + GUESS_WEIGHT * self.guess


class Coding(Learning[Small, Known, CodeLosses]):
    """What understands the code."""

    def __init__(self, sizes: Sizes, pace: Pace, seed: int = 0) -> None:
        super().__init__(_pair(sizes, seed), sizes, pace, seed)
        self.before = WARM_STEPS

    def begin(self, teacher: Path, latents: Latents, rounds: int = ROUNDS) -> None:
        ears_and_voice(self.network, teacher)
        known = latents.batch(self.seed + 1, 0, FIT_CLIPS, latents.steps)
        fitted(self.network, torch.from_numpy(known.latents), rounds)
        self.averaged.load_state_dict(self.network.state_dict())

    @torch.no_grad()
    def left(self, known: Known, bits: int, lost: float = 0.0) -> float:
        """Of the power of latents, where so many bits of each token arrive."""
        given = torch.from_numpy(known.latents)
        entries = self.averaged.listener.entries(given)
        chance = torch.Generator().manual_seed(0)
        arrive = bits * (torch.rand(entries.shape[:2], generator=chance) >= lost)
        told = self.averaged.told(entries, arrive).latents
        return float((told - given).square().mean() / self._power(given))

    def _groups(self) -> list[dict[str, Any]]:
        talker = self.network.talker
        learned = _all(talker.decompressor, talker.leave, talker.guess)
        return [
            {"params": learned},
            {"params": list(talker.back.parameters()), "share": FITTED_SHARE, "weight_decay": 0.0},
        ]

    def _losses(self, batch: Known, mixed: bool) -> CodeLosses:
        given = self._on(batch.latents)
        with torch.no_grad():
            entries = self.network.listener.entries(given)
        arrive = self._on(carried(self.seed, self.step, (entries.shape[0], entries.shape[1])))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=mixed):
            told = self.network.told(entries, arrive)
        power = self._power(given)
        apart = (((it - given).square().mean() / power) for it in (told.latents, told.guess))
        return CodeLosses(*apart)

    def _power(self, given: Tensor) -> Tensor:
        return (given - self.network.listener.mean).square().mean()


@dataclass(frozen=True, slots=True)
class VoiceLosses:
    spectral: Tensor
    pitch: Tensor  # octaves
    voicing: Tensor

    @property
    def whole(self) -> Tensor:
        return self.spectral + PITCH_WEIGHT * self.pitch + VOICING_WEIGHT * self.voicing


class Run(Learning[Small, Batch, VoiceLosses]):
    """The voice alone, which is to say well what the rest understands."""

    def __init__(self, sizes: Sizes, pace: Pace, seed: int = 0, device: str = "cpu") -> None:
        pair = _pair(sizes, seed)
        super().__init__((pair[0].to(device), pair[1].to(device)), sizes, pace, seed)
        self.before = WARM_STEPS
        self.spectral = Spectral(sizes.tiny).to(self.device)

    def begin(self, codes: Path) -> None:
        """With all of a checkpoint of `Coding`."""
        content = torch.load(codes, map_location=self.device, weights_only=True)
        for network in (self.network, self.averaged):
            network.load_state_dict(content["averaged"])

    def _groups(self) -> list[dict[str, Any]]:
        return [{"params": list(self.network.talker.voice.parameters())}]

    def _losses(self, batch: Batch, mixed: bool) -> VoiceLosses:
        network = self.network
        sound, said, pitch = (self._on(part) for part in (batch.sound, batch.said, batch.pitch))
        chunks = sound.shape[1] // network.config.chunk_samples
        arrive = self._on(carried(self.seed, self.step, (len(sound), chunks)))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=mixed):
            spoken = network(sound, arrive, torch.randn_like(sound))
        everywhere = torch.ones_like(pitch, dtype=torch.bool)
        voicing = nn.functional.binary_cross_entropy_with_logits(
            spoken.voicing, (pitch > 0).float()
        )
        return VoiceLosses(
            self.spectral(spoken.sound, said),
            pitch_loss(pitch, spoken.pitch, everywhere),
            voicing,
        )


def ears_and_voice(network: Small, teacher: Path) -> None:
    """Those of a checkpoint of training.tiny."""
    whole = torch.load(teacher, map_location="cpu", weights_only=True)["averaged"]
    network.listener.ears.load_state_dict(_part(whole, "encoder."))
    network.talker.voice.load_state_dict(_part(whole, "decoder."))


@torch.no_grad()
def fitted(network: Small, latents: Tensor, rounds: int = ROUNDS) -> None:
    """What needs no learning to begin with; latents (clips, steps, latent)."""
    listener, talker = network.listener, network.talker
    flat = latents.flatten(0, 1)
    listener.mean.copy_(flat.mean(0))
    scale = flat.std(0).mean()
    listener.scale.copy_(scale)
    talker.scale.copy_(scale)
    chunks = ((latents - listener.mean) / scale).reshape(-1, listener.turn.in_features)
    _, axes = torch.linalg.eigh(torch.cov(chunks.T))
    turn = axes.flip(1)[:, : listener.turn.out_features].T
    listener.turn.weight[: len(turn)] = turn
    listener.turn.weight[len(turn) :] = 0
    talker.back.weight.copy_(listener.turn.weight.T)
    talker.back.bias.copy_(
        (listener.mean / scale).repeat(len(talker.back.bias) // len(listener.mean))
    )
    fit(listener.books, chunks @ listener.turn.weight.T, rounds)


def saved(checkpoint: Path) -> tuple[Small, Mapping[str, Any]]:
    """The averaged network of a checkpoint, and what else that holds."""
    content: Mapping[str, Any] = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network = Small(*_sizes(content)).eval()
    network.load_state_dict(content["averaged"])
    return network, content


def saved_sizes(checkpoint: Path) -> Sizes:
    return Sizes(*_sizes(torch.load(checkpoint, map_location="cpu", weights_only=True)))


def _sizes(content: Mapping[str, Any]) -> tuple[FocalConfig, TinyConfig]:
    sizes = content["config"]
    return FocalConfig.of(sizes["focal"]), TinyConfig(**sizes["tiny"])


def _pair(sizes: Sizes, seed: int) -> tuple[Small, Small]:
    torch.manual_seed(seed)
    return Small(sizes.focal, sizes.tiny), Small(sizes.focal, sizes.tiny)


def _part(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): it for name, it in state.items() if name.startswith(prefix)}


def _all(*parts: nn.Module) -> list[nn.Parameter]:
    return [it for part in parts for it in part.parameters()]
