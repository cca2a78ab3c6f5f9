"""The bench of text mode: its report, and what it keeps of an earlier run."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("soundfile", reason="needs: pip install '.[bench,media]'")

import soundfile
import typer

from benchmarks.bench_text import Figure, Part, Report, main
from benchmarks.metrics.base import RATE_HZ

TEXT = "margaret said mister hale as he returned from showing his guest downstairs"
EARLIER = Part("voice", "2026-01-01", 8, (1.0, 1.0), (Figure("likeness", 0.5, ""),))


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    noise = 0.1 * np.random.default_rng(1).standard_normal(RATE_HZ).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", noise, RATE_HZ)
    table = tmp_path / "manifest.tsv"
    table.write_text(f"path\tspeaker\tlicence\ttranscript\na.wav\tada\town\t{TEXT}\n")
    return table


def test_parts_that_are_not_run_keep_what_they_were(manifest: Path, tmp_path: Path) -> None:
    out = tmp_path / "text.json"
    main(manifest, parts="text", out=out)
    first = Report.read(out)
    assert [it.name for it in first.parts] == ["text"]
    asked = [it for it in first.parts[0].figures if it.met is not None]
    assert [it.asked for it in asked] == ["at most 28 bit/s"]
    assert asked[0].met == (asked[0].seen <= 28)
    replace(first, parts=(EARLIER,)).write(out)
    main(manifest, parts="text", out=out)
    assert [it.name for it in Report.read(out).parts] == ["text", "voice"]
    assert Report.read(out).parts[1] == EARLIER


def test_a_part_that_nobody_knows_is_refused(manifest: Path) -> None:
    with pytest.raises(typer.BadParameter, match="music"):
        main(manifest, parts="text,music")
