"""Planted truths through the whole judge, and the command as a user types it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import soundfile

from benchmarks.codecs import original
from benchmarks.codecs.conditions import WAYS
from benchmarks.codecs.judge import Plan, Present, judged, present, task_of
from benchmarks.codecs.material import Speech as Material
from benchmarks.codecs.material import recorded
from benchmarks.codecs.results import Cell, Condition, Run, SystemResult
from benchmarks.codecs.system import System
from benchmarks.metrics import registry
from tests.speech import SENTENCES, Speech
from tests.test_benchmarks.test_judge.planted import LATE_S, planted

PARTS = 3  # of the speech; each a sentence of 4 s


@pytest.fixture(scope="module")
def folder(speech: Speech, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest of three sentences and a transcript without audio."""
    folder = tmp_path_factory.mktemp("material")
    rows = ["path\tspeaker\tlicence\ttranscript"]
    for part in range(PARTS):
        name = f"{part}.wav"
        soundfile.write(folder / name, speech.at_16k[part * 64_000 :][:64_000], 16_000)
        rows.append(f"{name}\t{SENTENCES[part][0]}\tmade here\t{SENTENCES[part][1].lower()}")
    (folder / "manifest.tsv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def material(folder: Path) -> Material:
    return recorded(folder, seed=0)


def judge(
    systems: Sequence[System], material: Material, ways: str = "clean", metrics: str = "pesq,stoi"
) -> dict[str, SystemResult]:
    conditions = [
        (WAYS[name], Condition(name, "", WAYS[name].loss, 0.0, material.spread(None)))
        for name in ways.split(",")
    ]
    instruments = {key: dict[str, object]() for key in metrics.split(",")}
    plan = Plan(systems, conditions, instruments, frozenset(), jobs=1, speed_rounds=0)
    here: Present = present(systems)
    results = judged(plan, task_of(plan, material, []), here, lambda words, done, of: None)
    return {result.name: result for result in results}


def mean(result: SystemResult, key: str) -> float:
    summary = result.scores["clean"][key].summary
    assert summary is not None
    return summary.mean


@pytest.fixture(scope="module")
def truths(material: Material) -> dict[str, SystemResult]:
    return judge(
        [
            original.SYSTEM,
            planted("late", decoder="Late"),
            planted("hiss", decoder="Hiss"),
            planted("greedy", excess=1.01),
            planted("anew", decoder="Anew"),
            planted("raising", decoder="Raising"),
            planted("nan", decoder="NotFinite"),
        ],
        material,
        metrics="pesq,stoi,pitch",
    )


def test_the_original_scores_the_ceiling(truths: dict[str, SystemResult]) -> None:
    for measure in (it for key in ("pesq", "stoi", "pitch") for it in registry.measures(key)):
        if measure.key in ("f0_rmse_cents",):
            continue
        assert mean(truths["original"], measure.key) == pytest.approx(measure.best, abs=0.01)


def test_white_noise_scores_the_floor(truths: dict[str, SystemResult]) -> None:
    hiss = truths["hiss"]
    assert mean(hiss, "pesq_wb") < 1.4
    assert mean(hiss, "stoi") < 0.45
    assert mean(hiss, "voicing_error") > 40
    assert hiss.delay is not None and hiss.delay.found_ms is None
    assert not hiss.faults


def test_a_shift_is_found_and_taken_out(truths: dict[str, SystemResult]) -> None:
    late = truths["late"]
    assert late.delay is not None and late.delay.found_ms is not None
    assert late.delay.found_ms - late.delay.promised_ms == pytest.approx(1000 * LATE_S, abs=0.5)
    assert mean(late, "stoi") > 0.99
    assert mean(late, "pesq_wb") > 4.4


def test_a_broken_promise_is_flagged(truths: dict[str, SystemResult]) -> None:
    broken = {name for name, it in truths.items() if it.bits and it.bits.broken}
    assert broken == {"greedy"}


def test_speech_spoken_anew_has_no_score_that_lays_it_over(
    truths: dict[str, SystemResult],
) -> None:
    cells = truths["anew"].scores["clean"]
    for key in ("pesq_wb", "stoi"):
        assert cells[key].summary is None
        assert cells[key].words == "spoken anew, with its own timing"


def test_a_codec_that_breaks_is_a_fault_in_its_cells(truths: dict[str, SystemResult]) -> None:
    raising, nan = truths["raising"], truths["nan"]
    assert [fault.words for fault in raising.faults] == ["RuntimeError: planted"] * PARTS
    assert "not finite" in nan.faults[0].words
    assert raising.scores == {} and mean(truths["late"], "stoi") > 0.99


def test_loss_is_the_same_for_all_and_hurts(material: Material) -> None:
    systems = [planted("one"), planted("two")]
    results = judge(systems, material, ways="loss-20,burst-20", metrics="stoi")
    one, two = (results[name] for name in ("one", "two"))
    assert one.lost == two.lost
    assert 0.1 < one.lost["loss-20"] < 0.3
    cell: Cell = one.scores["loss-20"]["stoi"]
    assert cell.summary is not None and cell.summary.mean < 0.97
    assert cell == two.scores["loss-20"]["stoi"]


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.codecs", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=None,
    )


def test_the_whole_way(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    asked = ["--systems", "opus-6k,codec2-1300", "--metrics", "pesq,stoi", "--speed-rounds", 1]
    done = command("--speech", folder, *asked, "--conditions", "clean,loss-10", "--out", out)
    assert done.returncode == 0, done.stdout + done.stderr
    run = Run.read(out)
    assert [it.name for it in run.systems] == ["original", "opus-6k", "codec2-1300"]
    for system in run.systems[1:]:
        assert system.bits and system.speed and system.delay and not system.faults
        for way in ("clean", "loss-10"):
            assert set(system.scores[way]) == {"pesq_wb", "pesq_nb", "stoi", "estoi"}
            for cell in system.scores[way].values():
                assert cell.summary is not None and cell.summary.n == PARTS
    assert run.systems[0].scores["clean"]["stoi"].summary
    assert "loss-10" not in run.systems[0].scores
    assert "Codec2 1300" in done.stdout and "PESQ-WB" in done.stdout
    page = out.with_suffix(".html").read_text()
    assert "<audio" in page and "Codec2 1300" in page
    again = json.loads(out.read_text())
    assert again["schema"] == 1


def test_a_transcript_without_audio_is_told_and_the_code_is_1(folder: Path, tmp_path: Path) -> None:
    lines = (folder / "manifest.tsv").read_text().splitlines()
    holed = folder / "holed.tsv"
    holed.write_text("\n".join([*lines[:2], "absent.wav\tslt\tmade here\tgone"]) + "\n")
    out = tmp_path / "run.json"
    asked = ["--systems", "codec2-1300", "--metrics", "stoi", "--conditions", "clean"]
    done = command("--speech", holed, *asked, "--speed-rounds", 0, "--out", out)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "absent.wav" in done.stdout
    assert Run.read(out).systems[1].scores["clean"]["stoi"].summary is not None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--systems", "opus-7k"), "there is no system"),
        (("--metrics", "mos"), "there is no metric"),
        (("--conditions", "loss-99"), "there is no condition"),
        (("--speech", "absent"), "there is no such file or folder"),
    ],
)
def test_what_cannot_be_asked_for(arguments: tuple[str, str], words: str) -> None:
    done = command(*arguments)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.replace("│", " ").split())
