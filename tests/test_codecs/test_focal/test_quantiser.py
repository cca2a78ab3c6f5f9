import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

import torch

from sotto_codecs.focal.network.quantiser import corners, tokens


def test_each_dimension_is_a_bit_the_first_the_most_significant() -> None:
    latents = torch.tensor([[0.3, -2.0, 0.1, -0.0], [-1.0, -1.0, -1.0, 5.0]])
    assert tokens(latents).tolist() == [0b1010, 0b0001]


@pytest.mark.parametrize("bits", [11, 12, 16])
def test_a_token_is_a_corner_on_the_sphere_and_the_corner_is_the_token(bits: int) -> None:
    every = torch.arange(2**bits)
    found = corners(every, bits)
    assert found.shape == (2**bits, bits)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(2**bits))
    assert torch.equal(tokens(found), every)
