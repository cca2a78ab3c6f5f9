"""On a small checkpoint in the published layout, that the test writes."""

import json
from collections import Counter
from math import prod
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

import torch
from safetensors.torch import save_file
from torch import Tensor

from sotto_codecs.errors import BadWeights, WeightsMissing
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.network.checkpoint import expected, load, misfits
from sotto_codecs.focal.network.naming import ours
from tests.test_codecs.test_focal.layout import published, weights

MILLIONS = {"front": 88.71, "compressor": 42.63, "decompressor": 76.19, "vocoder": 41.51}
LAYOUT = Path(__file__).parents[4] / "shared" / "docs" / "focal-checkpoint-layout.json"

# of one of each kind, in the published checkpoint of 12 bits
SHAPES = {
    "encoder.feature_extractor.layers.1.conv.weight": (512, 512, 3),
    "encoder.encoder.positional_embedding.conv.weight": (1024, 64, 128),
    "encoder.encoder.relative_embedding.weight": (320, 16),
    "encoder.encoder.layers.5.attention.gru_rel_pos_const": (1, 16, 1, 1),
    "encoder.encoder.layers.0.attention.gru_rel_pos_linear.weight": (8, 64),
    "compressor.layers.2.downscale.activation.alpha": (1024, 1),
    "compressor.layers.0.focal_block.modulation.in_proj.weight": (2051, 1024),
    "compressor.layers.0.focal_block.modulation.layers.1.0.weight": (1024, 1, 18),
    "compressor.layers.0.focal_block.modulation.layers.2.0.weight": (1024, 1, 512),
    "decompressor.layers.1.upscale.upscale.weight": (1024, 1024, 1),
    "decompressor.refiner.in_proj.weight": (4096, 4096),
    "decoder.backbone.embedding.bias": (1024,),
    "decoder.backbone.layers.7.gamma": (1024,),
    "decoder.backbone.layers.7.dwconv.weight": (1024, 1, 7),
    "decoder.head.proj.weight": (480, 1024),
}


@pytest.fixture
def small_weights(small: FocalConfig) -> dict[str, Tensor]:
    return weights(small)


def test_the_real_one_has_the_published_size_block_by_block() -> None:
    counted: Counter[str] = Counter()
    for name, shape in expected(FocalConfig()).items():
        counted[name.split(".")[1]] += prod(shape)
    assert {block: round(count / 1e6, 2) for block, count in counted.items()} == MILLIONS
    assert round(counted.total() / 1e6, 2) == 249.04


def test_every_published_name_is_one_of_ours() -> None:
    config = FocalConfig()
    shapes = expected(config)
    names = published(config)
    assert len(names) == len({*names}) == len(shapes)
    assert {ours(name) for name in names} == {*shapes}
    assert {name: shapes[ours(name) or ""] for name in SHAPES} == SHAPES


@pytest.mark.skipif(not LAYOUT.exists(), reason="the list of a published checkpoint is not here")
def test_names_and_shapes_are_those_of_a_published_checkpoint() -> None:
    layout = {name: tuple(shape) for name, shape in json.loads(LAYOUT.read_text())}
    assert {*layout} == {*published(FocalConfig())}
    assert misfits(layout, FocalConfig()) == []


def test_a_checkpoint_is_loaded_weight_by_weight(
    tmp_path: Path, small: FocalConfig, small_weights: dict[str, Tensor]
) -> None:
    save_file(small_weights, tmp_path / "model.safetensors")
    codec = load(tmp_path / "model.safetensors", small)
    loaded = codec.state_dict()
    assert {*loaded} == {ours(name) for name in small_weights}
    for name, value in small_weights.items():
        torch.testing.assert_close(loaded[ours(name) or ""], value, atol=0, rtol=0)
    assert not codec.training


def test_what_does_not_fit_is_named(
    tmp_path: Path, small: FocalConfig, small_weights: dict[str, Tensor]
) -> None:
    del small_weights["decoder.head.proj.bias"]
    small_weights["decoder.head.stft.window"] = torch.zeros(3)
    small_weights["compressor.out_proj.bias"] = torch.zeros(13)
    save_file(small_weights, tmp_path / "model.safetensors")
    with pytest.raises(BadWeights) as caught:
        load(tmp_path / "model.safetensors", small)
    assert "unknown: decoder.head.stft.window" in caught.value.reason
    assert "missing: decoder.vocoder.leave.bias" in caught.value.reason
    assert "of another shape: compressor.out_proj.bias (13,) for (12,)" in caught.value.reason
    assert caught.value.remedy == "sotto models pull focal-600"


@pytest.mark.parametrize("bits", [11, 16])
def test_another_code_book_is_refused(
    tmp_path: Path, small: FocalConfig, small_weights: dict[str, Tensor], bits: int
) -> None:
    save_file(small_weights, tmp_path / "model.safetensors")
    other = FocalConfig(**{name: getattr(small, name) for name in small.__slots__} | {"bits": bits})
    with pytest.raises(BadWeights, match=rf"focal-{50 * bits}"):
        load(tmp_path / "model.safetensors", other)


@pytest.mark.parametrize("kept", [0, 4, 100, -1])
def test_a_truncated_file_is_no_checkpoint(
    tmp_path: Path, small: FocalConfig, small_weights: dict[str, Tensor], kept: int
) -> None:
    file = tmp_path / "model.safetensors"
    save_file(small_weights, file)
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(BadWeights, match="damaged, or no safetensors at all"):
        load(file, small)


def test_foreign_files_and_missing_ones_are_no_checkpoint(
    tmp_path: Path, small: FocalConfig
) -> None:
    (tmp_path / "song.safetensors").write_bytes(b"RIFF" + bytes(4096))
    with pytest.raises(BadWeights, match="damaged, or no safetensors at all"):
        load(tmp_path / "song.safetensors", small)
    with pytest.raises(
        WeightsMissing, match="there is no .*; to mend it: sotto models pull focal-600"
    ):
        load(tmp_path / "none.safetensors", small)
    with pytest.raises(BadWeights, match="damaged, or no safetensors at all"):
        load(tmp_path, small)
