"""The benchmark runs, and what it writes can be read again. No figure of time is judged here."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from benchmarks.bench_call import main
from benchmarks.report import Report
from sotto_app.strict_toml import SettingsError


def run(*options: str) -> str:
    app = typer.Typer()
    app.command()(main)
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    return result.output


def test_headless_calls_end_in_a_json_that_says_what_was_measured(tmp_path: Path) -> None:
    out = tmp_path / "call.json"
    options = ("--modes", "none", "--headless", "opus-24k", "--calls", "1", "--seconds", "2")
    assert "Written to" in run(*options, "--out", str(out))
    report = Report.read(out)
    step = report.capacity[-1]
    assert (step.mode, step.calls, report.seconds) == ("opus-24k", 1, 2.0)
    assert step.delivery > 0.5  # else nobody heard the other, whatever else the machine does
    assert 0 < step.server_percent_per_call < 100
    assert step.memory_mb_per_call > 0
    assert report.machine.cores >= 1
    assert any(line.startswith("aiortc ") for line in report.machine.libraries)


def test_a_report_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text('{"started": "2026-01-01T00:00:00+00:00", "speed": 3}')
    with pytest.raises(SettingsError, match="speed"):
        Report.read(path)


def test_a_mode_that_does_not_exist_is_refused() -> None:
    with pytest.raises(AssertionError, match="no mode 'opus-1k'"):
        run("--modes", "opus-1k")
