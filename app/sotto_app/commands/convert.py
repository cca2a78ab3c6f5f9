"""`sotto convert`: what one says, in the voice of another."""

from pathlib import Path
from typing import Annotated

import typer

from sotto_app.commands.output import progress, whole_file

IN = typer.Argument(
    metavar="IN.wav",
    help="What is said: wav, flac or ogg of any rate.",
    exists=True,
    dir_okay=False,
)
VOICE = typer.Option(
    metavar="REF.wav",
    help="Whose voice: 3 s to 5 minutes of them talking, alone; the more the better.",
    exists=True,
    dir_okay=False,
)
OUT = typer.Option(
    "--out", "-o", metavar="OUT.wav", help="What to write; else IN-converted.wav.", dir_okay=False
)
MODEL = typer.Option(help="focal-550, focal-600 or focal-800; else the best that is here.")


def convert(
    sound: Annotated[Path, IN],
    voice: Annotated[Path, VOICE],
    out: Annotated[Path | None, OUT] = None,
    model: Annotated[str | None, MODEL] = None,
) -> None:
    """Say a sound file in another's voice, with a FocalCodec that was pulled. Ask them first."""
    from sotto_app import converting

    codec = converting.loaded(model)
    config, out = codec.config, out or sound.with_name(f"{sound.stem}-converted.wav")
    source = converting.read_talk(sound, config.rate_hz)
    other = converting.read_voice(voice, config.rate_hz)
    seconds = len(source) / config.rate_hz
    with whole_file(out) as part, progress(f"converting {sound.name}", seconds, shown=True) as done:
        converting.convert(codec, source, other, part, done)
    typer.echo(f"{config.name}: {seconds:.2f} s in the voice of {voice.name}: {out}")
