"""The config.json beside published weights -> ours: read what is free, refuse what we do not do."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sotto_codecs.errors import BadWeights, WeightsMissing
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.models import pull

CONFIG, WEIGHTS = "config.json", "model.safetensors"
Part = Mapping[str, Any]

# what may be different from one network to the next, and its name here
FREE = {
    "encoder": {
        "kernel_sizes": "kernels",
        "strides": "strides",
        "num_layers": "layers",
        "dim": "width",
        "num_heads": "heads",
        "num_buckets": "buckets",
        "max_distance": "farthest",
        "conv_pos": "place_kernel",
        "conv_pos_groups": "place_groups",
        "window_size": "window",
    },
    "compressor": {
        "focal_window": "focal_window",
        "focal_level": "focal_levels",
        "focal_factor": "focal_factor",
    },
    "decoder": {
        "num_layers": "vocoder_layers",
        "kernel_size": "vocoder_kernel",
        "hop_length": "hop",
    },
}
# first values of what is trained, chances while training, and ways to compute the same
NO_MATTER = {
    "dropout",
    "layerscale_init",
    "max_cached_steps",
    "tanhscale_init",
    "use_flex_attention",
}


NAMES = {
    "encoder_name": "WavLM",
    "compressor_name": "FocalEncoder",
    "quantizer_name": "BinarySphericalQuantizer",
    "decompressor_name": "FocalDecoder",
    "decoder_name": "WaveNeXt",
}


def read(folder: Path) -> FocalConfig:
    """Raises WeightsMissing, BadWeights."""
    file, mend = folder / CONFIG, pull(folder.name)
    try:
        found = json.loads(file.read_text())
        config = _config(found)
        faults = _faults(found, config)
    except FileNotFoundError:
        raise WeightsMissing(f"there is no {file}", mend) from None
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as fault:
        raise BadWeights(f"{file} is no config of FocalCodec ({fault!r})", mend) from fault
    if faults:
        raise BadWeights(f"{file} is not FocalCodec-Stream: {'; '.join(faults)}", mend)
    return config


def _config(found: Part) -> FocalConfig:
    entries = int(found["quantizer_config"]["codebook_size"])
    values: dict[str, Any] = {"bits": entries.bit_length() - 1}
    for part, names in FREE.items():
        given = found.get(f"{part}_config") or {}
        values |= {ours: given[theirs] for theirs, ours in names.items() if theirs in given}
    hearing = (found.get("encoder_config") or {}).get("hidden_dims")
    blocks = (found.get("compressor_config") or {}).get("hidden_dims")
    values |= {"hearing": hearing[0]} if hearing else {}
    values |= {"blocks": len(blocks)} if blocks else {}
    return FocalConfig.of(values)


def _faults(found: Part, config: FocalConfig) -> list[str]:
    """What is not as it would be for a network that we can run."""
    faults = [
        f"{part} is {found[part]!r}, not {name!r}"
        for part, name in NAMES.items()
        if found.get(part, name) != name
    ]
    for part, wanted in _theirs(config).items():
        given = found.get(part) or {}
        if wanted.get("causal") and not given.get("causal"):
            faults.append(f"{part} is not causal")
        faults += [
            f"{part} has {key} = {value!r}"
            for key, value in given.items()
            if key not in NO_MATTER and wanted.get(key) != value
        ]
    return faults


def _theirs(config: FocalConfig) -> dict[str, dict[str, Any]]:
    """How their file would describe this network."""
    free = {
        part: {theirs: _listed(getattr(config, ours)) for theirs, ours in names.items()}
        for part, names in FREE.items()
    }
    focal = free["compressor"] | {
        "hidden_dims": [config.width] * config.blocks,
        "use_post_norm": False,
        "use_layerscale": False,
        "normalize_modulator": False,
        "causal": True,
        "window_size": config.window,
    }
    ones = [1] * config.blocks
    chunk = {"causal": True, "lookahead_size": config.chunk - 1}
    return {
        "encoder_config": free["encoder"]
        | chunk
        | {
            "hidden_dims": [config.hearing] * len(config.kernels),
            "ffn_dim": config.expansion * config.width,
        },
        "compressor_config": focal
        | {"input_dim": config.width, "output_dim": config.bits, "downscale_factors": ones},
        "quantizer_config": {"codebook_size": 1 << config.bits},
        "decompressor_config": focal
        | chunk
        | {
            "input_dim": config.bits,
            "output_dim": config.width,
            "upscale_factors": ones,
            "last_window_size": config.window,
        },
        "decoder_config": free["decoder"]
        | {
            "input_dim": config.width,
            "dim": config.width,
            "ffn_dim": config.vocoder_expansion * config.width,
            "causal": True,
        },
    }


def _listed(value: Any) -> Any:
    return [*value] if isinstance(value, tuple) else value
