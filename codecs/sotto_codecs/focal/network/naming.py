"""Published names of weights and ours: a table, since both are facts. {} stands for a number."""

import re

# of modules; the leaf (weight, bias, alpha, gamma) is the same, where no other stands beside it
MODULES = {
    "encoder.feature_extractor.layers.{}.conv": "encoder.front.hearing.{}.convolution",
    "encoder.feature_extractor.layers.{}.norm": "encoder.front.hearing.{}.norm",
    "encoder.norm": "encoder.front.norm",
    "encoder.feature_proj": "encoder.front.enter",
    "encoder.encoder.positional_embedding.conv": "encoder.front.places",
    "encoder.encoder.layers.{}.attention_norm": "encoder.front.layers.{}.attention_norm",
    "encoder.encoder.layers.{}.attention.qkv_proj": "encoder.front.layers.{}.attention.inward",
    "encoder.encoder.layers.{}.attention.out_proj": "encoder.front.layers.{}.attention.outward",
    "encoder.encoder.layers.{}.attention.gru_rel_pos_linear": (
        "encoder.front.layers.{}.attention.gate"
    ),
    "encoder.encoder.layers.{}.feed_forward_norm": "encoder.front.layers.{}.feed_norm",
    "encoder.encoder.layers.{}.feed_forward.in_proj": "encoder.front.layers.{}.feed.widen",
    "encoder.encoder.layers.{}.feed_forward.out_proj": "encoder.front.layers.{}.feed.narrow",
    "compressor.layers.{}.downscale.downscale": "encoder.compressor.mixing.{}",
    "compressor.layers.{}.downscale.activation": "encoder.compressor.snakes.{}",
    "compressor.out_proj": "encoder.compressor.leave",
    "decompressor.in_proj": "decoder.decompressor.enter",
    "decompressor.layers.{}.upscale.activation": "decoder.decompressor.snakes.{}",
    "decompressor.layers.{}.upscale.upscale": "decoder.decompressor.mixing.{}",
    "decompressor.refiner.in_proj": "decoder.decompressor.refiner.widen",
    "decompressor.refiner.out_proj": "decoder.decompressor.refiner.narrow",
    "decoder.backbone.embedding": "decoder.vocoder.embedding",
    "decoder.backbone.input_norm": "decoder.vocoder.enter_norm",
    "decoder.backbone.layers.{}": "decoder.vocoder.layers.{}",
    "decoder.backbone.layers.{}.dwconv": "decoder.vocoder.layers.{}.over_time",
    "decoder.backbone.layers.{}.norm": "decoder.vocoder.layers.{}.norm",
    "decoder.backbone.layers.{}.pwconv1": "decoder.vocoder.layers.{}.feed.widen",
    "decoder.backbone.layers.{}.pwconv2": "decoder.vocoder.layers.{}.feed.narrow",
    "decoder.backbone.output_norm": "decoder.vocoder.leave_norm",
    "decoder.head.proj": "decoder.vocoder.leave",
}
# inside a block, the same in compressor and decompressor
BLOCK = {
    "modulation_norm": "modulation_norm",
    "modulation.in_proj": "modulation.inward",
    "modulation.layers.{}.{}": "modulation.levels.{}",
    "modulation.context_proj": "modulation.context",
    "modulation.out_proj": "modulation.outward",
    "feed_forward_norm": "feed_norm",
    "feed_forward.in_proj": "feed.widen",
    "feed_forward.out_proj": "feed.narrow",
}
LEAVES = {
    "encoder.encoder.relative_embedding.weight": "encoder.front.distances",
    "encoder.encoder.layers.{}.attention.gru_rel_pos_const": (
        "encoder.front.layers.{}.attention.strength"
    ),
    "decoder.backbone.embedding.bias": "decoder.vocoder.embedding_bias",
}
TABLE = MODULES | {
    f"{part}.layers.{{}}.focal_block.{theirs}": f"{side}.{part}.blocks.{{}}.{ours}"
    for side, part in (("encoder", "compressor"), ("decoder", "decompressor"))
    for theirs, ours in BLOCK.items()
}


def ours(published: str) -> str | None:
    """Our name for a published one; None where we know none."""
    numbers = re.findall(r"\.(\d+)(?=\.)", published)
    pattern = re.sub(r"\.\d+(?=\.)", ".{}", published)
    module, _, leaf = pattern.rpartition(".")
    name = LEAVES.get(pattern) or (TABLE[module] + "." + leaf if module in TABLE else None)
    return name and name.format(*numbers)
