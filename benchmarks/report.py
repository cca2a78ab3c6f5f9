"""What a run of `make bench` found: as JSON, and as tables on the screen."""

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.capacity import Capacity
from benchmarks.two_browsers import BrowserCall
from sotto_app.strict_toml import build

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ENOUGH = 0.99  # of the sound delivered: the calls are carried
LIBRARIES = ("sotto-call", "aiortc", "aiohttp", "numpy", "pycodec2", "soxr")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the figures come from."""

    cpu: str
    cores: int
    system: str
    python: str
    chromium: str | None  # where browsers were measured
    libraries: tuple[str, ...]  # "name version"
    commit: str  # ends in -dirty where files have changed since


@dataclass(frozen=True, slots=True)
class Budgets:
    """From the design, for calls in Opus modes."""

    mouth_to_ear_ms: float = 100.0
    server_percent_per_call: float = 8.0


class Stored:
    """For frozen dataclasses that are kept as JSON."""

    __slots__ = ()

    def write(self: "DataclassInstance", path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises OSError, ValueError, SettingsError for what is none of this shape."""
        return build(cls, json.loads(path.read_text()), str(path))


@dataclass(frozen=True, slots=True)
class Report(Stored):
    """One run. A step that failed is measured again, and both stand here."""

    started: str  # ISO 8601, UTC
    machine: Machine
    budgets: Budgets
    load_average_before: float  # over a minute, before the run began
    load_average_after: float
    seconds: float  # length of each measurement
    browser_calls: tuple[BrowserCall, ...]
    capacity: tuple[Capacity, ...]

    def carried(self, mode: str) -> int:
        """The most calls at once of which enough was delivered."""
        steps = [it for it in self.capacity if it.mode == mode and it.delivery >= ENOUGH]
        return max((it.calls for it in steps), default=0)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def this_machine(chromium: str | None, libraries: tuple[str, ...] = LIBRARIES) -> Machine:
    return Machine(
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)),
        system=platform.freedesktop_os_release()["PRETTY_NAME"],
        python=platform.python_version(),
        chromium=_said_by(chromium, "--version") if chromium else None,
        libraries=tuple(f"{name} {version(name)}" for name in libraries),
        commit=_said_by("git", "describe", "--always", "--dirty"),
    )


def show(report: Report, before: Report | None, console: Console) -> None:
    """`before` is an older run to stand beside."""
    if report.browser_calls:
        console.print(_browser_table(report, before))
    if report.capacity:
        console.print(_capacity_table(report))
    for mode in dict.fromkeys(step.mode for step in report.capacity):
        then = f" (before: {before.carried(mode)})" if before else ""
        console.print(f"{mode}: one core carries {report.carried(mode)} calls or more{then}.")
    if any(step.limited_by_load for step in report.capacity):
        console.print("[yellow]*[/] The callers could not keep up: the relay may carry more.")


def _browser_table(report: Report, before: Report | None) -> Table:
    budgets = report.budgets
    old = {it.mode: it for it in before.browser_calls} if before else {}
    table = Table(
        title="Two browsers on one relay, both talking", box=SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    table.add_column("mode", no_wrap=True)
    for name in (
        f"mouth to ear, ms\n(Opus: {budgets.mouth_to_ear_ms:.0f})",
        "spread\n10-90 %",
        "of it relay\n+ browser",
        "STOI",
        f"relay, % of a core\n(Opus: {budgets.server_percent_per_call:.0f})",
        *(["before:\nms, %"] if before else []),
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for call in report.browser_calls:
        is_opus = call.mode.startswith("opus")
        cells = [
            call.mode,
            _held(call.mouth_to_ear_ms, budgets.mouth_to_ear_ms if is_opus else None, 0),
            f"{call.mouth_to_ear_low_ms:.0f}-{call.mouth_to_ear_high_ms:.0f}",
            f"{_number(call.relay_ms)} + {_number(call.browser_ms)}",
            f"{call.stoi:.2f}",
            _held(call.server_percent, budgets.server_percent_per_call if is_opus else None, 1),
        ]
        if call.mode in old:
            then = old[call.mode]
            cells.append(f"{then.mouth_to_ear_ms:.0f}, {then.server_percent:.1f}")
        table.add_row(*cells)
    return table


def _capacity_table(report: Report) -> Table:
    table = Table(
        title="Headless calls; the relay on one core, nobody pauses",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for name in (
        "mode",
        "calls",
        "in time",
        "late\nms",
        "relay\n%",
        f"per call\n(Opus {report.budgets.server_percent_per_call:.0f})",
        "MB per\ncall",
        "callers\n%",
        "others\n%",
    ):
        table.add_column(name, justify="left" if name == "mode" else "right", no_wrap=True)
    for step in report.capacity:
        colour = "green" if step.delivery >= ENOUGH else "red"
        budget = report.budgets.server_percent_per_call if step.mode.startswith("opus") else None
        table.add_row(
            step.mode,
            str(step.calls),
            f"[{colour}]{100 * step.delivery:.1f} %[/]",
            _number(step.late_ms),
            f"{step.server_percent:.0f}",
            _held(step.server_percent_per_call, budget, 1),
            f"{step.memory_mb_per_call:.1f}",
            f"{step.load_percent:.0f}{' [yellow]*[/]' if step.limited_by_load else ''}",
            f"{step.others_percent:.0f}",
        )
    return table


def _held(value: float, budget: float | None, digits: int) -> str:
    """A figure, coloured by whether it keeps to its budget."""
    colour = "default" if budget is None else "green" if value <= budget else "red"
    return f"[{colour}]{value:.{digits}f}[/]"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))


def _said_by(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
