"""`make bench-codecs`: every codec, ours and others', on the same speech in one run.

python -m benchmarks.codecs --limit 10 --metrics pesq,stoi
python -m benchmarks.codecs --systems 'codec2-*,lyra-3200' --conditions clean,loss-10
python -m benchmarks.codecs --show benchmarks/results/2026-11-21-codecs.json
"""

import os
import shlex
import sys
import tempfile
import time
from dataclasses import replace
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from benchmarks.codecs import compare as comparison
from benchmarks.codecs import original, table
from benchmarks.codecs import page as listening
from benchmarks.codecs.conditions import WAYS, Way
from benchmarks.codecs.judge import Plan, instruments_of, judged, present, task_of
from benchmarks.codecs.listening import recordings
from benchmarks.codecs.material import (
    BadMaterial,
    Speech,
    babble,
    backgrounds,
    recorded,
    spoken_by_flite,
)
from benchmarks.codecs.plots import docs_plot
from benchmarks.codecs.results import SCHEMA, Condition, Run
from benchmarks.codecs.scoring import Task
from benchmarks.codecs.system import System, systems_of
from benchmarks.metrics import registry
from benchmarks.peers.registry import peers
from benchmarks.report import LIBRARIES, now, this_machine
from sotto_app.settings import load_settings
from sotto_codecs.base import Pcm

SHARED = Path(os.path.relpath(Path(__file__).parents[3] / "shared"))  # beside a checkout
RESULTS = Path(__file__).parents[1] / "results"
TOOLS = (
    *("ai-edge-litert", "jiwer", "onnxruntime", "pesq", "pocketsphinx", "pystoi", "pyworld"),
    *("resemblyzer", "speechmos", "torch", "torchmetrics", "transformers"),
)

WIDTH = 120  # of what is printed into a file
LINES = 20  # of progress there, for each part of the run
FEW = 2  # speakers to hear, on a page that is for figures

SPEECH = typer.Option(help="A manifest, or a folder of sounds. [default: ../shared, else flite]")
NOISE = typer.Option(help="A manifest of backgrounds. [default: ../shared, else babble]")
LIMIT = typer.Option(help="So many sentences at most.", min=1)
IMPAIRED = typer.Option(help="So many of them with noise or loss.", min=1)
SEED = typer.Option(help="Picks sentences, noise and what is lost.")
SYSTEMS = typer.Option(help="Names or patterns, with commas.")
METRICS = typer.Option(help=f"With commas: {', '.join(registry.INSTRUMENTS)}.")
CONDITIONS = typer.Option(help=f"With commas: {', '.join(WAYS)}.")
RECOGNISER = typer.Option(help="pocketsphinx, or faster-whisper:FOLDER.")
VOICE = typer.Option(help="resemblyzer, or ecapa:FOLDER.")
LYRA = typer.Option(help="Folder of Lyra v2's three graphs.")
WEIGHTS = typer.Option(help="Folder of EnCodec's and Mimi's weights.")
NISQA = typer.Option(help="Folder of nisqa.tar.")
JOBS = typer.Option(help="Processes that score.", min=1)
ROUNDS = typer.Option(help="Rounds of the speed measurement; 0 leaves it out.", min=0)
OUT = typer.Option(help="Where the JSON goes. [default: benchmarks/results/DATE-codecs.json]")
PAGE = typer.Option(help="Where the page goes. [default: beside the JSON]")
HEAR = typer.Option(
    help=f"Speakers to hear; more than {FEW}, and the page begins with them.", min=0
)
SHOW = typer.Option(help="A JSON of an older run: shows it, and measures nothing.")
PICTURE = typer.Option(help="Six plots as one PNG, for a document.")
COMPARE = typer.Option(help="An older JSON: prints what moved by more than its interval.")


