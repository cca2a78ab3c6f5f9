"""The network's files: named and hashed in a manifest, and read whole before anything of them runs.

A folder holds `manifest.toml`, three graphs and the code books.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BadWeights
from sotto_codecs.shipped import MANIFEST as MANIFEST
from sotto_codecs.shipped import REMEDY, folder_of, no_manifest, read_manifest
from sotto_codecs.tiny.config import TinyConfig
from sotto_codecs.tiny.lift import EDGES_HZ

FORMAT = 1  # of the folder: what the graphs are called, take and give
GRAPHS = ("encoder.onnx", "pitch.onnx", "filters.onnx")
BOOKS = "books.npy"
MOST_DB = 12.0  # to lift by: more is no matter of level


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
        gains_db = _gains(manifest.rest.get("level", {}))
    except (KeyError, TypeError, ValueError) as fault:
        raise no_manifest(folder, fault) from None
    encoder, pitch, filters, file = (manifest.content(name) for name in (*GRAPHS, BOOKS))
    books = np.load(io.BytesIO(file), allow_pickle=False).astype(np.float32)
    if books.shape != (config.stages, config.entries, config.latent):
        raise BadWeights(f"{folder / BOOKS} has shape {books.shape}", REMEDY)
    return Weights(config, manifest.version, encoder, pitch, filters, books, gains_db)


def _gains(table: Mapping[str, Any]) -> tuple[float, ...]:
    gains_db = tuple(float(it) for it in dict(table).get("gains_db", ()))
    if len(gains_db) not in (0, len(EDGES_HZ) - 1) or not all(
        abs(it) <= MOST_DB for it in gains_db
    ):
        raise ValueError(f"level: gains_db = {list(gains_db)}")
    return gains_db
