"""`sotto modes`: what can be picked to send, what it costs, and why some cannot run here."""

import json
import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sotto_app.catalogue import Offer

JSON_FIELDS = ("name", "codec", "payload_bps", "available", "reason")
JSON = typer.Option("--json", help=f"Print a list of {{{', '.join(JSON_FIELDS)}}}.")


def modes(as_json: Annotated[bool, JSON] = False) -> None:
    """List the modes: what each costs, and why some cannot run here."""
    from sotto_app.catalogue import load_codecs, offers_of
    from sotto_app.settings import load_settings

    known = load_settings(None, os.environ).load_modes()
    offers = offers_of(known, *load_codecs(known))
    if as_json:
        rows = [{field: getattr(offer, field) for field in JSON_FIELDS} for offer in offers]
        typer.echo(json.dumps(rows, indent=2))
    else:
        _print_table(offers)


def _print_table(offers: "list[Offer]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("mode", "payload", "on the wire", "delay", "", box=None, pad_edge=False)
    for column in table.columns[1:4]:
        column.justify = "right"
        column.no_wrap = True
    for offer in offers:
        table.add_row(*_cells(offer))
    console = Console()
    console.print(table)
    console.print(
        "\nPayload and wire in bit/s while talking; the wire is UDP over IPv4. "
        "Delay of codec and bundle, without the network.",
        style="dim",
    )


def _cells(offer: "Offer") -> tuple[str, ...]:
    if not offer.available:
        return offer.name, "-", "-", "-", offer.reason or ""
    return (
        offer.name,
        f"{offer.payload_bps:.0f}",
        f"{offer.wire_bps:.0f}",
        f"{offer.delay_ms:.0f} ms",
        offer.words,
    )
