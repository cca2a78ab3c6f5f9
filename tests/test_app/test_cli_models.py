"""`sotto models`."""

import asyncio
import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

from sotto_app.cli import main
from sotto_app.models.known import load_known
from sotto_codecs.backends.focal import Focal
from tests.hub import SmallHub
from tests.test_codecs.test_focal.sizes import SMALL

VOICE = "piper-de_DE-thorsten-medium"
COMMAND = "from sotto_app.cli import main; main()"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOTTO_TEXT_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["sotto", "models", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


def brought(folder: Path, name: str) -> Path:
    """Files of a model, such as a person could bring."""
    folder.mkdir()
    for path in load_known()[name].files:
        (folder / Path(path).name).write_bytes(path.encode())
    return folder


async def sotto(address: str, *arguments: str) -> tuple[int, str]:
    environ = {**os.environ, "HF_ENDPOINT": address}
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COMMAND, "models", *arguments),
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await program.communicate()
    return program.returncode or 0, said.decode()


async def test_a_model_is_pulled_listed_checked_and_removed(folder: Path) -> None:
    files = {path: path.encode() for path in load_known()[VOICE].files}
    hub = SmallHub(files, frozenset(path for path in files if path.endswith(".onnx")))
    async with hub.serving() as address:
        code, said = await sotto(address, "pull", VOICE)
        assert (code, said.splitlines()[-1]) == (0, f"It is in {folder / VOICE}")
        assert "Licence: CC0" in said
        assert await sotto(address, "pull", VOICE) == (
            *(0, f"{VOICE} is here already: {folder / VOICE}\n"),
        )
        assert await sotto(address, "check") == (0, f"{VOICE}: good\n")
        code, said = await sotto(address, "list", "--json")
    rows = {row["name"]: row["state"] for row in json.loads(said)}
    assert rows[VOICE] == "here" and rows["xtts-v2"] == "no"


def test_a_licence_that_asks_for_it_must_be_accepted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = brought(folder.with_name("stick"), "xtts-v2")
    assert run(monkeypatch, "pull", "xtts-v2", "--from", str(source)) == 2
    captured = capsys.readouterr()
    assert "not for commercial use" in captured.out and "--accept-licence" in captured.err
    assert not folder.exists()
    assert run(monkeypatch, "pull", "xtts-v2", "--from", str(source), "--accept-licence") == 0
    assert (folder / "xtts-v2" / "model.pth").read_bytes() == b"model.pth"


def test_what_is_damaged_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = brought(folder.with_name("stick"), "whisper-tiny")
    assert run(monkeypatch, "pull", "whisper-tiny", "--from", str(source)) == 1
    wrong = hashlib.sha256(b"model.bin").hexdigest()
    assert f"model.bin came damaged (SHA-256 {wrong}, not dcb76c" in capsys.readouterr().err
    source = brought(folder.with_name("other"), VOICE)
    assert run(monkeypatch, "pull", VOICE, "--from", str(source)) == 0
    (folder / VOICE / "MODEL_CARD").write_text("changed")
    assert run(monkeypatch, "check", VOICE) == 1
    captured = capsys.readouterr()
    assert f"{VOICE}: MODEL_CARD is damaged" in captured.out
    assert "sotto models pull NAME" in captured.err
    assert run(monkeypatch, "remove", VOICE) == 0
    assert "are free again" in capsys.readouterr().out and not (folder / VOICE).exists()


def test_a_focalcodec_is_exported_into_what_a_call_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for package in ("torch", "onnx", "safetensors"):
        pytest.importorskip(package, reason="needs: pip install '.[torch]'")
    from safetensors.torch import save_file

    from tests.test_codecs.test_focal.layout import described, weights

    assert run(monkeypatch, "export", "whisper-tiny") == 2
    assert run(monkeypatch, "export", "focal-600") == 3
    assert "to mend it: sotto models pull focal-600" in capsys.readouterr().err
    place, config = folder / "focal-600", SMALL
    place.mkdir(parents=True)
    save_file(weights(config), place / "model.safetensors")
    (place / "config.json").write_text(json.dumps(described(config)))
    assert run(monkeypatch, "export", "focal-600") == 0
    assert Focal("600", models_dir=str(folder)).spec.payload_bps == config.payload_bps


def test_the_table_has_every_model_and_a_name_is_checked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "list") == 0
    table = capsys.readouterr().out
    assert all(name in table for name in load_known()) and "They are put in" in table
    assert run(monkeypatch, "remove", "../elsewhere") == 2
    assert "no model" in capsys.readouterr().err
