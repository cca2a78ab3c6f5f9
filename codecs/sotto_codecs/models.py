"""Networks that come with no package: where the operator has them, and what was agreed to.

A model is a folder of its own, named as in configs/models.toml: whisper-small, xtts-v2. The command
`sotto models pull` puts it there; one that was copied by hand does as well.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Models:
    """What is on disk. Back-ends look into it when they are loaded, and never fetch anything."""

    folder: Path | None = None  # of the models' folders
    xtts_licence_accepted: bool = False
    only: str = ""  # the name of the one that is wanted; "" is any

    def here(self, pattern: str) -> tuple[Path, ...]:
        """Folders of models whose names match (glob), by name."""
        if self.folder is None:
            return ()
        found = sorted(it for it in self.folder.glob(pattern) if it.is_dir())
        return tuple(it for it in found if self.only in ("", it.name))

    @property
    def place(self) -> str:
        """Where they were looked for, for a message."""
        return f"{self.folder}/{self.only}".rstrip("/") if self.folder else "a folder; none is set"


NO_MODELS = Models()


def pull(name: str) -> str:
    """The command that brings a model here."""
    return f"sotto models pull {name}"
