import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

import torch

from sotto_codecs.tiny.config import TinyConfig
from training.tiny.quantiser import Quantiser


@pytest.fixture
def fitted(small: TinyConfig) -> Quantiser:
    """Code books that followed normal vectors for a while."""
    torch.manual_seed(1)
    quantiser = Quantiser(small).train()
    for _ in range(60):
        quantiser(torch.randn(8, 32, small.latent), torch.full((8, 32), small.stages))
    return quantiser.eval()


def test_each_stage_brings_the_latents_nearer(fitted: Quantiser, small: TinyConfig) -> None:
    latents = torch.randn(4, 32, small.latent)
    away = [
        (latents - fitted(latents, torch.full((4, 32), stages))[0]).square().mean().item()
        for stages in range(1, small.stages + 1)
    ]
    assert away == sorted(away, reverse=True)
    assert away[-1] < 0.6 * away[0]


def test_indices_give_the_same_latents(fitted: Quantiser, small: TinyConfig) -> None:
    latents = torch.randn(2, 16, small.latent)
    for stages in (1, small.stages):
        indices = fitted.indices(latents, stages)
        assert indices.shape == (2, 16, stages)
        assert 0 <= int(indices.min()) and int(indices.max()) < small.entries
    nearest, _ = fitted(latents, torch.full((2, 16), 1))
    torch.testing.assert_close(fitted.latents(fitted.indices(latents, 1)), nearest)


def test_several_ways_lead_nearer_than_the_nearest_entry_each_time(
    fitted: Quantiser, small: TinyConfig
) -> None:
    latents = torch.randn(8, 32, small.latent)
    greedy, _ = fitted(latents, torch.full((8, 32), small.stages))
    searched = fitted.latents(fitted.indices(latents, small.stages))
    away = [(it - latents).square().mean().item() for it in (searched, greedy)]
    assert away[0] < 0.97 * away[1]
    first = fitted.latents(fitted.indices(latents, small.stages)[..., :2])
    alone = fitted.latents(fitted.indices(latents, 2))
    cut = [(it - latents).square().mean().item() for it in (first, alone)]
    assert cut[1] <= cut[0] < 1.15 * cut[1]  # the first stages alone are still a good answer


def test_a_lost_step_is_nothing_and_passes_no_gradient(
    fitted: Quantiser, small: TinyConfig
) -> None:
    latents = torch.randn(1, 4, small.latent, requires_grad=True)
    whole, _ = fitted(latents, torch.tensor([[2, 0, 4, 0]]))
    assert not whole[0, 1].any() and not whole[0, 3].any()
    whole.sum().backward()
    assert latents.grad is not None
    assert not latents.grad[0, 1].any() and latents.grad[0, 0].any()


def test_entries_that_nobody_uses_are_drawn_anew(small: TinyConfig) -> None:
    torch.manual_seed(2)
    quantiser = Quantiser(small).train()
    carried = torch.full((8, 32), small.stages)
    quantiser(torch.randn(8, 32, small.latent), carried)
    far = 100 + torch.randn(8, 32, small.latent)
    for _ in range(300):
        quantiser(far, carried)
    moved = quantiser.books[0].mean(dim=1)
    assert bool((moved > 90).all())  # to where the data went


def test_use_is_counted_as_perplexity(fitted: Quantiser, small: TinyConfig) -> None:
    assert all(1 <= used <= small.entries for used in fitted.used())
    fitted.picks[0] = 0
    fitted.picks[0, 3] = 5
    assert fitted.used()[0] == 1
