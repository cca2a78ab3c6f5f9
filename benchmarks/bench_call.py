"""`make bench`: what a call costs and how late it is, beside the design's budgets.

python -m benchmarks.bench_call --quick
python -m benchmarks.bench_call --modes opus-24k,codec2-700c --calls 5,10 --seconds 20
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import soundfile
import typer
from rich.console import Console
from rich.progress import Progress

from benchmarks.capacity import Capacity, capacity
from benchmarks.report import ENOUGH, Budgets, Report, now, show, this_machine
from benchmarks.two_browsers import BrowserCall, pair
from sotto_app.modes import load_modes
from tests.browsers import installed
from tests.voices import never_pausing

RESULTS = Path(__file__).parent / "results"
TRIES = 2  # a machine that does something else gives each step so many
QUICK_MODES, QUICK_CALLS, QUICK_S = "opus-24k,codec2-1200", "5", 4.0

MODES = typer.Option(help="Modes between two browsers, with commas; all, or none.")
HEADLESS = typer.Option("--headless", help="Modes of the headless calls; all, or none.")
CALLS = typer.Option(help="How many headless calls at once, step by step, until they fail.")
SECONDS = typer.Option(help="Length of each measurement.", min=2.0)
QUICK = typer.Option("--quick", help="Two modes, five calls, four seconds: a look, no result.")
OUT = typer.Option(help="Where the JSON goes. [default: benchmarks/results/DATE-call.json]")
COMPARE = typer.Option(help="An older JSON to stand beside.")


def main(  # noqa: PLR0913  # one parameter per option is how typer reads them
    modes: Annotated[str, MODES] = "all",
    headless: Annotated[str, HEADLESS] = "opus-24k,codec2-1200",
    calls: Annotated[str, CALLS] = "5,10,20,40",
    seconds: Annotated[float, SECONDS] = 12.0,
    quick: Annotated[bool, QUICK] = False,
    out: Annotated[Path | None, OUT] = None,
    compare: Annotated[Path | None, COMPARE] = None,
) -> None:
    """Measure mouth-to-ear delay, the relay's CPU and memory, and how many calls a core carries."""
    if quick:
        modes, calls, seconds = QUICK_MODES, QUICK_CALLS, QUICK_S
    before = Report.read(compare) if compare else None
    console = Console()
    started, load_before = now(), os.getloadavg()[0]
    with Progress(console=console) as progress, tempfile.TemporaryDirectory() as folder:
        bench = Bench(progress, seconds, Path(folder))
        heard = tuple(bench.between_browsers(_listed(modes)))
        steps = tuple(
            step
            for mode in _listed(headless)
            for step in bench.until_it_fails(mode, [int(count) for count in calls.split(",")])
        )
    report = Report(
        started=started,
        machine=this_machine(installed() if heard else None),
        budgets=Budgets(),
        load_average_before=load_before,
        load_average_after=os.getloadavg()[0],
        seconds=seconds,
        browser_calls=heard,
        capacity=steps,
    )
    path = out or RESULTS / f"{started[:10]}-call.json"
    report.write(path)
    show(report, before, console)
    console.print(f"Written to {path}")


class Bench:
    """The measurements, one after another."""

    def __init__(self, progress: Progress, seconds: float, folder: Path) -> None:
        self._progress, self._seconds, self._folder = progress, seconds, folder

    def between_browsers(self, modes: list[str]) -> Iterator[BrowserCall]:
        if not modes:
            return
        known = load_modes()
        task = self._progress.add_task("two browsers", total=len(modes))
        with pair(self._folder) as call:
            for mode in modes:
                self._progress.update(task, description=f"two browsers: {mode}")
                yield call.measure(mode, known[mode].title, self._seconds)
                self._progress.advance(task)

    def until_it_fails(self, mode: str, counts: list[int]) -> Iterator[Capacity]:
        task = self._progress.add_task(mode, total=len(counts))
        voice, _ = soundfile.read(never_pausing(self._folder)[0], dtype="float32")
        for calls in counts:
            for _ in range(TRIES):
                self._progress.update(task, description=f"{mode}: {calls} calls")
                step = capacity(mode, calls, self._seconds, voice, self._folder)
                yield step
                if step.delivery >= ENOUGH:
                    break
            else:
                break
            self._progress.advance(task)
        self._progress.update(task, total=1, completed=1)


def _listed(modes: str) -> list[str]:
    """Names with commas between. Raises typer.BadParameter."""
    known = list(load_modes())
    names = {"all": known, "none": []}.get(modes, modes.split(","))
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"there is no mode {name!r}; there are {', '.join(known)}")
    return names


if __name__ == "__main__":
    typer.run(main)
