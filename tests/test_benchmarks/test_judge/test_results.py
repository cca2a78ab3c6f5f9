from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.codecs.results import Run
from sotto_app.strict_toml import SettingsError
from tests.judged import INSTRUMENTS, SENTENCES, cell, planted_run, replaced, with_a_fault


def test_a_run_comes_back_from_its_file(tmp_path: Path) -> None:
    run = with_a_fault(planted_run())
    opus = next(it for it in run.systems if it.name == "opus-6k")
    broken = {**opus.scores["clean"], "wer": cell([None, *[3.0] * 11], "One is missing.")}
    run = replaced(run, "opus-6k", scores={**opus.scores, "clean": broken})
    path = tmp_path / "a folder/run.json"
    run.write(path)
    assert Run.read(path) == run


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text('{"schema": 1}')
    with pytest.raises(SettingsError, match=r"run\.json: the key 'started' is missing"):
        Run.read(path)


def test_what_went_wrong_is_told_in_words() -> None:
    assert planted_run().faults == []  # an instrument that nobody asked for is no fault
    run = with_a_fault(planted_run())
    missing = replace(INSTRUMENTS[0], missing="no pesq: pip install '.[bench]'")
    assert replace(run, instruments=(missing,)).faults == [
        "pesq: no pesq: pip install '.[bench]'",
        f"opus-6k, clean, {SENTENCES[2].id}: the decoder returned <NaN>",
    ]
