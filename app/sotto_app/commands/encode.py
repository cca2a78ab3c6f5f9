"""`sotto encode`: a sound file as the frames that a call would send."""

import os
from pathlib import Path
from typing import Annotated

import typer

from sotto_app.commands.output import progress, report, whole_file

IN = typer.Argument(
    metavar="IN.wav", help="wav, flac or ogg of any rate.", exists=True, dir_okay=False
)
OUT = typer.Argument(metavar="OUT.sotto", help="What to write.", dir_okay=False)
MODE = typer.Option(help="What to encode in; `sotto modes` lists them.")
JSON = typer.Option("--json", help="Print seconds, payload bytes and bit/s as JSON.")


def encode(
    sound: Annotated[Path, IN],
    out: Annotated[Path, OUT],
    mode: Annotated[str, MODE],
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Encode a sound file in a mode and count its bits."""
    from sotto_app import offline
    from sotto_app.settings import load_settings
    from sotto_app.wav import SoundFile

    known = load_settings(None, os.environ).load_modes()
    if mode not in known:
        raise typer.BadParameter(f"no mode {mode!r}; known: {', '.join(known)}")
    codec = known[mode].load()
    source = SoundFile(sound, codec.spec.sample_rate_hz, codec.spec.channels)
    with (
        whole_file(out) as part,
        part.open("wb") as file,
        progress(f"encoding {sound.name}", source.seconds, shown=not as_json) as done,
    ):
        count = offline.encode(source, file, known[mode], codec, done)
    report(count, as_json=as_json)
