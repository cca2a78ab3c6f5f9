"""`sotto models`: networks that come with no package, onto this machine and off it."""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sotto_app.models.known import KnownModel
    from sotto_app.models.shelf import Shelf

models = typer.Typer(
    help="Models for the text modes: what there is, and how it comes here.", no_args_is_help=True
)
NAME = typer.Argument(metavar="NAME", help="As `sotto models list` has it.")
NAMES = typer.Argument(metavar="[NAME]...", help="Which; all that are here where none is named.")
FROM = typer.Option(
    "--from", help="Copy the files from here, without a network.", exists=True, file_okay=False
)
ACCEPT = typer.Option("--accept-licence", help="You have read its licence and keep to it.")
JSON = typer.Option("--json", help="Print a list of {name, words, licence, size_mb, state, place}.")


@models.command("list")
def list_models(as_json: Annotated[bool, JSON] = False) -> None:
    """What is known: what for, how large, under which licence, and whether it is here."""
    known, shelf = _known(), _shelf()
    if as_json:
        typer.echo(json.dumps([_row(it, shelf) for it in known.values()], indent=2))
    else:
        _print_table(known, shelf)


@models.command()
def pull(
    name: Annotated[str, NAME],
    source: Annotated[Path | None, FROM] = None,
    accept_licence: Annotated[bool, ACCEPT] = False,
) -> None:
    """Fetch a model; what broke off is gone on with. HF_ENDPOINT is another hub."""
    from sotto_app.models.hub import ENDPOINT
    from sotto_app.models.pulling import copy
    from sotto_app.models.pulling import pull as fetch

    model, shelf = _one(name), _shelf()
    if shelf.state(model) == "here" and not shelf.faults(model):
        typer.echo(f"{name} is here already: {shelf.place(name)}")
        return
    typer.echo(f"{name}, {model.size_mb:.0f} MB. Licence: {model.licence}")
    if model.must_accept and not accept_licence:
        typer.echo("sotto: to accept that licence, add --accept-licence", err=True)
        raise typer.Exit(2)
    if source:
        typer.echo(f"It is in {copy(model, source, shelf)}")
        return
    endpoint = os.environ.get("HF_ENDPOINT") or ENDPOINT
    with _progress(name) as shown:
        place = asyncio.run(fetch(model, shelf, shown, endpoint))
    typer.echo(f"It is in {place}")


@models.command()
def export(name: Annotated[str, NAME]) -> None:
    """Make what a call runs out of a FocalCodec that was pulled: once, with torch, in minutes."""
    from sotto_codecs.errors import BackendUnavailable, WeightsMissing

    model, shelf = _one(name), _shelf()
    if not name.startswith("focal-"):
        raise typer.BadParameter(f"{name} runs as it is; focal-* are exported")
    if shelf.state(model) not in ("here", "by hand"):
        raise WeightsMissing(f"{name} is not in {shelf.folder}", f"sotto models pull {name}")
    try:
        from sotto_codecs.focal.network.export import export_pulled
    except ModuleNotFoundError as fault:
        remedy = "pip install 'sotto-call[torch]'"
        raise BackendUnavailable(f"the package {fault.name} is missing", remedy) from fault
    export_pulled(shelf.place(name))
    typer.echo(f"A call can run {shelf.place(name)}")


@models.command()
def remove(name: Annotated[str, NAME]) -> None:
    """Take a model off this machine, or what was begun of it."""
    freed = _shelf().remove(_one(name).name)
    typer.echo(f"{name}: {freed / 1e6:.0f} MB are free again" if freed else f"{name} is not here")


@models.command()
def check(names: Annotated[list[str] | None, NAMES] = None) -> None:
    """Whether the files are still what they were when they came."""
    shelf = _shelf()
    wanted = [_one(it) for it in names] if names else list(_known().values())
    damaged = False
    for model in wanted:
        state = shelf.state(model)
        if not names and state == "no":
            continue
        faults = shelf.faults(model)
        damaged = damaged or bool(faults)
        typer.echo(f"{model.name}: {'; '.join(faults) or 'good'}")
    if damaged:
        typer.echo("sotto: to mend one: sotto models pull NAME", err=True)
        raise typer.Exit(1)


def _known() -> "dict[str, KnownModel]":
    from sotto_app.models.known import load_known

    return load_known()


def _one(name: str) -> "KnownModel":
    """Raises typer.BadParameter."""
    known = _known()
    if name not in known:
        raise typer.BadParameter(f"no model {name!r}; known: {', '.join(known)}")
    return known[name]


def _shelf() -> "Shelf":
    """Raises SettingsError."""
    from sotto_app.models.shelf import Shelf
    from sotto_app.settings import load_settings

    return Shelf(load_settings(None, os.environ).text.models)


def _row(model: "KnownModel", shelf: "Shelf") -> dict[str, str | float]:
    return {
        "name": model.name,
        "words": model.words,
        "licence": model.licence,
        "size_mb": model.size_mb,
        "state": shelf.state(model),
        "place": str(shelf.place(model.name)),
    }


def _print_table(known: "dict[str, KnownModel]", shelf: "Shelf") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("model", "what for", "MB", "licence", "here", box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    table.columns[2].justify = "right"
    for it in known.values():
        table.add_row(it.name, it.words, f"{it.size_mb:.0f}", it.licence, shelf.state(it))
    console = Console()
    console.print(table)
    console.print(f"\nThey are put in {shelf.folder}", style="dim")


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr that takes bytes done and bytes in all; it goes when the work is done."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    console = Console(stderr=True)
    columns = (DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    text = TextColumn("{task.description}")
    with Progress(
        text,
        BarColumn(),
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