def main(  # noqa: PLR0913  # one parameter per option is how typer reads them
    speech: Annotated[Path | None, SPEECH] = None,
    noise: Annotated[Path | None, NOISE] = None,
    limit: Annotated[int | None, LIMIT] = None,
    limit_impaired: Annotated[int, IMPAIRED] = 24,
    seed: Annotated[int, SEED] = 0,
    systems: Annotated[str, SYSTEMS] = "*",
    metrics: Annotated[str, METRICS] = "all",
    conditions: Annotated[str, CONDITIONS] = "all",
    recogniser: Annotated[str, RECOGNISER] = "pocketsphinx",
    voice: Annotated[str, VOICE] = "resemblyzer",
    lyra: Annotated[Path, LYRA] = SHARED / "instruments/lyra",
    weights: Annotated[Path, WEIGHTS] = SHARED / "instruments",
    nisqa: Annotated[Path, NISQA] = SHARED / "instruments/nisqa",
    jobs: Annotated[int, JOBS] = len(os.sched_getaffinity(0)),
    speed_rounds: Annotated[int, ROUNDS] = 3,
    out: Annotated[Path | None, OUT] = None,
    page: Annotated[Path | None, PAGE] = None,
    hear: Annotated[int, HEAR] = FEW,
    picture: Annotated[Path | None, PICTURE] = None,
    show: Annotated[Path | None, SHOW] = None,
    compare: Annotated[Path | None, COMPARE] = None,
) -> None:
    """Judge every codec on the same speech: quality, words, voice, bits, delay, speed."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    before = Run.read(compare) if compare else None
    if show:
        _report(Run.read(show), before, picture, console)
        raise typer.Exit
    options: dict[str, dict[str, object]] = {
        "words": {"recogniser": recogniser},
        "likeness": {"encoder": voice},
        "nisqa": {"weights": nisqa},
    }
    picked = _systems(systems, lyra, weights)
    keys = _listed(metrics, list(registry.INSTRUMENTS), "metric")
    ways = [WAYS[name] for name in _listed(conditions, list(WAYS), "condition")]
    try:
        said, behind = _material(speech, noise, seed, limit)
    except BadMaterial as fault:
        raise typer.BadParameter(str(fault)) from fault
    plan = Plan(
        systems=picked,
        conditions=[(way, _condition(way, said, limit_impaired)) for way in ways],
        instruments={key: options.get(key, {}) for key in keys},
        asked=frozenset(keys if metrics != "all" else ()),
        jobs=jobs,
        speed_rounds=speed_rounds,
    )
    run, task = _run(plan, said, behind, console)
    path = out or RESULTS / f"{run.started[:10]}-codecs.json"
    run.write(path)
    beside = page or path.with_suffix(".html")
    heard = list(recordings(run, task, hear))
    html = listening.render(run, heard, sounds_first=hear > FEW)
    beside.write_text(html, encoding="utf-8")
    _report(run, before, picture, console)
    console.print(f"Figures: {path}\nPictures and sound: {beside}")
    raise typer.Exit(1 if run.faults else 0)


def _report(run: Run, before: Run | None, picture: Path | None, console: Console) -> None:
    table.show(run, console)
    if before:
        comparison.show(comparison.compare(before, run), console)
    if picture:
        picture.write_bytes(docs_plot(run))


def _systems(patterns: str, lyra: Path, weights: Path) -> list[System]:
    """Those that a pattern names; the original is always there. Raises typer.BadParameter."""
    modes = load_settings(None, os.environ).load_modes()
    known = [*systems_of(list(modes.values())), *peers(lyra, weights)]
    for pattern in patterns.split(","):
        if not any(fnmatch(system.name, pattern) for system in known):
            names = ", ".join(system.name for system in known)
            raise typer.BadParameter(f"there is no system {pattern!r}; there are {names}")
    picked = [it for it in known if any(fnmatch(it.name, way) for way in patterns.split(","))]
    return [original.SYSTEM, *picked]


def _listed(names: str, known: list[str], what: str) -> list[str]:
    """Raises typer.BadParameter."""
    listed = known if names == "all" else names.split(",")
    for name in listed:
        if name not in known:
            raise typer.BadParameter(f"there is no {what} {name!r}; there are {', '.join(known)}")
    return listed


def _material(
    speech: Path | None, noise: Path | None, seed: int, limit: int | None
) -> tuple[Speech, list[Pcm]]:
    """What is said, and the noise behind it. Raises BadMaterial."""
    evaluation, noises = SHARED / "data/evaluation", SHARED / "data/noise.tsv"
    source = speech or (evaluation if evaluation.is_dir() else None)
    if source:
        said = recorded(source, seed, limit)
    else:
        with tempfile.TemporaryDirectory() as folder:
            said = spoken_by_flite(Path(folder), seed, limit)
    manifest = noise or (noises if noises.is_file() else None)
    return said, backgrounds(manifest) if manifest else babble(said)


def _condition(way: Way, speech: Speech, limit_impaired: int) -> Condition:
    sentences = speech.spread(None if way.kind == "clean" else limit_impaired)
    return Condition(way.name, way.words, way.loss, way.outage_ms, sentences)


def _run(plan: Plan, speech: Speech, behind: list[Pcm], console: Console) -> tuple[Run, Task]:
    started, began, load_before = now(), time.monotonic(), os.getloadavg()[0]
    instruments = instruments_of(plan)
    measuring = {it.key: plan.instruments[it.key] for it in instruments if not it.missing}
    plan = replace(plan, instruments=measuring)
    task = task_of(plan, speech, behind)
    with Progress(console=console) as progress:
        bar = progress.add_task("")

        def step(words: str, done: int, of: int) -> None:
            progress.update(bar, description=words, completed=done, total=of)
            if not console.is_terminal and done % max(1, of // LINES) == 0:
                console.print(f"{now()} {done} of {of}: {words}")

        results = judged(plan, task, present(plan.systems), step)
    run = Run(
        schema=SCHEMA,
        started=started,
        seconds=round(time.monotonic() - began, 1),
        command=shlex.join(["python", "-m", "benchmarks.codecs", *sys.argv[1:]]),
        machine=this_machine(None, tuple(it for it in (*LIBRARIES, *TOOLS) if _installed(it))),
        load_average_before=load_before,
        material=speech.material,
        conditions=tuple(condition for _, condition in plan.conditions),
        measures=tuple(it for key in measuring for it in registry.measures(key)),
        instruments=tuple(instruments),
        systems=tuple(results),
    )
    return run, task


def _installed(package: str) -> bool:
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False


if __name__ == "__main__":
    typer.run(main)
