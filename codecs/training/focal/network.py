"""The small member in torch: Tiny's ears and voice at both ends, FocalCodec's middle between them.

    listener  Tiny's encoder -> a transform coder's bits
    talker    those bits as Tiny's latents, corrected by the decompressor -> Tiny's voice

A chunk of 80 ms, four tokens at 50 Hz, is two of Tiny's steps. Sound comes out 20 ms later than the
chunk ends, as Tiny's does. FocalCodec's transformer and compressor are left out: the card of the
weights says what they did to bits that are good from the start.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.network.memory import Memories
from sotto_codecs.focal.network.modulation import Decompressor
from sotto_codecs.tiny.config import TinyConfig
from training.focal.transform import Fold, Sketch
from training.tiny.decoder import Decoder as Voice
from training.tiny.decoder import Spoken
from training.tiny.encoder import Encoder as Ears

MENDED = 0.2  # that a step which came is corrected by, where a lost one is guessed by 1

SMALL = FocalConfig(
    out_rate_hz=16_000,
    hop=320,
    bits=16,
    width=160,
    layers=0,
    heads=8,
    window=32,
    blocks=2,
    focal_window=6,
    focal_factor=4,
    expansion=2,
)


@dataclass(frozen=True, slots=True)
class ListenerState:
    """Memories are as sotto_codecs.focal.network.memory has them."""

    position: Tensor  # (), int64: frames until now, whole chunks
    fast: Memories  # (batch, 1, time, width) of each of Tiny's blocks; as new comes all of it
    slow: Memories  # likewise


@dataclass(frozen=True, slots=True)
class TalkerState:
    position: Tensor
    focal: Memories


@dataclass(frozen=True, slots=True)
class Heard:
    latents: Tensor  # (batch, steps, latent): Tiny's own, which the talker is to say again
    signs: Tensor  # (batch, frames, bits): whose signs are the bits


@dataclass(frozen=True, slots=True)
class Passed:
    heard: Heard
    latents: Tensor  # (batch, steps, latent), as the talker understood them
    spoken: Spoken | None  # unless it was to keep quiet


class Listener(nn.Module):
    """Sound -> what the bits are the signs of. It is fitted, not learned."""

    def __init__(self, config: FocalConfig, tiny: TinyConfig) -> None:
        super().__init__()
        self.config = config
        self.ears = Ears(tiny)
        self.fold = Fold(config, config.chunk_samples // tiny.step * tiny.latent)

    def blank(self, batch: int) -> ListenerState:
        return ListenerState(
            _beginning(self.fold.mean),
            _as_kept(self.ears.fast.blank(batch)),
            _as_kept(self.ears.slow.blank(batch)),
        )

    def rows(self, sound: Tensor) -> Tensor:
        """(batch, samples) from the beginning of a clip -> (batch, rows, features)."""
        with torch.autocast(sound.device.type, enabled=False):
            return self.ears.features(sound, self.ears.blank(len(sound)).sound)[0]

    @torch.no_grad()
    def forward(self, rows: Tensor, state: ListenerState) -> tuple[Heard, ListenerState]:
        """(batch, rows, features), whole chunks; gives also what is new for the state."""
        near, _, fast = self.ears.near(rows, tuple(it[:, 0] for it in state.fast))
        far, slow = self.ears.far(near, tuple(it[:, 0] for it in state.slow))
        with torch.autocast(rows.device.type, enabled=False):
            latents = self.ears.leave(far.float())
            signs = self.fold(latents)
        frames = torch.full_like(state.position, signs.shape[1])
        return Heard(latents, signs), ListenerState(frames, _as_kept(fast), _as_kept(slow))


class Talker(nn.Module):
    """Bits -> Tiny's latents; and what says them aloud."""

    def __init__(self, config: FocalConfig, tiny: TinyConfig) -> None:
        super().__init__()
        self.config, self.tiny = config, tiny
        self.step_frames = tiny.step // config.frame_samples
        self.sketch = Sketch(config, config.chunk // self.step_frames * tiny.latent)
        self.decompressor = Decompressor(config)
        self.leave = nn.Linear(self.step_frames * config.width, 2 * tiny.latent)
        _quiet(self.leave)
        self.voice = Voice(tiny)

    def blank(self, batch: int) -> TalkerState:
        return TalkerState(_beginning(self.leave.weight), self.decompressor.blank(batch))

    def forward(self, corners: Tensor, state: TalkerState) -> tuple[Tensor, TalkerState]:
        """(batch, frames, bits), 0 for what did not arrive -> (batch, steps, latent)."""
        x, focal = self.decompressor(corners, state.focal, state.position)
        steps = x.reshape(len(x), -1, self.step_frames * x.shape[2])
        sketch = self.sketch(corners).reshape(len(x), steps.shape[1], -1)
        correction, guess = self.leave(steps).chunk(2, dim=2)
        came = corners[:, :: self.step_frames, :1].abs() > 0
        told = torch.where(came, MENDED * correction, guess)
        latents = sketch + self.sketch.scale * told
        return latents, TalkerState(torch.full_like(state.position, corners.shape[1]), focal)

    def say(self, latents: Tensor, noise: Tensor) -> Spoken:
        """A clip's from its beginning; noise (batch, samples)."""
        carried = torch.full(latents.shape[:2], self.tiny.stages, device=latents.device)
        return self.voice(latents, carried, noise, self.voice.blank(len(latents)))[0]


class Small(nn.Module):
    def __init__(self, config: FocalConfig = SMALL, tiny: TinyConfig | None = None) -> None:
        super().__init__()
        self.config, self.tiny = config, tiny or TinyConfig()
        self.listener = Listener(self.config, self.tiny)
        self.talker = Talker(self.config, self.tiny)

    def forward(self, sound: Tensor, carried: Tensor, noise: Tensor | None) -> Passed:
        """A clip from its beginning: (batch, samples) in whole chunks; carried (batch, frames):
        the bits of each frame that arrive. Without noise nothing is said aloud. What is heard
        teaches the voice alone: the rest is to say Tiny's latents, which is surer.
        """
        heard, _ = self.listener(self.listener.rows(sound), self.listener.blank(len(sound)))
        latents = self._told(heard.signs, carried)
        spoken = None if noise is None else self.talker.say(latents.detach(), noise)
        return Passed(heard, latents, spoken)

    def aloud(self, sound: Tensor, carried: Tensor, noise: Tensor) -> Spoken:
        """What one hears of it."""
        heard, _ = self.listener(self.listener.rows(sound), self.listener.blank(len(sound)))
        return self.talker.say(self._told(heard.signs, carried), noise)

    def _told(self, signs: Tensor, carried: Tensor) -> Tensor:
        latents, _ = self.talker(kept(binary(signs), carried), self.talker.blank(len(signs)))
        return latents.float()


def binary(signs: Tensor) -> Tensor:
    """The nearest corner of the cube in the unit sphere."""
    return torch.where(signs > 0, 1.0, -1.0) * signs.shape[-1] ** -0.5


def kept(corners: Tensor, carried: Tensor) -> Tensor:
    """The first bits of each frame; 0 for those that do not arrive."""
    places = torch.arange(corners.shape[-1], device=corners.device)
    return corners * (places < carried[..., None])


def _as_kept(memories: Memories) -> Memories:
    """Tiny's (batch, time, width), with time on axis 2."""
    return tuple(it[:, None] for it in memories)


def _beginning(like: Tensor) -> Tensor:
    return torch.zeros((), dtype=torch.int64, device=like.device)


def _quiet(layer: nn.Linear) -> None:
    """A correction begins as none."""
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.zero_()
