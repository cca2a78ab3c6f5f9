"""Sound in another's voice, with a small network of random weights."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

import torch
from safetensors.torch import save_file
from torch import Tensor

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable, WeightsMissing
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.network import conversion
from sotto_codecs.focal.network.conversion import converted, heard, read_codec
from sotto_codecs.focal.network.network import FocalCodec
from tests.test_codecs.test_focal.layout import described, network, weights

SECONDS = 11  # more than is computed at once


@pytest.fixture(scope="module")
def codec(small: FocalConfig) -> FocalCodec:
    return network(small)


def noise(seconds: float, seed: int) -> Pcm:
    samples = np.random.default_rng(seed).normal(0, 0.1, int(16_000 * seconds))
    return samples.astype(np.float32)


@torch.no_grad()
def features(codec: FocalCodec, pcm: Pcm) -> Tensor:
    """Of the encoder, in one call."""
    sound = torch.from_numpy(np.pad(pcm, (0, -len(pcm) % codec.config.chunk_samples)))
    found, _ = codec.encoder(sound.unsqueeze(0), codec.encoder.blank(1))
    return found.features[0]


def test_a_voice_is_what_the_encoder_hears_of_it_however_long_it_is(codec: FocalCodec) -> None:
    pcm = noise(SECONDS + 0.03, 1)
    expected = features(codec, pcm).numpy()
    np.testing.assert_allclose(heard(codec, pcm), expected, atol=1e-4)


@torch.no_grad()
def test_what_is_said_is_matched_and_spoken_piece_after_piece(codec: FocalCodec) -> None:
    """A voice of one frame leaves nothing but that frame to the vocoder."""
    voice = np.repeat(heard(codec, noise(1, 2))[:1], 4, axis=0)
    said = np.concatenate([*converted(codec, noise(SECONDS, 3), voice)])
    frames = -(-SECONDS * 16_000 // codec.config.chunk_samples) * codec.config.chunk
    blank = codec.decoder.blank(1)
    alone = torch.from_numpy(np.repeat(voice[:1], frames, axis=0)).unsqueeze(0)
    expected, _, _ = codec.decoder.vocoder(alone, blank.embedding, blank.vocoder)
    np.testing.assert_allclose(said, expected[0].numpy(), atol=1e-4)


def test_another_voice_says_it_otherwise_and_the_same_voice_the_same(codec: FocalCodec) -> None:
    source, one, other = noise(2, 4), heard(codec, noise(3, 5)), heard(codec, noise(3, 6))
    said = [np.concatenate([*converted(codec, source, it)]) for it in (one, one, other)]
    np.testing.assert_array_equal(said[0], said[1])
    assert np.abs(said[0] - said[2]).max() > 1e-3


def test_what_was_pulled_is_read(tmp_path: Path, small: FocalConfig) -> None:
    folder = tmp_path / "focal-600"
    with pytest.raises(WeightsMissing, match="sotto models pull focal-600"):
        read_codec(folder)
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(described(small)))
    save_file(weights(small), folder / "model.safetensors")
    np.testing.assert_allclose(
        heard(read_codec(folder), noise(1, 7)), heard(network(small), noise(1, 7))
    )


def test_a_machine_without_the_memory_is_told_before_it_is_read(
    tmp_path: Path, small: FocalConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: Path) -> None:
        raise BackendUnavailable(f"{file.name} needs more", "end other programs")

    monkeypatch.setattr(conversion, "make_sure", refuse)
    (tmp_path / "config.json").write_text(json.dumps(described(small)))
    (tmp_path / "model.safetensors").write_bytes(b"never read")
    with pytest.raises(BackendUnavailable, match="needs more"):
        read_codec(tmp_path)
