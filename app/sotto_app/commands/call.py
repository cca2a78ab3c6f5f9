"""`sotto call`: a peer without a browser, from and to wav files or this machine's sound devices."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

URL = typer.Argument(help="A room's link, or a relay's address: then a new room is made.")
IN = typer.Option(
    "--in", help="Say this file, then hang up.", metavar="WAV", exists=True, dir_okay=False
)
OUT = typer.Option("--out", help="Write what is heard to this file.", metavar="WAV")
MODE = typer.Option(help="What to send in; `sotto modes` lists them.")
NAME = typer.Option(help="The name that the other sees.")
DEVICES = typer.Option("--devices", help="Use this machine's microphone and loudspeaker.")
SECONDS = typer.Option(help="Hang up after so long.", min=0.1)
JSON = typer.Option("--json", help="Print what happened as JSON at the end.")
STATS = typer.Option("--stats", help="Say on stderr every 5 s, and at the end, what it costs.")
STATS_JSON = typer.Option(
    "--stats-json",
    help="Write all figures here, twice a second a line.",
    metavar="PATH",
    lazy=False,
)


def call(  # noqa: PLR0913  # one parameter per option is how typer reads them
    url: Annotated[str, URL],
    voice: Annotated[Path | None, IN] = None,
    heard: Annotated[Path | None, OUT] = None,
    mode: Annotated[str | None, MODE] = None,
    name: Annotated[str, NAME] = "sotto",
    devices: Annotated[bool, DEVICES] = False,
    seconds: Annotated[float | None, SECONDS] = None,
    as_json: Annotated[bool, JSON] = False,
    stats: Annotated[bool, STATS] = False,
    stats_json: Annotated[typer.FileTextWrite | None, STATS_JSON] = None,
) -> None:
    """Take part in a call without a browser, until a side hangs up, the file ends, or Ctrl-C."""
    from sotto_app.commands.stats import heeding
    from sotto_app.media.call import Call, CallError, Terms
    from sotto_app.media.sound import (
        Loudspeaker,
        Microphone,
        NoDevice,
        Nowhere,
        Silence,
        WavSink,
        WavSource,
    )

    def say(line: str) -> None:
        typer.echo(line, err=as_json)

    try:
        source = WavSource(voice) if voice else Microphone() if devices else Silence()
        sink = WavSink(heard) if heard else Loudspeaker() if devices else Nowhere()
        terms = Terms(url, name, mode, seconds)
        with heeding(stats, stats_json) as heed:
            report = asyncio.run(Call(terms, source, sink, say, heed).run())
    except (CallError, NoDevice) as fault:
        typer.echo(f"sotto: {fault}", err=True)
        raise typer.Exit(1) from fault
    except KeyboardInterrupt:
        say("Hung up.")
        raise typer.Exit(0) from None
    if as_json:
        json.dump(asdict(report), sys.stdout)
        sys.stdout.write("\n")
