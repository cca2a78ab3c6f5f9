"""Latent vectors <-> tokens: the corner of the cube that lies in their direction.

Binary spherical quantisation (arXiv 2406.07548): no parameters, one bit for each dimension, the
first of them the most significant. The corners lie on the unit sphere.
"""

import torch
from torch import Tensor


def tokens(latents: Tensor) -> Tensor:
    """(..., bits) -> (...), int64."""
    return ((latents > 0) * _weights(latents.shape[-1], latents.device)).sum(dim=-1)


def corners(tokens: Tensor, bits: int) -> Tensor:
    """(...) -> (..., bits), of length 1."""
    ones = (tokens[..., None] // _weights(bits, tokens.device)) % 2
    return (2.0 * ones - 1.0) * bits**-0.5


def _weights(bits: int, device: torch.device) -> Tensor:
    return 2 ** torch.arange(bits - 1, -1, -1, device=device)
