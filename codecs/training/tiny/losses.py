"""How far the decoded sound is from what was said, to an ear that does not hear phase."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sotto_codecs.tiny.bands import mel_matrix
from sotto_codecs.tiny.config import TinyConfig

RESOLUTIONS = ((1024, 256, 96), (512, 128, 80), (256, 64, 40))  # window, hop, mel bands
FLOOR = 2e-7  # of power, for each sample of the window: 40 dB below speech
LOUDNESS = 0.23  # Zwicker's exponent from power to loudness, as in ITU-T P.862
PITCH_WEIGHT, FINDING_WEIGHT, VOICING_WEIGHT, COMMITMENT_WEIGHT = 8.0, 0.2, 0.1, 0.25


class Spectral(nn.Module):
    """Several resolutions; at each bands in log and loudness, and single bins likewise."""

    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        for window, _, bands in RESOLUTIONS:
            matrix = torch.from_numpy(mel_matrix(window, bands, config.rate_hz))
            self.register_buffer(f"mel{window}", matrix, persistent=False)

    def forward(self, heard: Tensor, said: Tensor) -> Tensor:
        """(batch, samples) each -> the mean over all of it."""
        parts = [self._at(heard, said, window, hop) for window, hop, _ in RESOLUTIONS]
        return torch.stack(parts).mean()

    def _at(self, heard: Tensor, said: Tensor, window: int, hop: int) -> Tensor:
        matrix = self.get_buffer(f"mel{window}")
        ours, theirs = _power(heard, window, hop), _power(said, window, hop)
        return _apart(ours @ matrix, theirs @ matrix, window) + 0.4 * _apart(ours, theirs, window)


def _power(sound: Tensor, window: int, hop: int) -> Tensor:
    shape = torch.hann_window(window, device=sound.device)
    spectrum = torch.fft.rfft(sound.unfold(1, window, hop) * shape)
    return spectrum.real.square() + spectrum.imag.square()


def _apart(ours: Tensor, theirs: Tensor, window: int) -> Tensor:
    """Powers apart: in log where all levels count alike, in loudness where the loud count."""
    floor = FLOOR * window
    ours, theirs = ours + floor, theirs + floor
    in_log = F.l1_loss(ours.log(), theirs.log())
    scale = (0.001 * window) ** -LOUDNESS  # about one for speech
    in_loudness = F.l1_loss(scale * ours**LOUDNESS, scale * theirs**LOUDNESS)
    return 0.5 * in_log + 3.0 * in_loudness


@dataclass(frozen=True, slots=True)
class Losses:
    spectral: Tensor
    pitch: Tensor  # octaves, of voiced rows
    finding: Tensor  # of the pitch, by the encoder: cross entropy
    voicing: Tensor
    commitment: Tensor

    @property
    def whole(self) -> Tensor:
        return (
            self.spectral
            + PITCH_WEIGHT * self.pitch
            + FINDING_WEIGHT * self.finding
            + VOICING_WEIGHT * self.voicing
            + COMMITMENT_WEIGHT * self.commitment
        )


def pitch_loss(said: Tensor, heard: Tensor, counts: Tensor) -> Tensor:
    """Octaves apart, mean over voiced rows that count; log2 of Hz, 0 where there is no voice."""
    voiced = (said > 0) & counts
    return ((heard - said).abs() * voiced).sum() / voiced.sum().clamp_min(1)


def finding_loss(said: Tensor, logits: Tensor, grid: Tensor) -> Tensor:
    """Cross entropy of the two points of the grid beside the pitch, mean over voiced rows."""
    place = (said - grid[0]) / (grid[1] - grid[0])
    place = place.clamp(0, len(grid) - 1.001)
    low, share = place.long(), place - place.floor()
    logs = logits.log_softmax(dim=-1)
    below, above = (logs.gather(-1, (low + up)[..., None])[..., 0] for up in (0, 1))
    voiced = said > 0
    entropy = -((1 - share) * below + share * above)
    return (entropy * voiced).sum() / voiced.sum().clamp_min(1)
