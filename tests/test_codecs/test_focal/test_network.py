import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

import torch
from torch import Tensor

from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.network.memory import advanced
from sotto_codecs.focal.network.network import FocalCodec

CHUNKS = 25  # 100 frames, more than twice the window


@pytest.fixture(scope="module")
def codec(small: FocalConfig) -> FocalCodec:
    torch.manual_seed(3)
    return FocalCodec(small).eval()


def talk(config: FocalConfig, chunks: int = CHUNKS) -> Tensor:
    samples = chunks * config.chunk_samples
    return 0.1 * torch.randn(2, samples, generator=torch.Generator().manual_seed(4))


@torch.no_grad()
def said(codec: FocalCodec, sound: Tensor, at_once: int) -> tuple[Tensor, Tensor]:
    """Latents and tokens, so many chunks in a call."""
    state, latents, tokens = codec.encoder.blank(len(sound)), [], []
    for piece in sound.split(at_once * codec.config.chunk_samples, dim=1):
        heard, fresh = codec.encoder(piece, state)
        state = advanced(state, fresh)
        latents.append(heard.latents)
        tokens.append(heard.tokens)
    return torch.cat(latents, dim=1), torch.cat(tokens, dim=1)


@torch.no_grad()
def spoken(codec: FocalCodec, tokens: Tensor, at_once: int) -> Tensor:
    state, parts = codec.decoder.blank(len(tokens)), []
    for piece in tokens.split(at_once * codec.config.chunk, dim=1):
        sound, fresh = codec.decoder(piece, state)
        state = advanced(state, fresh)
        parts.append(sound)
    return torch.cat(parts, dim=1)


@pytest.mark.parametrize("at_once", [1, 3, 24])
def test_a_few_chunks_at_a_time_give_what_the_whole_clip_gives(
    codec: FocalCodec, at_once: int
) -> None:
    sound = talk(codec.config)
    latents, tokens = said(codec, sound, CHUNKS)
    pieces, piece_tokens = said(codec, sound, at_once)
    torch.testing.assert_close(pieces, latents, atol=1e-4, rtol=0)
    assert torch.equal(piece_tokens, tokens)
    whole = spoken(codec, tokens, CHUNKS)
    assert whole.shape == (2, CHUNKS * codec.config.out_samples)
    torch.testing.assert_close(spoken(codec, tokens, at_once), whole, atol=1e-4, rtol=0)
