"""`sotto link`: thin links, to try things on."""

import asyncio
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sotto_app.emulator.line import Cut
    from sotto_app.emulator.run import Ends
    from sotto_app.link.profile import LinkProfile
    from sotto_app.transports.base import Address

link = typer.Typer(help="Thin links: measure one, emulate one.", no_args_is_help=True)

PROFILE = typer.Option(help="A link of configs/links.toml to start from.")
RATE = typer.Option(help="Bit/s each way, IP headers counted; 0 is no limit.", metavar="BPS")
DELAY = typer.Option(help="Milliseconds one way.", metavar="MS")
JITTER = typer.Option(help="Milliseconds on top, from none to this.", metavar="MS")
LOSS = typer.Option(help="Share of packets that vanish, like 0.05.", metavar="SHARE")
BURST = typer.Option(help="Mean run of lost packets.", metavar="PACKETS")
QUEUE = typer.Option(help="A packet that would wait longer is dropped.", metavar="MS")
CUT = typer.Option(help="Cut the link from..to, in seconds; may be repeated.", metavar="S..S")
HALF = typer.Option(
    help="Half-duplex: the near end has the air for this share of each cycle, then the far end.",
    metavar="SHARE",
)
CYCLE = typer.Option(help="Length of such a cycle.", metavar="S", min=0.01)
SEED = typer.Option(help="The same seed loses the same packets.")
LISTEN = typer.Option(help="UDP: where the near end sends to.", metavar="[HOST:]PORT")
TO = typer.Option(help="UDP: where to hand it on.", metavar="HOST:PORT")
LISTEN_FAR = typer.Option(help="UDP: or where the far end sends to.", metavar="[HOST:]PORT")
TUN = typer.Option(
    "--tun",
    help="Whole IP between the network namespaces NAME-near (10.231.78.1) and NAME-far "
    "(10.231.78.2), made for it: ip netns exec NAME-near COMMAND. Needs root.",
)
NAME = typer.Option(help="Of the namespaces, where several links run.", metavar="NAME")
MTU = typer.Option(help="Of the TUN devices.", min=68, max=65_535, metavar="BYTES")
SECONDS = typer.Option(help="End after so long.", min=0.1)
JSON = typer.Option("--json", help="Print the counters as JSON at the end, and no lines before.")
GATEWAY = typer.Argument(help="The other end's --gateway-listen, UDP.", metavar="HOST:PORT")
AS_JSON = typer.Option("--json", help="Print what was measured as JSON, and no progress.")


@link.callback()
def _group() -> None:
    """Thin links, to try things on."""


@link.command()
def emulate(  # noqa: PLR0913  # one parameter per option is how typer reads them
    profile: Annotated[str, PROFILE] = "perfect",
    rate: Annotated[float | None, RATE] = None,
    delay: Annotated[float | None, DELAY] = None,
    jitter: Annotated[float | None, JITTER] = None,
    loss: Annotated[float | None, LOSS] = None,
    burst: Annotated[float | None, BURST] = None,
    queue: Annotated[float | None, QUEUE] = None,
    cut: Annotated[list[str] | None, CUT] = None,
    half_duplex: Annotated[float | None, HALF] = None,
    cycle: Annotated[float, CYCLE] = 2.0,
    seed: Annotated[int, SEED] = 0,
    listen: Annotated[str | None, LISTEN] = None,
    to: Annotated[str | None, TO] = None,
    listen_far: Annotated[str | None, LISTEN_FAR] = None,
    tun: Annotated[bool, TUN] = False,
    name: Annotated[str, NAME] = "sotto",
    mtu: Annotated[int, MTU] = 1500,
    seconds: Annotated[float | None, SECONDS] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """A thin link on this machine: between UDP ports, or with --tun for whole programs.

    sotto link emulate --profile hf-radio --listen 9000 --to 192.0.2.7:9000
    """
    from sotto_app.emulator.line import Impairment, Turns
    from sotto_app.emulator.run import run

    changes = {
        "rate_bps": rate,
        "delay_ms": delay,
        "jitter_ms": jitter,
        "loss": loss,
        "burst": burst,
        "queue_ms": queue,
    }
    ends = _namespaces(name, mtu) if tun else _ports(listen, listen_far, to)
    if tun and (listen or listen_far or to):
        raise typer.BadParameter("--tun is whole IP; --listen, --listen-far and --to are UDP")
    try:
        impairment = Impairment(
            _profile(profile, {key: value for key, value in changes.items() if value is not None}),
            ends.overhead_bytes,
            tuple(_cut(text) for text in cut or ()),
            None if half_duplex is None else Turns(half_duplex, cycle),
            seed,
        )
    except ValueError as fault:
        raise typer.BadParameter(str(fault)) from fault
    tallies = asyncio.run(run(impairment, ends, seconds, _silent if as_json else typer.echo))
    if as_json:
        typer.echo(json.dumps({way: asdict(tally) for way, tally in tallies.items()}))


@link.command()
def probe(
    gateway: Annotated[str, GATEWAY],
    as_json: Annotated[bool, AS_JSON] = False,
) -> None:
    """Measure a link with at most 20 kB, and say which modes fit it. Takes a minute at most.

    sotto link probe shore.example:8701
    """
    from sotto_app.commands.link_probe import run

    run(_address(gateway), as_json=as_json)


def _silent(line: str) -> None:
    """For --json."""


def _profile(name: str, changes: dict[str, float]) -> "LinkProfile":
    from sotto_app.modes import load_links

    known = load_links()
    if name not in known:
        raise ValueError(f"no profile {name!r}; known: {', '.join(known)}")
    return replace(known[name], **changes)  # type: ignore[arg-type]  # all of these are floats


def _namespaces(name: str, mtu_bytes: int) -> "Ends":
    from sotto_app.emulator.run import Ends

    if not (name.isascii() and name.isalnum() and len(name) <= 10):  # devices have 15 characters
        raise typer.BadParameter("--name is at most ten letters and digits")
    return Ends(tun_mtu_bytes=mtu_bytes, tun_name=name)


def _ports(listen: str | None, listen_far: str | None, to: str | None) -> "Ends":
    from sotto_app.emulator.run import Ends

    if not listen or bool(listen_far) == bool(to):
        raise typer.BadParameter("say --tun, or --listen with --to or --listen-far")
    far = _address(listen_far, "127.0.0.1") if listen_far else None
    return Ends(_address(listen, "127.0.0.1"), far, _address(to) if to else None)


def _address(text: str, default_host: str = "") -> "Address":
    """HOST:PORT, [IPV6]:PORT, or where there is a default a port alone."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or default_host
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise typer.BadParameter(f"{text!r} is not like HOST:PORT")
    return host, int(port)


def _cut(text: str) -> "Cut":
    from sotto_app.emulator.line import Cut

    from_s, _, to_s = text.partition("..")
    try:
        return Cut(float(from_s), float(to_s))
    except ValueError as fault:
        raise ValueError(f"--cut {text!r} is not like 60..120") from fault
