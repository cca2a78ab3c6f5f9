"""`sotto modes`: what can be picked to send, what it costs, and why some cannot run here."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sotto_app.modes import Mode

JSON = typer.Option("--json", help="Print a list of {name, codec, payload_bps, available, reason}.")


def modes(as_json: Annotated[bool, JSON] = False) -> None:
    """List the modes: what each costs, and why some cannot run here."""
    from sotto_app.modes import load_modes

    listed = list(load_modes().values())
    if as_json:
        typer.echo(json.dumps([_as_json(mode) for mode in listed], indent=2))
    else:
        _print_table(listed)


def _as_json(mode: "Mode") -> dict[str, str | float | bool | None]:
    from sotto_app.modes import availability

    reason = availability(mode)
    return {
        "name": mode.name,
        "codec": mode.codec,
        "payload_bps": None if reason else mode.load().spec.payload_bps,
        "available": reason is None,
        "reason": reason,
    }


def _print_table(listed: "list[Mode]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("mode", "payload", "on the wire", "delay", "", box=None, pad_edge=False)
    for column in table.columns[1:4]:
        column.justify = "right"
        column.no_wrap = True
    for mode in listed:
        table.add_row(*_cells(mode))
    console = Console()
    console.print(table)
    console.print(
        "\nPayload and wire in bit/s while talking; the wire is UDP over IPv4. "
        "Delay of codec and bundle, without the network.",
        style="dim",
    )


def _cells(mode: "Mode") -> tuple[str, ...]:
    from sotto_app.catalogue import delay_ms_of, wire_bps_of
    from sotto_app.modes import availability

    if reason := availability(mode):
        return mode.name, "-", "-", "-", reason
    spec = mode.load().spec
    wire_bps = wire_bps_of(spec, mode.bundle_frames)
    delay_ms = delay_ms_of(spec, mode.bundle_frames)
    return mode.name, f"{spec.payload_bps:.0f}", f"{wire_bps:.0f}", f"{delay_ms:.0f} ms", mode.words
