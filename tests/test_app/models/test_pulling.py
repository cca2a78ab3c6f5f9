"""Models from a small hub on this machine: whole, broken off, damaged, not there."""

import json
import re
from pathlib import Path
from shutil import disk_usage

import pytest

from sotto_app.errors import ModelError
from sotto_app.models.known import KnownModel
from sotto_app.models.pulling import copy, pull
from sotto_app.models.shelf import RECORD, Shelf
from tests.hub import COMMIT, SmallHub

LARGE = bytes(range(256)) * 4000
FILES = {"deep/model.bin": LARGE, "config.json": b"{}"}
TWICE = (0.0, 0.0)  # the waits between three tries


def model(digest: str = "", revision: str = "main") -> KnownModel:
    files = {"deep/model.bin": digest, "config.json": ""}
    return KnownModel("small", "hears", "MIT", "owner/small", revision, 1.0, files)


def hub(**how: object) -> SmallHub:
    return SmallHub(FILES, frozenset({"deep/model.bin"}), **how)  # type: ignore[arg-type]  # by name


def nowhere(done: int, total: int) -> None:
    """Progress that nobody looks at."""


async def pulled(small: SmallHub, shelf: Shelf, wanted: KnownModel | None = None) -> list[int]:
    """What the progress said."""
    seen = list[int]()
    async with small.serving() as address:
        await pull(wanted or model(), shelf, lambda done, total: seen.append(done), address, TWICE)
    return seen


async def test_a_model_comes_whole_with_a_record_of_what_it_is(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "models")
    seen = await pulled(hub(), shelf)
    place = tmp_path / "models" / "small"
    assert sorted(it.name for it in place.iterdir()) == sorted(["config.json", "model.bin", RECORD])
    assert (place / "model.bin").read_bytes() == LARGE
    assert seen == sorted(seen) and seen[-1] == len(LARGE) + 2
    assert json.loads((place / RECORD).read_text())["commit"] == COMMIT
    assert shelf.state(model()) == "here" and shelf.faults(model()) == []
    assert [it.name for it in shelf.folder.iterdir()] == ["small"]


async def test_what_broke_off_is_gone_on_with(tmp_path: Path) -> None:
    small = hub(break_after=300_000)
    await pulled(small, Shelf(tmp_path))
    assert (tmp_path / "small" / "model.bin").read_bytes() == LARGE
    ranges = [span for path, span in small.sent if path == "deep/model.bin"]
    assert len(ranges) == 2 and ranges[0] == ""
    assert 0 < int(re.sub(r"\D", "", ranges[1])) <= 300_000


async def test_also_by_the_next_call(tmp_path: Path) -> None:
    shelf, small = Shelf(tmp_path), hub()
    begun = shelf.begun(model())
    (begun / "model.bin.part").write_bytes(LARGE[:123_456])
    (begun / "config.json").write_bytes(b"{}")
    assert shelf.state(model()) == "begun"
    await pulled(small, shelf)
    assert small.sent == [("deep/model.bin", "bytes=123456-")]
    assert shelf.state(model()) == "here" and shelf.faults(model()) == []


async def test_a_hub_that_takes_no_ranges_begins_anew(tmp_path: Path) -> None:
    small = hub(break_after=300_000, takes_ranges=False)
    await pulled(small, Shelf(tmp_path))
    assert (tmp_path / "small" / "model.bin").read_bytes() == LARGE


async def test_another_file_than_the_one_that_is_known_is_not_fetched(tmp_path: Path) -> None:
    small, shelf = hub(), Shelf(tmp_path)
    with pytest.raises(ModelError, match="is not the file that this version of Sotto knows"):
        await pulled(small, shelf, model(digest=64 * "a"))
    assert small.sent == [] and shelf.state(model()) == "no"


async def test_a_file_that_comes_damaged_is_not_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    with pytest.raises(ModelError, match="came damaged .* it is not kept; the same command"):
        await pulled(hub(digest=64 * "b"), shelf)
    assert not list(shelf.begun(model()).glob("model.bin*"))
    await pulled(hub(), shelf)
    assert shelf.faults(model()) == []


@pytest.mark.parametrize(
    ("status", "message"), [(404, "says 404 Not Found"), (503, "does not answer .503 Service")]
)
async def test_a_hub_that_refuses_is_said_with_what_to_do(
    tmp_path: Path, status: int, message: str
) -> None:
    with pytest.raises(ModelError, match=f"{message}.*sotto models pull small --from FOLDER"):
        await pulled(hub(status=status), Shelf(tmp_path))
    with pytest.raises(ModelError, match="does not say what the file is"):
        await pulled(hub(digest="unknown"), Shelf(tmp_path))


async def test_no_answer_is_said_with_what_to_do(tmp_path: Path, unused_tcp_port: int) -> None:
    address = f"http://127.0.0.1:{unused_tcp_port}"
    with pytest.raises(ModelError, match="does not answer .*Connect.*deep/model.bin, config.json"):
        await pull(model(), Shelf(tmp_path), nowhere, address, ())


async def test_a_disk_without_room_is_said_before_anything_is_fetched(tmp_path: Path) -> None:
    small, free = hub(), disk_usage(tmp_path).free
    with pytest.raises(ModelError, match="MB are needed; make room, or set text.models_dir"):
        Shelf(tmp_path).make_room(2 * free)
    Shelf(tmp_path).make_room(0)
    assert small.sent == []


async def test_a_disk_that_fills_up_on_the_way_is_said(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    (shelf.begun(model()) / "model.bin.part").symlink_to("/dev/full")
    with pytest.raises(ModelError, match="the disk of .* is full: make room, then again"):
        await pulled(hub(), shelf)


async def test_a_new_revision_takes_the_place_of_the_old(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    await pulled(hub(), shelf)
    newer = SmallHub({**FILES, "config.json": b"{1}"}, frozenset({"deep/model.bin"}))
    await pulled(newer, shelf, model(revision="next"))
    assert (tmp_path / "small" / "config.json").read_bytes() == b"{1}"
    assert shelf.faults(model()) == []


def test_files_that_somebody_brought_are_copied_and_compared(tmp_path: Path) -> None:
    brought, shelf = tmp_path / "stick", Shelf(tmp_path / "models")
    brought.mkdir()
    (brought / "config.json").write_bytes(b"{}")
    with pytest.raises(ModelError, match="stick has no deep/model.bin"):
        copy(model(), brought, shelf)
    (brought / "model.bin").write_bytes(LARGE)
    with pytest.raises(ModelError, match="model.bin came damaged"):
        copy(model(digest=64 * "a"), brought, shelf)
    assert copy(model(), brought, shelf) == tmp_path / "models" / "small"
    assert shelf.state(model()) == "here" and (brought / "model.bin").exists()
