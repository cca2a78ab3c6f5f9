"""`sotto serve`: the relay, until it is told to stop."""

import gc
import logging
import os
import socket
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

CONFIG = typer.Option(help="A TOML file like configs/server.toml.")
HOST = typer.Option(help="Address to listen on; 0.0.0.0 for all.")
PORT = typer.Option(help="TCP port; 0 for any that is free.")
TO = typer.Option(
    metavar="ADDRESS",
    help="Call the gateway at the other end of a thin link: HOST:PORT (UDP), "
    "webrtc+https://HOST, or this end's modem: kiss://HOST:PORT, serial:///dev/ttyUSB0?baud=9600.",
)
LISTEN = typer.Option(
    metavar="ADDRESS",
    help="Wait for the gateway that calls: HOST:PORT (UDP), webrtc, or this end's modem.",
)


def serve(
    config: Annotated[Path | None, CONFIG] = None,
    host: Annotated[str | None, HOST] = None,
    port: Annotated[int | None, PORT] = None,
    gateway_to: Annotated[str | None, TO] = None,
    gateway_listen: Annotated[str | None, LISTEN] = None,
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
        settings = replace(
            settings,
            host=host or settings.host,
            port=settings.port if port is None else port,
            gateway=replace(
                settings.gateway,
                to=gateway_to or settings.gateway.to,
                listen=gateway_listen or settings.gateway.listen,
            ),
        )
        app = relay(settings)
    except (SettingsError, ValueError) as fault:
        typer.echo(f"sotto: {fault}", err=True)
        raise typer.Exit(2) from fault
    _log(settings.log_level)
    listener = _listen(settings.host, settings.port)
    at = listener.getsockname()[1]
    typer.echo(f"Sotto is at http://{_shown(settings.host)}:{at}  (Ctrl-C ends it)")
    gc.collect()
    gc.freeze()  # else each full collection walks all modules and stops every call for 40 ms
    try:
        web.run_app(app, sock=listener, print=None, access_log=None)
    except SettingsError as fault:  # the gateway's way cannot be opened
        typer.echo(f"sotto: {fault}", err=True)
        raise typer.Exit(2) from fault


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as fault:
        typer.echo(f"sotto: cannot listen on {host} port {port}: {fault.strerror}", err=True)
        raise typer.Exit(1) from fault


def _log(level: str) -> None:
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    if level != "debug":  # ICE tells of every pair of addresses that it tries
        for chatty in ("aioice", "aiortc"):
            logging.getLogger(chatty).setLevel(logging.WARNING)


def _shown(host: str) -> str:
    if host in ("127.0.0.1", "0.0.0.0", "::", "::1"):
        return "localhost"
    return f"[{host}]" if ":" in host else host
