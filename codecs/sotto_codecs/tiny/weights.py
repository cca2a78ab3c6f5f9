"""The network's files: named and hashed in a manifest, and read whole before anything of them runs.

A folder holds `manifest.toml`, three graphs and the code books.
"""

import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BadWeights, WeightsMissing
from sotto_codecs.tiny.config import TinyConfig

FORMAT = 1  # of the folder: what the graphs are called, take and give
MANIFEST = "manifest.toml"
GRAPHS = ("encoder.onnx", "pitch.onnx", "filters.onnx")
BOOKS = "books.npy"

PACKAGE = Path(__file__).parents[1]
REMEDY = "pip install --force-reinstall sotto-call"


@dataclass(frozen=True, slots=True)
class Weights:
    config: TinyConfig
    version: int  # of the bit stream: other code books, another version
    encoder: bytes
    pitch: bytes
    filters: bytes
    books: Pcm  # (stages, entries, latent)


def shipped() -> Path:
    """The folder of the weights that come with the code: in the wheel, or in a checkout."""
    inside = PACKAGE / "weights" / "tiny"
    return inside if inside.exists() else PACKAGE.parent / "weights" / "tiny"


def read(folder: Path) -> Weights:
    """Raises WeightsMissing, or BadWeights for what is not as the manifest says."""
    manifest = _manifest(folder)
    if manifest.get("format") != FORMAT:
        raise BadWeights(f"{folder}: of format {manifest.get('format')!r}, not {FORMAT}", REMEDY)
    try:
        hashes, version = dict(manifest["sha256"]), int(manifest["version"])
        config = _config(manifest["config"])
    except (KeyError, TypeError, ValueError) as fault:
        raise BadWeights(f"{folder / MANIFEST} is no manifest ({fault!r})", REMEDY) from None
    encoder, pitch, filters, file = (
        _verified(folder / name, hashes.get(name)) for name in (*GRAPHS, BOOKS)
    )
    books = np.load(io.BytesIO(file), allow_pickle=False).astype(np.float32)
    if books.shape != (config.stages, config.entries, config.latent):
        raise BadWeights(f"{folder / BOOKS} has shape {books.shape}", REMEDY)
    return Weights(config, version, encoder, pitch, filters, books)


def _manifest(folder: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads((folder / MANIFEST).read_text())
    except FileNotFoundError:
        raise WeightsMissing(f"there is no {folder / MANIFEST}", REMEDY) from None
    except (OSError, ValueError) as fault:
        raise BadWeights(f"{folder / MANIFEST} cannot be read ({fault})", REMEDY) from None


def _config(table: Mapping[str, Any]) -> TinyConfig:
    names = {each.name for each in fields(TinyConfig)}
    if set(table) != names:
        raise ValueError(f"config: {sorted(set(table) ^ names)}")
    values: dict[str, Any] = {
        name: tuple(it) if isinstance(it, list) else it for name, it in table.items()
    }
    return TinyConfig(**values)


def _verified(path: Path, expected: object) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise WeightsMissing(f"there is no {path}", REMEDY) from None
    except OSError as fault:
        raise BadWeights(f"{path} cannot be read ({fault})", REMEDY) from None
    if sha256(content).hexdigest() != expected:
        raise BadWeights(f"{path} is not the file that the manifest names: other bytes", REMEDY)
    return content
