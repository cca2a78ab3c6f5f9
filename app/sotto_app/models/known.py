"""Which models there are: configs/models.toml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sotto_app.files import config_path
from sotto_app.strict_toml import build, read_tables


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A table of configs/models.toml. Its files lie side by side in one folder."""

    name: str
    words: str
    licence: str
    repository: str
    revision: str
    size_mb: float
    files: Mapping[str, str]  # in the repository: SHA-256, or "" where the hub's own word is taken
    must_accept: bool = False  # its licence, before it is pulled

    def __post_init__(self) -> None:
        if not self.files or len({file_name(it) for it in self.files}) < len(self.files):
            raise ValueError("files: none, or two of one name")
        for path, digest in self.files.items():
            if not re.fullmatch(r"([0-9a-f]{64})?", digest):
                raise ValueError(f"files: {path}: {digest!r} is no SHA-256")


def file_name(path: str) -> str:
    """How a file of a repository is called here."""
    return PurePosixPath(path).name


def load_known(path: Path | None = None) -> dict[str, KnownModel]:
    """All models of a TOML file by name, in its order. Raises SettingsError."""
    path = path or config_path("models.toml")
    return {
        name: build(KnownModel, table, f"{path}: [{name}]", name=name)
        for name, table in read_tables(path).items()
    }
