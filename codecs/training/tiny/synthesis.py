"""Excitation through filters that change every 5 ms -> sound.

Each piece of excitation is windowed (10 ms, half overlapped), filtered as a whole and added where
its neighbours still ring: the filters are causal, so a piece costs 5 ms of delay, no more.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sotto_codecs.tiny.bands import minimum_phase_matrix
from sotto_codecs.tiny.config import TinyConfig

QUIETEST, LOUDEST = -14.0, 3.0  # of a filter's log magnitude


@dataclass(frozen=True, slots=True)
class Filters:
    """Of each piece; (batch, pieces, bins) but for `wave`."""

    pulse_log: Tensor  # log magnitude of the pulses' filter
    turn: Tensor  # radians on top of its minimum phase
    noise_log: Tensor  # log magnitude of the noise's, of minimum phase
    wave: Tensor  # (batch, pieces, window): added as it is


class Synthesis(nn.Module):
    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.points, self.piece, self.window = config.spectrum, config.piece, config.window
        self.parts = -(-config.spectrum // config.piece)  # pieces that one piece rings into
        self.minimum: Tensor
        self.bell: Tensor
        minimum = torch.from_numpy(minimum_phase_matrix(config.spectrum))
        self.register_buffer("minimum", minimum, persistent=False)
        self.register_buffer("bell", torch.hann_window(config.window), persistent=False)

    def blank(self, batch: int) -> Tensor:
        """What still rings: (batch, pieces, samples)."""
        return self.bell.new_zeros(batch, self.parts - 1, self.piece)

    def spectra(self, excitation: Tensor) -> Tensor:
        """(batch, samples), the first half window of old -> (batch, pieces, bins), complex."""
        windowed = excitation.unfold(1, self.window, self.piece) * self.bell
        return torch.fft.rfft(windowed, self.points)

    def forward(
        self, pulses: Tensor, noise: Tensor, filters: Filters, ringing: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Spectra of both excitations, (batch, pieces, bins) -> (batch, samples), and the rest."""
        pulse_log = filters.pulse_log.clamp(QUIETEST, LOUDEST)
        noise_log = filters.noise_log.clamp(QUIETEST, LOUDEST)
        voice = torch.polar(pulse_log.exp(), pulse_log @ self.minimum + filters.turn)
        breath = torch.polar(noise_log.exp(), noise_log @ self.minimum)
        shaped = torch.fft.irfft(pulses * voice + noise * breath, self.points)
        shaped = shaped + F.pad(filters.wave * self.bell, (0, self.points - self.window))
        return self._added(shaped, ringing)

    def _added(self, shaped: Tensor, ringing: Tensor) -> tuple[Tensor, Tensor]:
        batch, pieces, _ = shaped.shape
        shaped = F.pad(shaped, (0, self.parts * self.piece - self.points))
        shaped = shaped.reshape(batch, pieces, self.parts, self.piece)
        sound = F.pad(ringing, (0, 0, 0, pieces))
        for part in range(self.parts):
            late = (0, 0, part, self.parts - 1 - part)
            sound = sound + F.pad(shaped[:, :, part], late)
        return sound[:, :pieces].flatten(1), sound[:, pieces:]
