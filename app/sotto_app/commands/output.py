"""What encode and decode share: files that are whole or not there, progress, and the result."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sotto_app.offline import Count


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place beside `path` to write to; it becomes `path` at the end, and goes if that fails."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def progress(
    words: str, seconds: float | None, *, shown: bool
) -> Iterator[Callable[[float], None]]:
    """A bar on stderr that takes seconds of sound done; it goes when the work is done."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    shown = shown and console.is_terminal
    with Progress(console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task(words, total=seconds)
        yield lambda done: bar.update(task, completed=done)


def report(count: "Count", *, as_json: bool) -> None:
    """What the talk costs, on stdout."""
    if as_json:
        typer.echo(json.dumps(asdict(count)))
        return
    typer.echo(
        f"{count.mode}: {count.seconds:.2f} s in {count.payload_bytes} bytes of payload, "
        f"{count.payload_bps:.0f} bit/s"
    )
