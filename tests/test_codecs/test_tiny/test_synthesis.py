import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

import torch

from sotto_codecs.tiny.config import TinyConfig
from training.tiny.synthesis import Filters, Synthesis

CONFIG = TinyConfig()
PIECES = 40


def flat(log: float) -> Filters:
    shape = (1, PIECES, CONFIG.bins)
    silent = torch.full(shape, -30.0)
    return Filters(torch.full(shape, log), torch.zeros(shape), silent, torch.zeros(1, PIECES, 160))


def test_flat_filters_pass_the_excitation_through() -> None:
    synthesis = Synthesis(CONFIG)
    excitation = torch.randn(1, (PIECES + 1) * CONFIG.piece)
    spectra = synthesis.spectra(excitation)
    sound, _ = synthesis(spectra, torch.zeros_like(spectra), flat(0.0), synthesis.blank(1))
    inner = slice(CONFIG.piece, PIECES * CONFIG.piece)
    torch.testing.assert_close(sound[:, inner], excitation[:, inner], atol=1e-4, rtol=0)


def test_what_still_rings_comes_with_the_next_pieces() -> None:
    synthesis = Synthesis(CONFIG)
    spectra = synthesis.spectra(torch.randn(1, (PIECES + 1) * CONFIG.piece))
    log = torch.linspace(-1, 1, CONFIG.bins).cumsum(0) * 0.02
    filters = Filters(log.expand(1, PIECES, -1), *(getattr(flat(0.0), name) for name in OTHERS))
    quiet = torch.zeros_like(spectra)
    whole, end = synthesis(spectra, quiet, filters, synthesis.blank(1))
    first, ringing = synthesis(spectra[:, :8], quiet[:, :8], cut(filters, 0, 8), synthesis.blank(1))
    second, after = synthesis(spectra[:, 8:], quiet[:, 8:], cut(filters, 8, PIECES), ringing)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    torch.testing.assert_close(after, end)


OTHERS = ("turn", "noise_log", "wave")


def cut(filters: Filters, start: int, stop: int) -> Filters:
    names = ("pulse_log", *OTHERS)
    return Filters(*(getattr(filters, name)[:, start:stop] for name in names))
