"""Latent vectors -> sound: pitch first, then filters for pulses and noise that are known by then.

The filters' blocks look at the very excitation that they shape, so they can raise where the noise
happens to be low and fit a pulse to where it falls: that is what more bits buy.
"""

from dataclasses import dataclass
from math import log2

import torch
from torch import Tensor, nn

from sotto_codecs.tiny.config import TinyConfig
from training.tiny.excitation import glide, pulses
from training.tiny.layers import Memories, Stack
from training.tiny.synthesis import Filters, Synthesis

WAVE_SCALE = 0.05  # about the RMS of speech
FIRST_PITCH = 7.0  # log2 of Hz, before anything was heard


@dataclass(frozen=True, slots=True)
class DecoderState:
    slow: Memories
    pitch_blocks: Memories
    filter_blocks: Memories
    pitch: Tensor  # (batch, 1): log2 of Hz at the end of the last row
    phase: Tensor  # (batch, 1): of the pulses, in turns, float64
    pulses: Tensor  # (batch, samples): the last half window
    noise: Tensor  # (batch, samples): likewise
    ringing: Tensor  # (batch, pieces, samples): what the filters still give


@dataclass(frozen=True, slots=True)
class Spoken:
    sound: Tensor  # (batch, samples)
    pitch: Tensor  # (batch, rows): log2 of Hz
    voicing: Tensor  # (batch, rows): logits


class Decoder(nn.Module):
    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.config = config
        slow, fast = config.decoder_slow, config.decoder_fast
        self.enter = nn.Linear(config.latent, slow)
        self.carried = nn.Embedding(config.stages + 1, slow)  # 0: the step was lost
        self.slow = Stack(slow, config.slow_kernel, config.slow_dilations, config.expansion)
        self.spread = nn.Linear(slow, config.rows * fast)
        ones = (1,) * config.pitch_blocks
        self.pitch_blocks = Stack(fast, config.kernel, ones, config.expansion)
        self.pitch = nn.Linear(fast, 2)
        self.look = nn.Linear(self._looks(), fast)
        ones = (1,) * config.filter_blocks
        self.filter_blocks = Stack(fast, config.kernel, ones, config.expansion)
        self.norm = nn.LayerNorm(fast)
        self.leave = nn.Linear(fast, config.pieces * (3 * config.bins + config.window))
        self.synthesis = Synthesis(config)
        self._begin()

    def blank(self, batch: int) -> DecoderState:
        some = self.enter.weight
        half = some.new_zeros(batch, self.config.window - self.config.piece)
        return DecoderState(
            self.slow.blank(batch),
            self.pitch_blocks.blank(batch),
            self.filter_blocks.blank(batch),
            some.new_full((batch, 1), FIRST_PITCH),
            some.new_zeros((batch, 1), dtype=torch.float64),
            half,
            half,
            self.synthesis.blank(batch),
        )

    def forward(
        self,
        latents: Tensor,
        carried: Tensor,
        noise: Tensor,
        state: DecoderState,
        true_pitch: Tensor | None = None,
    ) -> tuple[Spoken, DecoderState]:
        """latents (batch, steps, latent), carried (batch, steps), noise (batch, samples).

        Noise is white, of power one. `true_pitch` (batch, rows), log2 of Hz, takes the place of the
        network's own where it is above 0: the first steps of a training.
        """
        x = self.enter(latents) + self.carried(carried)
        x, slow = self.slow(x, state.slow)
        x = self.spread(x).reshape(x.shape[0], -1, self.config.decoder_fast)
        x, pitch_memories = self.pitch_blocks(x, state.pitch_blocks)
        pitch, voicing = self._pitch(x)
        with torch.autocast(x.device.type, enabled=False):
            used = pitch.detach()
            if true_pitch is not None:
                used = torch.where(true_pitch > 0, true_pitch, used)
            train, phase = self._pulses(used, state)
            breath = torch.cat([state.noise, noise], dim=1)
            voiced, unvoiced = self.synthesis.spectra(train), self.synthesis.spectra(breath)
            seen = self._seen(train, voiced, unvoiced)
        x, filter_memories = self.filter_blocks(x + self.look(seen), state.filter_blocks)
        with torch.autocast(x.device.type, enabled=False):
            filters = self._filters(self.leave(self.norm(x.float())))
            sound, ringing = self.synthesis(voiced, unvoiced, filters, state.ringing)
        keep = self.config.window - self.config.piece
        after = DecoderState(
            slow,
            pitch_memories,
            filter_memories,
            used[:, -1:],
            phase,
            train[:, -keep:],
            breath[:, -keep:],
            ringing,
        )
        return Spoken(sound, pitch, voicing), after

    def _pitch(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low, high = log2(self.config.lowest_hz), log2(self.config.highest_hz)
        raw, voicing = self.pitch(x).float().unbind(dim=-1)
        return low + (high - low) * torch.sigmoid(raw), voicing

    @torch.no_grad()
    def _pulses(self, pitch: Tensor, state: DecoderState) -> tuple[Tensor, Tensor]:
        pitch_hz = glide(pitch, state.pitch, self.config.row)
        new, phase = pulses(pitch_hz, state.phase, self.config.rate_hz)
        return torch.cat([state.pulses, new], dim=1), phase

    def _looks(self) -> int:
        config = self.config
        return 2 * config.pieces * len(range(0, config.bins, 2)) + config.row + config.window // 2

    @torch.no_grad()
    def _seen(self, train: Tensor, voiced: Tensor, unvoiced: Tensor) -> Tensor:
        """What the filters' blocks are told of a row's excitation."""
        rows = voiced.shape[1] // self.config.pieces
        both = torch.cat([voiced, unvoiced], dim=-1).reshape(len(train), rows, -1, self.config.bins)
        power = both[..., ::2].real.square() + both[..., ::2].imag.square()
        loud = torch.log(power / 60 + 1e-2) * 0.3
        reach = self.config.row + self.config.window - self.config.piece
        wave = 0.2 * train.unfold(1, reach, self.config.row)
        return torch.cat([loud.flatten(2), wave], dim=-1)

    def _filters(self, x: Tensor) -> Filters:
        config = self.config
        x = x.reshape(len(x), -1, 3 * config.bins + config.window)
        pulse_log, turn, noise_log, wave = x.split([*[config.bins] * 3, config.window], dim=-1)
        return Filters(pulse_log - 4.0, turn, noise_log - 5.0, wave * WAVE_SCALE)

    @torch.no_grad()
    def _begin(self) -> None:
        """Flat filters, no phase of its own, no wave."""
        self.leave.weight *= 0.1
        self.leave.bias.zero_()
        parts = self.leave.weight.view(self.config.pieces, -1, self.leave.weight.shape[1])
        parts[:, 3 * self.config.bins :] = 0
