"""What is in the folder of models, and whether it is still right."""

from pathlib import Path

import pytest

from sotto_app.errors import ModelError
from sotto_app.models.digest import sha256
from sotto_app.models.known import KnownModel
from sotto_app.models.shelf import RECORD, Shelf

MODEL = KnownModel("small", "hears", "MIT", "o/s", "main", 1.0, {"a/one": "", "two": ""})


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path)
    for name in ("one", "two"):
        (made.begun(MODEL) / name).write_text(name)
    made.put(MODEL, "c0ffee")
    return made


def test_a_changed_and_a_missing_file_are_found(shelf: Shelf) -> None:
    assert shelf.faults(MODEL) == []
    (shelf.place("small") / "one").write_text("other")
    (shelf.place("small") / "two").unlink()
    assert shelf.faults(MODEL) == ["one is damaged", "two is missing"]
    assert shelf.state(MODEL) == "no"


def test_of_files_by_hand_only_what_the_catalogue_knows_is_compared(shelf: Shelf) -> None:
    right = sha256(shelf.place("small") / "one")
    (shelf.place("small") / RECORD).unlink()
    assert shelf.state(MODEL) == "by hand" and shelf.faults(MODEL) == []
    files = {"a/one": right, "two": 64 * "0"}
    pinned = KnownModel("small", "hears", "MIT", "o/s", "main", 1.0, files)
    assert shelf.faults(pinned) == ["two is damaged"]


def test_a_torn_record_says_what_to_do(shelf: Shelf) -> None:
    (shelf.place("small") / RECORD).write_text("{")
    with pytest.raises(ModelError, match="is damaged: pull it anew"):
        shelf.faults(MODEL)


def test_what_is_removed_is_gone_with_what_was_begun(shelf: Shelf) -> None:
    (shelf.begun(MODEL) / "one.part").write_bytes(bytes(1000))
    assert shelf.remove("small") > 1000
    assert shelf.state(MODEL) == "no" and shelf.remove("small") == 0
    assert list(shelf.folder.iterdir()) == []
