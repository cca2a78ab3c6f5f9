import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

from sotto_codecs.errors import BadWeights, WeightsMissing
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.published import CONFIG, read
from tests.test_codecs.test_focal.layout import described


def written(folder: Path, content: object) -> Path:
    folder = folder / "focal-600"
    folder.mkdir(exist_ok=True)
    (folder / CONFIG).write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def test_the_published_sizes_are_the_ones_we_begin_with(tmp_path: Path) -> None:
    assert read(written(tmp_path, described(FocalConfig()))) == FocalConfig()


@pytest.mark.parametrize(("entries", "bits"), [(2048, 11), (65_536, 16)])
def test_bits_follow_from_the_code_book_and_sizes_are_free(
    tmp_path: Path, entries: int, bits: int
) -> None:
    content = described(FocalConfig())
    content["quantizer_config"]["codebook_size"] = entries
    content["compressor_config"]["output_dim"] = content["decompressor_config"]["input_dim"] = bits
    content["encoder_config"] |= {"num_layers": 2, "hidden_dims": [64] * 7}
    expected = FocalConfig(bits=bits, layers=2, hearing=64)
    assert read(written(tmp_path, content)) == expected


@pytest.mark.parametrize(
    ("part", "change", "said"),
    [
        ("encoder_config", {"causal": False}, "encoder_config is not causal"),
        (
            "compressor_config",
            {"use_post_norm": True},
            "compressor_config has use_post_norm = True",
        ),
        ("decompressor_config", {"last_window_size": 16}, "has last_window_size = 16"),
        ("decoder_config", {"n_fft": 1024}, "decoder_config has n_fft = 1024"),
        ("quantizer_config", {"codebook_size": 5000}, "has codebook_size = 5000"),
        ("compressor_config", {"output_dim": 13}, "compressor_config has output_dim = 13"),
        ("encoder_config", {"strides": [2] * 7}, "ValueError"),
        ("encoder_config", {"strides": "none"}, "TypeError"),
    ],
)
def test_what_we_do_not_do_is_named(
    tmp_path: Path, part: str, change: dict[str, Any], said: str
) -> None:
    content = described(FocalConfig())
    content[part] |= change
    with pytest.raises(BadWeights, match=rf"{said}.*sotto models pull focal-600"):
        read(written(tmp_path, content))


def test_another_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadWeights, match="decoder_name is 'Vocos', not 'WaveNeXt'"):
        read(written(tmp_path, described(FocalConfig()) | {"decoder_name": "Vocos"}))


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"quantizer_config": 3}'])
def test_what_is_no_config_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadWeights, match=r"no config of FocalCodec"):
        read(written(tmp_path, content))


def test_a_folder_without_one_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"there is no .*; .*: sotto models pull focal-800"):
        read(tmp_path / "focal-800")
