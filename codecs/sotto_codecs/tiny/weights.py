"""The network's files: named and hashed in a manifest, and read whole before anything of them runs.

A folder holds `manifest.toml`, three graphs and the code books.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BadWeights
from sotto_codecs.shipped import MANIFEST as MANIFEST
from sotto_codecs.shipped import REMEDY, folder_of, no_manifest, read_manifest
from sotto_codecs.tiny.config import TinyConfig
from sotto_codecs.tiny.lift import gains_of

FORMAT = 1  # of the folder: what the graphs are called, take and give
GRAPHS = ("encoder.onnx", "pitch.onnx", "filters.onnx")
BOOKS = "books.npy"


@dataclass(frozen=True, slots=True)
class Weights:
    config: TinyConfig
    version: int  # of the bit stream: other code books, another version
    encoder: bytes
    pitch: bytes
    filters: bytes
    books: Pcm  # (stages, entries, latent)
    gains_db: tuple[float, ...] = ()  # of sotto_codecs.tiny.lift; where there are none, as trained


def shipped() -> Path:
    """The folder of the weights that come with the code."""
    return folder_of("tiny")


def read(folder: Path) -> Weights:
    """Raises WeightsMissing, or BadWeights for what is not as the manifest says."""
    manifest = read_manifest(folder, FORMAT)
    try:
        config = TinyConfig.of(manifest.rest["config"])
        gains_db = gains_of(manifest.rest)
    except (KeyError, TypeError, ValueError) as fault:
        raise no_manifest(folder, fault) from None
    encoder, pitch, filters, file = (manifest.content(name) for name in (*GRAPHS, BOOKS))
    books = np.load(io.BytesIO(file), allow_pickle=False).astype(np.float32)
    if books.shape != (config.stages, config.entries, config.latent):
        raise BadWeights(f"{folder / BOOKS} has shape {books.shape}", REMEDY)
    return Weights(config, manifest.version, encoder, pitch, filters, books, gains_db)
