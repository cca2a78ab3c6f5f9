"""`sotto link probe`: what a link carries, and which modes fit it."""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import typer

from sotto_app.catalogue import load_codecs
from sotto_app.gateway.packed import bounds_of
from sotto_app.gateway.probing import probe
from sotto_app.link.fitting import Fit, Link, Voice, best, fit, link_of
from sotto_app.link.probe_plan import MOST_BYTES
from sotto_app.link.prober import Measured, Prober, Way
from sotto_app.link.sounding import ENOUGH_BPS, Loss
from sotto_app.link.tariff import Toll
from sotto_app.settings import load_settings
from sotto_app.transports.base import Address

MOST_SHOWN = 9  # calls
TIMES = ("once", "twice", "three times", "four times")
NOBODY = (
    "nobody answers at {host} port {port}. Is that the port of the other side's --gateway-listen "
    "(UDP, not that of its page), open in its firewall? Is `sotto serve` running there, in a "
    "version that answers probes, and not probed much in the last ten minutes?"
)


def run(at: Address, *, as_json: bool) -> None:
    """Exits with 1 where nobody answers."""
    with _progress(shown=not as_json) as show:
        prober, toll = asyncio.run(probe(at, show))
    measured = prober.measured
    if measured is None:
        host, port = at
        typer.echo(f"sotto: {NOBODY.format(host=host, port=port)}", err=True)
        raise typer.Exit(1)
    link = link_of(measured)
    found = _fits(link, toll) if link else []
    if as_json:
        typer.echo(json.dumps(_as_json(measured, link, found), indent=2))
    else:
        _print(measured, link, found)


@contextmanager
def _progress(*, shown: bool) -> Iterator[Callable[[Prober], None]]:
    """On stderr: a line that changes on a terminal, else a line for each stage."""
    from rich.console import Console

    console, told = Console(stderr=True, quiet=not shown), set[str]()
    with console.status("") as status:

        def show(prober: Prober) -> None:
            words = (
                f"{prober.stage} ... {prober.spent_bytes / 1000:.1f} of {MOST_BYTES / 1000:.0f} kB"
            )
            if console.is_terminal:
                status.update(words)
            elif prober.stage not in told:
                told.add(prober.stage)
                console.print(words)

        yield show


def _fits(link: Link, toll: Toll) -> list[Fit]:
    codecs, _ = load_codecs(load_settings(None, os.environ).load_modes())
    voices = [
        Voice(name, bounds_of(it.spec), it.spec.delay_samples / it.spec.sample_rate_hz)
        for name, it in codecs.items()
    ]
    return [fit(voice, link, toll) for voice in voices]


# --- for people ----------------------------------------------------------------------------------


def _print(measured: Measured, link: Link | None, found: list[Fit]) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False, soft_wrap=True)
    for name, way in (("up", measured.up), ("down", measured.down)):
        console.print(f"{name:12}{_way(way)}")
    typical_ms = 1000 * median(measured.round_trips_s)
    console.print(
        f"{'round trip':12}{typical_ms:.0f} ms, of packets of {measured.ping_bytes} bytes"
    )
    console.print(
        f"{'spent':12}{measured.sent_bytes} bytes up, {measured.heard_bytes} down, all headers "
        f"counted, in {measured.seconds:.0f} s"
    )
    if measured.exhausted:
        console.print("The other end answers no more for now: the rest in ten minutes.")
    if link is None:
        console.print("Too little came back to know the rate: no mode can be advised. Try again.")
        return
    console.print(_table(found))
    console.print(_advice(link, best(found)))


def _way(way: Way) -> str:
    queue = f", a queue grew to {way.grew_s:.1f} s" if way.grew_s >= 0.1 else ""
    return f"{_rate(way)}, jitter {1000 * way.jitter_s:.0f} ms, {_loss(way.lost)}{queue}"


def _rate(way: Way) -> str:
    if way.rate is None:
        return "rate not known"
    if way.rate.is_enough:
        return f"over {ENOUGH_BPS / 1000:.0f} kbit/s, more than any mode needs"
    return f"{_kbps(way.rate.bps)}, give or take {max(1, round(100 * way.rate.error))} %"


def _loss(lost: Loss) -> str:
    if not lost.lost:
        return f"none of {lost.sent} packets lost"
    return f"{lost.lost} of {lost.sent} packets lost ({100 * lost.share:.0f} %)"


def _kbps(bps: float) -> str:
    return f"{bps / 1000:.2f} kbit/s" if bps < 10_000 else f"{bps / 1000:.0f} kbit/s"


def _table(found: list[Fit]) -> Any:
    from rich.table import Table

    table = Table("mode", "each way", "behind", "calls", "", box=None, pad_edge=False)
    for column in table.columns[1:4]:
        column.justify, column.no_wrap = "right", True
    for it in found:
        if it.fits:
            calls = str(it.calls) if it.calls <= MOST_SHOWN else f"{MOST_SHOWN}+"
            sent = f"sent {TIMES[it.choice.depth]}"
            cells = (_kbps(it.choice.wire_bps), f"{it.behind_s:.1f} s", calls, f"fits, {sent}")
        else:
            words = f"needs a link of {_kbps(it.needs_bps)}"
            cells = (_kbps(it.choice.wire_bps), "-", "-", words)
        table.add_row(it.voice.name, *cells)
    return table


def _advice(link: Link, it: Fit | None) -> str:
    if it is None:
        return "No mode fits this link while both talk."
    return (
        f"Take {it.voice.name}, with gateway.budget_bps = {link.budget_bps:.0f} at both ends: "
        f"{_kbps(it.choice.wire_bps)} each way while both talk, {it.behind_s:.1f} s behind."
    )


# --- for programs --------------------------------------------------------------------------------


def _as_json(measured: Measured, link: Link | None, found: list[Fit]) -> dict[str, Any]:
    chosen = best(found)
    return {
        "up": _way_json(measured.up),
        "down": _way_json(measured.down),
        "round_trip_ms": round(1000 * median(measured.round_trips_s), 1),
        "sent_bytes": measured.sent_bytes,
        "heard_bytes": measured.heard_bytes,
        "seconds": round(measured.seconds, 1),
        "exhausted": measured.exhausted,
        "budget_bps": link.budget_bps if link else None,
        "mode": chosen.voice.name if chosen else None,
        "modes": [_fit_json(it) for it in found],
    }


def _way_json(way: Way) -> dict[str, Any]:
    rate = way.rate
    return {
        "rate_bps": round(rate.bps) if rate else None,
        "rate_error": round(min(1.0, rate.error), 3) if rate else None,
        "at_least_bps": ENOUGH_BPS if rate and rate.is_enough else None,
        "jitter_ms": round(1000 * way.jitter_s, 1),
        "queue_ms": round(1000 * way.grew_s, 1),
        "lost": way.lost.lost,
        "of": way.lost.sent,
    }


def _fit_json(it: Fit) -> dict[str, Any]:
    return {
        "mode": it.voice.name,
        "fits": it.fits,
        "wire_bps": round(it.choice.wire_bps),
        "bundle_ms": round(1000 * it.choice.bundle_s),
        "redundancy": it.choice.depth,
        "behind_ms": round(1000 * it.behind_s),
        "calls": it.calls,
        "needs_bps": round(it.needs_bps),
    }
