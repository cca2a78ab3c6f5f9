"""The folder of models: what is in it, whole or begun, and whether it is still what it was.

A model is pulled into a hidden folder and becomes visible when all of it is there and right. Beside
its files lies a record of what they were then.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from sotto_app.errors import ModelError
from sotto_app.models.digest import sha256
from sotto_app.models.known import KnownModel, file_name

RECORD = "sotto-model.json"
State = Literal["here", "by hand", "begun", "no"]


@dataclass(frozen=True, slots=True)
class Record:
    """What was put on the shelf."""

    repository: str
    revision: str
    commit: str  # that the hub said; "" where the files were copied
    files: Mapping[str, str]  # name here: SHA-256


class Shelf:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, name: str) -> Path:
        return self.folder / name

    def begun(self, model: KnownModel) -> Path:
        """Where its files are gathered; what an earlier try got is there."""
        begun = self._begun(model.name)
        begun.mkdir(parents=True, exist_ok=True)
        return begun

    def put(self, model: KnownModel, commit: str) -> Path:
        """What was gathered is whole: it takes the place of what was there."""
        begun, place = self._begun(model.name), self.place(model.name)
        names = [file_name(path) for path in model.files]
        record = Record(
            model.repository, model.revision, commit, {it: sha256(begun / it) for it in names}
        )
        (begun / RECORD).write_text(json.dumps(asdict(record), indent=2) + "\n")
        if place.exists():
            shutil.rmtree(place)
        begun.rename(place)
        return place

    def state(self, model: KnownModel) -> State:
        place = self.place(model.name)
        if all((place / file_name(path)).is_file() for path in model.files):
            return "here" if (place / RECORD).is_file() else "by hand"
        return "begun" if self._begun(model.name).is_dir() else "no"

    def faults(self, model: KnownModel) -> list[str]:
        """What is wrong with a model that is here, file by file."""
        place = self.place(model.name)
        was = self._record(model.name)
        found = list[str]()
        for path, pinned in model.files.items():
            name = file_name(path)
            if not (place / name).is_file():
                found.append(f"{name} is missing")
            elif (wanted := pinned or was.get(name, "")) and sha256(place / name) != wanted:
                found.append(f"{name} is damaged")
        return found

    def remove(self, name: str) -> int:
        """Bytes that are free again: of the model, or of what was begun of it."""
        freed = 0
        for folder in (self.place(name), self._begun(name)):
            if folder.is_dir():
                freed += sum(it.stat().st_size for it in folder.rglob("*") if it.is_file())
                shutil.rmtree(folder)
        return freed

    def make_room(self, needed: int) -> None:
        """Raises ModelError where the disk has not so many bytes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.folder).free
        if needed > free:
            raise ModelError(
                f"{self.folder} has {free / 1e6:.0f} MB free, {needed / 1e6:.0f} MB are needed; "
                "make room, or set text.models_dir (SOTTO_TEXT_MODELS_DIR)"
            )

    def _begun(self, name: str) -> Path:
        return self.folder / f".{name}.part"

    def _record(self, name: str) -> Mapping[str, str]:
        try:
            files = json.loads((self.place(name) / RECORD).read_text())["files"]
            return {str(name): str(digest) for name, digest in files.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise ModelError(f"{self.place(name) / RECORD} is damaged: pull it anew") from fault
