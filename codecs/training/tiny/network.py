"""Encoder, quantiser and decoder together, as training sees them."""

from dataclasses import dataclass

from torch import Tensor, nn

from sotto_codecs.tiny.config import TinyConfig
from training.tiny.decoder import Decoder, Spoken
from training.tiny.encoder import Encoder
from training.tiny.quantiser import Quantiser


@dataclass(frozen=True, slots=True)
class Passed:
    spoken: Spoken
    pitch: Tensor  # (batch, rows, lags): the encoder's logits
    commitment: Tensor  # how far latents lie from their entries


class Tiny(nn.Module):
    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.quantiser = Quantiser(config)
        self.decoder = Decoder(config)

    def forward(
        self, sound: Tensor, carried: Tensor, noise: Tensor, true_pitch: Tensor | None = None
    ) -> Passed:
        """A clip from its beginning: (batch, samples) in whole steps; carried (batch, steps).

        What comes out lags by `config.delay` samples.
        """
        said, _ = self.encoder(sound, self.encoder.blank(len(sound)))
        heard, commitment = self.quantiser(said.latents, carried)
        state = self.decoder.blank(len(sound))
        spoken, _ = self.decoder(heard, carried, noise, state, true_pitch)
        return Passed(spoken, said.pitch, commitment)
