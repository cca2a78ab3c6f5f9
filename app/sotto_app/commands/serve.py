"""`sotto serve`: the relay, until it is told to stop."""

import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer


def serve(
    config: Annotated[
        Path | None, typer.Option(help="A TOML file like configs/server.toml.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0 for any that is free.")] = None,
) -> None:
    """Serve the page and carry its calls, until Ctrl-C.

    SOTTO_* variables set the rest; docs/operations.md lists them.
    """
    from aiohttp import web

    from sotto_app.settings import load_settings
    from sotto_app.strict_toml import SettingsError
    from sotto_app.web import relay

    try:
        settings = load_settings(config, os.environ)
        given = {"host": host, "port": port}
        settings = replace(settings, **{key: it for key, it in given.items() if it is not None})
        app = relay(settings)
    except (SettingsError, ValueError) as fault:
        typer.echo(f"sotto: {fault}", err=True)
        raise typer.Exit(2) from fault
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for chatty in ("aioice", "aiortc"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    typer.echo(f"Sotto is at http://{_shown(settings.host)}:{settings.port}  (Ctrl-C ends it)")
    try:
        web.run_app(app, host=settings.host, port=settings.port, print=None, access_log=None)
    except OSError as fault:
        typer.echo(f"sotto: cannot listen on port {settings.port}: {fault.strerror}", err=True)
        raise typer.Exit(1) from fault


def _shown(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else host
