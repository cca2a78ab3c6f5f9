"""A training run of the small member: first without a voice, then all of it."""

from collections.abc import Mapping
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

LATENT_WEIGHT = 4.0
ALOUD_EVERY = 2  # steps: a voice costs three times the rest
# of the rate: what was fitted or trained before is near its best
MIDDLE_SHARE, VOICE_SHARE, LEAVING_SHARE, FITTED_SHARE = 0.8, 0.5, 0.3, 0.1
WARM_STEPS = 2_000  # that it begins as good as after
FIT_CLIPS, FIT_BATCHES = 16, 60


@dataclass(frozen=True, slots=True)
class Losses:
    latent: Tensor  # of the power of Tiny's latents
    spectral: Tensor
    pitch: Tensor  # octaves
    voicing: Tensor

    @property
    def whole(self) -> Tensor:
        return (
            LATENT_WEIGHT * self.latent
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
        """For the first `silent` steps it learns to say latents alone, which costs a quarter."""
        torch.manual_seed(seed)
        pair = tuple(Small(sizes.focal, sizes.tiny).to(device) for _ in range(2))
        pair[0].listener.requires_grad_(False)
        super().__init__((pair[0], pair[1]), sizes, pace, seed)
        self.silent, self.before = silent, WARM_STEPS
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
        talker = self.network.talker
        parts = {
            MIDDLE_SHARE: _all(talker.decompressor),
            VOICE_SHARE: _all(talker.voice),
            LEAVING_SHARE: _all(talker.leave),
            FITTED_SHARE: _all(talker.sketch),
        }
        return [{"params": values, "share": share} for share, values in parts.items()]

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
        is_aloud = self.step >= self.silent and (self.step + 1) % ALOUD_EVERY == 0
        noise = torch.randn_like(sound) if is_aloud else None
        with torch.autocast(self.device.type, torch.bfloat16, enabled=mixed):
            passed = network(sound, arrive, noise)
        scale = network.talker.sketch.scale
        latent = ((passed.latents - passed.heard.latents) / scale).square().mean()
        return Losses(latent, *self._aloud(passed, said, pitch))

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


def saved(checkpoint: Path) -> tuple[Small, Mapping[str, Any]]:
    """The averaged network of a checkpoint, and what else that holds."""
    content: Mapping[str, Any] = torch.load(checkpoint, map_location="cpu", weights_only=True)
    sizes = content["config"]
    network = Small(FocalConfig.of(sizes["focal"]), TinyConfig(**sizes["tiny"])).eval()
    network.load_state_dict(content["averaged"])
    return network, content


def _part(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): it for name, it in state.items() if name.startswith(prefix)}


def _all(*parts: nn.Module) -> list[nn.Parameter]:
    return [it for part in parts for it in part.parameters() if it.requires_grad]
