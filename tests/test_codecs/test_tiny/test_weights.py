"""Files that are not what the manifest says are refused before anything of them runs."""

import shutil
from pathlib import Path

import pytest

from sotto_codecs import registry
from sotto_codecs.errors import BadWeights, WeightsMissing
from sotto_codecs.tiny import weights

MOST_BYTES = 15e6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(weights.shipped(), tmp_path / "tiny")
    return tmp_path / "tiny"


def test_the_shipped_ones_are_whole_and_small() -> None:
    found = weights.read(weights.shipped())
    assert found.books.shape == (found.config.stages, found.config.entries, found.config.latent)
    files = [path for path in weights.shipped().iterdir() if path.is_file()]
    assert {path.name for path in files} == {weights.MANIFEST, weights.BOOKS, *weights.GRAPHS}
    assert sum(path.stat().st_size for path in files) < MOST_BYTES


@pytest.mark.parametrize("name", [*weights.GRAPHS, weights.BOOKS])
@pytest.mark.parametrize("fault", ["truncated", "tampered", "empty"])
def test_other_bytes_are_refused_by_name(folder: Path, name: str, fault: str) -> None:
    content = (folder / name).read_bytes()
    middle = len(content) // 2
    tampered = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    other = {"truncated": content[:-1], "tampered": tampered, "empty": b""}[fault]
    (folder / name).write_bytes(other)
    with pytest.raises(BadWeights, match=name):
        registry.load("tiny", {"folder": str(folder)})


@pytest.mark.parametrize("name", [*weights.GRAPHS, weights.BOOKS, weights.MANIFEST])
def test_a_missing_file_is_named_with_what_mends_it(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(WeightsMissing, match=rf"{name}; to mend it: pip install"):
        registry.load("tiny", {"folder": str(folder)})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format = 1", "format = 2"),
        ("format = 1", ""),
        ("version = ", "version = x"),
        ("version = ", 'version = "one" # '),
        ("stages = 16", "stages = 15"),
        ("[sha256]", "[md5]"),
        ("latent = ", "latents = "),
    ],
)
def test_a_manifest_of_another_kind_is_refused(folder: Path, old: str, new: str) -> None:
    manifest = folder / weights.MANIFEST
    assert old in manifest.read_text()
    manifest.write_text(manifest.read_text().replace(old, new, 1))
    with pytest.raises(BadWeights, match=str(folder)):
        weights.read(folder)


def test_a_manifest_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / weights.MANIFEST).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadWeights, match=weights.MANIFEST):
        weights.read(folder)
