"""The layout of published checkpoints at any size: names, random weights, config.json."""

from typing import Any

import torch
from torch import Tensor

from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.network.naming import ours
from sotto_codecs.focal.network.network import FocalCodec


def network(config: FocalConfig) -> FocalCodec:
    """Of random weights, and so quiet that little of what it says is cut at 1."""
    torch.manual_seed(5)
    codec = FocalCodec(config).eval()
    with torch.no_grad():
        codec.decoder.vocoder.leave.weight *= 0.1
    return codec


def weights(config: FocalConfig) -> dict[str, Tensor]:
    """Of that network."""
    state = network(config).state_dict()
    return {name: state[ours(name) or ""] for name in published(config)}


def described(config: FocalConfig) -> dict[str, Any]:
    """config.json, with most that the published code takes."""
    focal = {
        "hidden_dims": [config.width] * config.blocks,
        "focal_window": config.focal_window,
        "focal_level": config.focal_levels,
        "focal_factor": config.focal_factor,
        "dropout": 0.0,
        "use_post_norm": False,
        "use_layerscale": False,
        "layerscale_init": 0.0001,
        "tanhscale_init": 0.5,
        "normalize_modulator": False,
        "causal": True,
        "window_size": config.window,
    }
    ones = [1] * config.blocks
    return {
        "encoder_name": "WavLM",
        "encoder_config": {
            "hidden_dims": [config.hearing] * len(config.kernels),
            "kernel_sizes": [*config.kernels],
            "strides": [*config.strides],
            "num_layers": config.layers,
            "dim": config.width,
            "ffn_dim": 4 * config.width,
            "num_heads": config.heads,
            "num_buckets": config.buckets,
            "max_distance": config.farthest,
            "max_cached_steps": 2048,
            "conv_pos": config.place_kernel,
            "conv_pos_groups": config.place_groups,
            "causal": True,
            "window_size": config.window,
            "lookahead_size": 3,
        },
        "compressor_name": "FocalEncoder",
        "compressor_config": focal
        | {"input_dim": config.width, "output_dim": config.bits, "downscale_factors": ones},
        "quantizer_name": "BinarySphericalQuantizer",
        "quantizer_config": {"codebook_size": 2**config.bits},
        "decompressor_config": focal
        | {"input_dim": config.bits, "output_dim": config.width, "upscale_factors": ones}
        | {"last_window_size": config.window, "lookahead_size": 3},
        "decoder_name": "WaveNeXt",
        "decoder_config": {
            "num_layers": config.vocoder_layers,
            "input_dim": config.width,
            "dim": config.width,
            "ffn_dim": 2 * config.width,
            "kernel_size": config.vocoder_kernel,
            "hop_length": config.hop,
            "causal": True,
        },
    }


def published(config: FocalConfig) -> list[str]:
    """Every name of the published layout, for a network of these sizes."""
    names = []
    for index in range(len(config.kernels)):
        layer = f"encoder.feature_extractor.layers.{index}"
        names += [f"{layer}.conv.weight", f"{layer}.norm.weight", f"{layer}.norm.bias"]
    names += both("encoder.norm", "encoder.feature_proj")
    names += both("encoder.encoder.positional_embedding.conv")
    names += ["encoder.encoder.relative_embedding.weight"]
    for index in range(config.layers):
        layer = f"encoder.encoder.layers.{index}"
        parts = ("qkv_proj", "out_proj", "gru_rel_pos_linear")
        names += both(f"{layer}.attention_norm", f"{layer}.feed_forward_norm")
        names += both(*(f"{layer}.attention.{part}" for part in parts))
        names += both(f"{layer}.feed_forward.in_proj", f"{layer}.feed_forward.out_proj")
        names += [f"{layer}.attention.gru_rel_pos_const"]
    for index in range(config.blocks):
        names += focal(f"compressor.layers.{index}", "downscale", config)
        names += focal(f"decompressor.layers.{index}", "upscale", config)
    names += both("compressor.out_proj", "decompressor.in_proj")
    names += both("decompressor.refiner.in_proj", "decompressor.refiner.out_proj")
    names += both("decoder.backbone.embedding", "decoder.backbone.input_norm")
    for index in range(config.vocoder_layers):
        layer = f"decoder.backbone.layers.{index}"
        names += both(*(f"{layer}.{part}" for part in ("dwconv", "norm", "pwconv1", "pwconv2")))
        names += [f"{layer}.gamma"]
    return names + both("decoder.backbone.output_norm", "decoder.head.proj")


def focal(layer: str, scaling: str, config: FocalConfig) -> list[str]:
    block = f"{layer}.focal_block"
    levels = [f"modulation.layers.{level}.0" for level in range(len(config.focal_kernels))]
    parts = ("modulation.in_proj", "modulation.context_proj", "modulation.out_proj", *levels)
    names = both(f"{layer}.{scaling}.{scaling}", *(f"{block}.{part}" for part in parts))
    names += both(f"{block}.feed_forward.in_proj", f"{block}.feed_forward.out_proj")
    norms = (f"{block}.modulation_norm", f"{block}.feed_forward_norm")
    return names + [f"{name}.alpha" for name in (f"{layer}.{scaling}.activation", *norms)]


def both(*modules: str) -> list[str]:
    return [f"{module}.{leaf}" for module in modules for leaf in ("weight", "bias")]
