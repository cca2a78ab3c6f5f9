"""Encoder and decoder: sound -> tokens -> sound, from one state to the next.

    heard, fresh = codec.encoder(sound, state)     whole chunks, as many as one likes
    state = advanced(state, fresh)

One big call from the blank state and chunk after chunk give the same, to rounding.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.network.front import Front
from sotto_codecs.focal.network.memory import DecoderState, EncoderState
from sotto_codecs.focal.network.modulation import Compressor, Decompressor
from sotto_codecs.focal.network.quantiser import corners, tokens
from sotto_codecs.focal.network.vocoder import Vocoder

Change = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Heard:
    features: Tensor  # (batch, time, width): what a voice is converted in
    latents: Tensor  # (batch, time, bits)
    tokens: Tensor  # (batch, time), int64


class Encoder(nn.Module):
    def __init__(self, config: FocalConfig) -> None:
        super().__init__()
        self.config = config
        self.front = Front(config)
        self.compressor = Compressor(config)

    def blank(self, batch: int) -> EncoderState:
        hearing, places, layers = self.front.blank(batch)
        focal = self.compressor.blank(batch)
        return EncoderState(_beginning(places), hearing, places, layers, layers, focal)

    def forward(self, sound: Tensor, state: EncoderState) -> tuple[Heard, EncoderState]:
        """sound (batch, samples) of 16 kHz, whole chunks; gives also what is new for the state."""
        _whole(sound.shape[1], self.config.chunk_samples)
        at = state.position
        x, hearing = self.front.hear(sound, state.hearing, at)
        x, places = self.front.placed(x, state.places, at)
        features, keys, values = self.front.attend(x, state.keys, state.values, at)
        latents, focal = self.compressor(features, state.focal, at)
        frames = torch.full_like(at, features.shape[1])
        fresh = EncoderState(frames, hearing, places, keys, values, focal)
        return Heard(features, latents, tokens(latents)), fresh


class Decoder(nn.Module):
    def __init__(self, config: FocalConfig) -> None:
        super().__init__()
        self.config = config
        self.decompressor = Decompressor(config)
        self.vocoder = Vocoder(config)

    def blank(self, batch: int) -> DecoderState:
        embedding, vocoder = self.vocoder.blank(batch)
        return DecoderState(
            _beginning(embedding), self.decompressor.blank(batch), embedding, vocoder
        )

    def forward(
        self, tokens: Tensor, state: DecoderState, change: Change | None = None
    ) -> tuple[Tensor, DecoderState]:
        """tokens (batch, time), whole chunks -> sound (batch, samples) of 24 kHz.

        `change` may put other features (batch, time, width) in the place of what they say.
        """
        _whole(tokens.shape[1], self.config.chunk)
        x, focal = self.decompressor(corners(tokens, self.config.bits), state.focal, state.position)
        x = change(x) if change else x
        sound, embedding, vocoder = self.vocoder(x, state.embedding, state.vocoder)
        frames = torch.full_like(state.position, tokens.shape[1])
        return sound, DecoderState(frames, focal, embedding, vocoder)


class FocalCodec(nn.Module):
    def __init__(self, config: FocalConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)


def _beginning(like: Tensor) -> Tensor:
    return torch.zeros((), dtype=torch.int64, device=like.device)


def _whole(length: int, chunk: int) -> None:
    if length == 0 or length % chunk:
        raise ValueError(f"{length} are not whole chunks of {chunk}")
