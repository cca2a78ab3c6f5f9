"""A training run of the small member: first without a voice, then all of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.tiny.config import TinyConfig
from training.focal.carried import carried
from training.focal.network import Passed, Small
from training.focal.transform import fit
from training.tiny.batches import Batch, Batches
from training.tiny.losses import PITCH_WEIGHT, VOICING_WEIGHT, Spectral, pitch_loss
from training.tiny.run import Learning, Pace

LATENT_WEIGHT, EVENNESS_WEIGHT = 4.0, 0.02
# of the rate: what was fitted is near its best, and moved too fast it gets worse
MIDDLE_SHARE, FITTED_SHARE = 0.6, 0.1
FIT_CLIPS, FIT_BATCHES = 16, 60


@dataclass(frozen=True, slots=True)
class Losses:
    latent: Tensor  # of the power of Tiny's latents
    evenness: Tensor  # of the bits: 0 where all are as often set as not, and none tells another
    spectral: Tensor
    pitch: Tensor  # octaves
    voicing: Tensor

    @property
    def whole(self) -> Tensor:
        return (
            LATENT_WEIGHT * self.latent
            + EVENNESS_WEIGHT * self.evenness
            + self.spectral
            + PITCH_WEIGHT * self.pitch
            + VOICING_WEIGHT * self.voicing
        )


@dataclass(frozen=True, slots=True)
class Sizes:
    focal: FocalConfig
    tiny: TinyConfig


class Run(Learning[Small, Losses]):
    def __init__(
        self, sizes: Sizes, pace: Pace, silent: int, seed: int = 0, device: str = "cpu"
    ) -> None:
        """For the first `silent` steps it learns to say latents, which costs a third."""
        torch.manual_seed(seed)
        pair = tuple(Small(sizes.focal, sizes.tiny).to(device) for _ in range(2))
        pair[0].listener.ears.requires_grad_(False)
        super().__init__((pair[0], pair[1]), sizes, pace, seed)
        self.silent = silent
        self.spectral = Spectral(sizes.tiny).to(self.device)

    def begin(self, teacher: Path, batches: Batches, steps: int) -> None:
        """With Tiny's ears and voice, and a transform coder between them."""
        whole = torch.load(teacher, map_location=self.device, weights_only=True)["averaged"]
        for part, module in (
            ("encoder.", self.network.listener.ears),
            ("decoder.", self.network.talker.voice),
        ):
            module.load_state_dict(_part(whole, part))
        fit(
            self.network.listener.fold,
            self.network.talker.sketch,
            self._heard(batches, steps),
            self.network.config,
        )
        self.averaged.load_state_dict(self.network.state_dict())

    def _groups(self) -> list[dict[str, Any]]:
        listener, talker = self.network.listener, self.network.talker
        parts = {
            1.0: talker.voice.parameters(),
            MIDDLE_SHARE: (*talker.decompressor.parameters(), *talker.leave.parameters()),
            FITTED_SHARE: (*talker.sketch.parameters(), *_taught(listener)),
        }
        return [{"params": list(values), "share": share} for share, values in parts.items()]

    @torch.no_grad()
    def _heard(self, batches: Batches, steps: int) -> Tensor:
        """Latents of some chunks, which the training then does not hear in this cut."""
        found = []
        for step in range(FIT_BATCHES):
            batch = batches.batch(self.seed + 1, step, FIT_CLIPS, steps)
            listener, sound = self.network.listener, self._on(batch.sound)
            heard, _ = listener(listener.rows(sound), listener.blank(len(sound)))
            latents = heard.latents
            found.append(latents[:, 4:].reshape(-1, self.network.listener.fold.mean.shape[0]))
        return torch.cat(found)

    def _losses(self, batch: Batch, mixed: bool) -> Losses:
        network, config = self.network, self.network.config
        sound, said, pitch = (self._on(part) for part in (batch.sound, batch.said, batch.pitch))
        frames = sound.shape[1] // config.frame_samples
        arrive = self._on(carried(self.seed, self.step, (len(sound), frames), config.chunk))
        noise = None if self.step < self.silent else torch.randn_like(sound)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=mixed):
            passed = network(sound, arrive, noise)
        scale = network.talker.sketch.scale
        latent = ((passed.latents - passed.heard.latents) / scale).square().mean()
        signs = passed.heard.signs if passed.spoken else passed.heard.signs.detach()
        return Losses(latent, evenness(signs), *self._aloud(passed, said, pitch))

    def _aloud(self, passed: Passed, said: Tensor, pitch: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        spoken = passed.spoken
        if spoken is None:
            none = said.new_zeros(())
            return none, none, none
        everywhere = torch.ones_like(pitch, dtype=torch.bool)
        voicing = nn.functional.binary_cross_entropy_with_logits(
            spoken.voicing, (pitch > 0).float()
        )
        return (
            self.spectral(spoken.sound, said),
            pitch_loss(pitch, spoken.pitch, everywhere),
            voicing,
        )


def evenness(signs: Tensor) -> Tensor:
    """How far the bits' means and products are from those of coins, in the mean."""
    soft = torch.tanh(signs.float())
    bits = soft + (torch.where(signs > 0, 1.0, -1.0) - soft).detach()
    flat = bits.flatten(0, 1)
    products = flat.T @ flat / len(flat)
    apart = products - torch.eye(len(products), device=products.device)
    return flat.mean(dim=0).square().mean() + apart.square().sum(dim=0).mean()


def saved(checkpoint: Path) -> tuple[Small, Mapping[str, Any]]:
    """The averaged network of a checkpoint, and what else that holds."""
    content: Mapping[str, Any] = torch.load(checkpoint, map_location="cpu", weights_only=True)
    sizes = content["config"]
    network = Small(FocalConfig.of(sizes["focal"]), TinyConfig(**sizes["tiny"])).eval()
    network.load_state_dict(content["averaged"])
    return network, content


def _part(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): it for name, it in state.items() if name.startswith(prefix)}


def _taught(part: nn.Module) -> Iterator[nn.Parameter]:
    return (it for it in part.parameters() if it.requires_grad)
