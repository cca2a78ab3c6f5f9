"""`sotto decode`: what the other end would hear of a .sotto file."""

import os
from pathlib import Path
from typing import Annotated

import typer

from sotto_app.commands.output import progress, report, whole_file

IN = typer.Argument(
    metavar="IN.sotto", help="What `sotto encode` wrote.", exists=True, dir_okay=False
)
OUT = typer.Argument(metavar="OUT.wav", help="What to write, at the codec's rate.", dir_okay=False)
JSON = typer.Option("--json", help="Print seconds, payload bytes and bit/s as JSON.")


def decode(
    recording: Annotated[Path, IN],
    out: Annotated[Path, OUT],
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Decode a .sotto file to a wav as long as what was encoded."""
    from sotto_app import offline
    from sotto_app.settings import load_settings

    defaults = load_settings(None, os.environ).for_codecs()
    with (
        recording.open("rb") as file,
        whole_file(out) as part,
        progress(f"decoding {recording.name}", None, shown=not as_json) as done,
    ):
        count = offline.decode(file, part, done, defaults)
    report(count, as_json=as_json)
