"""`sotto modes`."""

import json
import subprocess
import sys

import pytest

from sotto_app.cli import main
from sotto_app.modes import load_modes


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["sotto", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


def test_json_lists_every_mode(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "modes", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == list(load_modes())
    assert {
        "name": "codec2-700c",
        "codec": "codec2",
        "payload_bps": 700,
        "available": True,
        "reason": None,
    } in rows


def test_a_mode_that_cannot_run_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pycodec2", None)
    assert run(monkeypatch, "modes", "--json") == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    missing = rows["codec2-3200"]
    assert not missing["available"] and missing["payload_bps"] is None
    assert "pip install" in missing["reason"] and rows["opus-24k"]["available"]
    assert run(monkeypatch, "modes") == 0
    assert "pycodec2" in capsys.readouterr().out


def test_the_table_has_a_line_for_every_mode(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "modes") == 0
    table = capsys.readouterr().out
    assert all(name in table for name in load_modes())


def test_without_the_extra_the_command_says_what_to_install() -> None:
    code = "import sys; sys.modules['typer'] = None; from sotto_app.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    expected = "sotto: the package typer is missing: pip install 'sotto-call[media]'\n"
    assert (done.returncode, done.stderr) == (3, expected)
