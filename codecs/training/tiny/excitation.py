"""What the voice is made of before it is shaped: pulses at the pitch, all harmonics equally strong.

A band-limited train of pulses has a closed form, Dirichlet's kernel (Winham and Steiglitz 1970):
sum of cos(2 pi h phase) for h = 1 ... H = (sin((2 H + 1) pi phase) / sin(pi phase) - 1) / 2.
"""

import torch
from torch import Tensor

EDGE = 0.97  # of the band: the highest harmonic lies below it


def glide(pitch: Tensor, before: Tensor, row: int) -> Tensor:
    """(batch, rows) at the end of each row, log2 of Hz -> Hz of each sample, linear in log.

    `before` (batch, 1) is the end of the row before the first.
    """
    start = torch.cat([before, pitch[:, :-1]], dim=1)[..., None]
    share = torch.arange(1, row + 1, device=pitch.device, dtype=pitch.dtype) / row
    return torch.exp2(start + (pitch[..., None] - start) * share).flatten(1)


def pulses(pitch_hz: Tensor, phase: Tensor, rate_hz: int) -> tuple[Tensor, Tensor]:
    """(batch, samples) of pitch -> as many samples of power one, and the phase after them.

    `phase` (batch, 1), in turns, float64: in float32 a long clip would drift from its steps.
    """
    turns = phase + (pitch_hz.double() / rate_hz).cumsum(dim=1)
    angle = torch.pi * (turns - turns.floor()).to(pitch_hz.dtype)
    harmonics = torch.floor(EDGE * rate_hz / 2 / pitch_hz)
    below = torch.sin(angle)
    flat = below < 1e-4  # at the pulse itself: the limit
    kernel = torch.sin((2 * harmonics + 1) * angle) / torch.where(
        flat, torch.ones(()).to(below), below
    )
    kernel = torch.where(flat, 2 * harmonics + 1, kernel)
    return (kernel - 1) * (0.5 / harmonics).sqrt(), (turns[:, -1:] - turns[:, -1:].floor())
