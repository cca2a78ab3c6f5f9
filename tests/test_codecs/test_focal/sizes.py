"""A network of all parts and few weights: a test's few seconds run past its windows."""

from sotto_codecs.focal.config import FocalConfig

SMALL = FocalConfig(
    hearing=8,
    width=32,
    layers=2,
    heads=4,
    place_kernel=8,
    place_groups=4,
    buckets=32,
    farthest=64,
    window=40,
    blocks=2,
    focal_window=3,
    focal_factor=2,
    vocoder_layers=2,
)
