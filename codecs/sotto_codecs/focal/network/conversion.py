"""Sound -> sound in another's voice, offline, with the network in torch.

    codec = read_codec(shelf / "focal-800")
    voice = heard(codec, pcm_of_the_other)
    for pcm in converted(codec, pcm, voice): ...

PCM in is (samples,) at the rate that the codec hears, out at the rate that it speaks.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sotto_codecs.base import Pcm
from sotto_codecs.focal.convert import Features, matched
from sotto_codecs.focal.network.checkpoint import load
from sotto_codecs.focal.network.memory import advanced
from sotto_codecs.focal.network.network import FocalCodec, Heard
from sotto_codecs.focal.published import WEIGHTS, read
from sotto_codecs.focal.room import make_sure

CHUNKS_AT_ONCE = 125  # 10 s: what is kept while it is computed grows with the square


def read_codec(folder: Path) -> FocalCodec:
    """What was pulled. Raises WeightsMissing, BadWeights, BackendUnavailable without the memory."""
    config = read(folder)
    if (folder / WEIGHTS).exists():
        make_sure(folder / WEIGHTS)
    return load(folder / WEIGHTS, config)


def heard(codec: FocalCodec, pcm: Pcm) -> Features:
    """Of a voice: what the encoder hears, before any of it becomes bits."""
    return np.concatenate([_array(it.features) for it in _hearing(codec, pcm)])


def converted(codec: FocalCodec, pcm: Pcm, voice: Features) -> Iterator[Pcm]:
    """All of `pcm` in that voice, 10 s at a time, padded to whole chunks."""

    def changed(features: Tensor) -> Tensor:
        return torch.from_numpy(matched(_array(features), voice)).unsqueeze(0)

    state = codec.decoder.blank(1)
    for it in _hearing(codec, pcm):
        with torch.no_grad():
            sound, fresh = codec.decoder(it.tokens, state, changed)
        state = advanced(state, fresh)
        yield _array(sound)


def _hearing(codec: FocalCodec, pcm: Pcm) -> Iterator[Heard]:
    chunk, state = codec.config.chunk_samples, codec.encoder.blank(1)
    padded = np.pad(pcm, (0, -len(pcm) % chunk))
    for start in range(0, len(padded), CHUNKS_AT_ONCE * chunk):
        piece = torch.from_numpy(padded[start : start + CHUNKS_AT_ONCE * chunk])
        with torch.no_grad():
            found, fresh = codec.encoder(piece.unsqueeze(0), state)
        state = advanced(state, fresh)
        yield found


def _array(batch: Tensor) -> Features:
    array: Features = batch[0].numpy()
    return array
