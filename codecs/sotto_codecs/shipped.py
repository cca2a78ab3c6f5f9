"""Weights that come with the code: a folder each, its files hashed in a manifest.

All is read whole and held against the manifest before anything of it runs.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sotto_codecs.errors import BadWeights, WeightsMissing

MANIFEST = "manifest.toml"
REMEDY = "pip install --force-reinstall sotto-call"
PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Manifest:
    """What all of them say; `rest` is for who reads them."""

    folder: Path
    version: int  # of the bit stream: other weights, another version
    hashes: Mapping[str, str]  # by file
    rest: Mapping[str, Any]

    def content(self, name: str) -> bytes:
        """A file as it was when the manifest was written. Raises WeightsMissing, BadWeights."""
        path = self.folder / name
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise WeightsMissing(f"there is no {path}", REMEDY) from None
        except OSError as fault:
            raise BadWeights(f"{path} cannot be read ({fault})", REMEDY) from None
        if sha256(content).hexdigest() != self.hashes.get(name):
            raise BadWeights(f"{path} is not the file that the manifest names: other bytes", REMEDY)
        return content


def folder_of(name: str) -> Path:
    """In the wheel, or in a checkout."""
    inside = PACKAGE / "weights" / name
    return inside if inside.exists() else PACKAGE.parent / "weights" / name


def read_manifest(folder: Path, layout: int) -> Manifest:
    """Of a folder whose `format` is `layout`. Raises WeightsMissing, BadWeights."""
    found = _parsed(folder / MANIFEST)
    if found.get("format") != layout:
        raise BadWeights(f"{folder}: of format {found.get('format')!r}, not {layout}", REMEDY)
    try:
        return Manifest(folder, int(found["version"]), dict(found["sha256"]), found)
    except (KeyError, TypeError, ValueError) as fault:
        raise no_manifest(folder, fault) from None


def no_manifest(folder: Path, fault: Exception) -> BadWeights:
    return BadWeights(f"{folder / MANIFEST} is no manifest ({fault!r})", REMEDY)


def _parsed(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except FileNotFoundError:
        raise WeightsMissing(f"there is no {file}", REMEDY) from None
    except (OSError, ValueError) as fault:
        raise BadWeights(f"{file} cannot be read ({fault})", REMEDY) from None
