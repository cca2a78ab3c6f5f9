"""`make bench-link`: what two gateways put on the thin link, to the byte, and how long they work.

python -m benchmarks.bench_link --quick
python -m benchmarks.bench_link --parts speed

Two real sessions over two channels in virtual time: rates are the same on every machine, and follow
from counting what the sessions hand out. Only the parts `speed` and `gateway` look at a real clock.
"""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from benchmarks.link.figures import Report, Targets
from benchmarks.link.gateway import gateway
from benchmarks.link.loss import lossy
from benchmarks.link.speed import set_up, speed
from benchmarks.link.table import show
from benchmarks.link.wire import LINKS, wire
from benchmarks.report import now, this_machine
from sotto_app.link.elsewhere import PEERS
from sotto_app.link.profile import LinkProfile

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("sotto-call", "cryptography", "pycodec2")
PARTS = ("wire", "loss", "speed", "gateway")
RATES = ("700C", "1200", "3200")
BUNDLES_S = (0.2, 0.4, 1.0, 2.0)  # to the nearest whole frame
ROWS = [*((rate, bundle_s) for rate in RATES for bundle_s in BUNDLES_S), ("700C", 1.12)]
LOSSES, BURSTS = (0.0, 0.05, 0.1, 0.2, 0.3), (1.0, 3.0)
LOSSY_BUNDLES_S = (0.4, 1.04)
CALLS = 50
THIN_BPS, BROAD_BPS = 64_000, 1_000_000  # 1.3 kbit/s for each call; bundles as short as can be
GATEWAYS = ((THIN_BPS, False), (THIN_BPS, True), (BROAD_BPS, False))  # budget, with the codec
GATEWAY_S, QUICK_GATEWAY_S = 20.0, 5.0

MINUTES = typer.Option(help="Of talk, in virtual time, for each row and phase.", min=0.2)
ONLY = typer.Option("--parts", help=f"What to measure, with commas: {', '.join(PARTS)}.")
QUICK = typer.Option("--quick", help="Half a minute of talk: a look, no result.")
OUT = typer.Option(help="Where the JSON goes. [default: benchmarks/results/DATE-link.json]")


def main(
    parts: Annotated[str, ONLY] = ",".join(PARTS),
    minutes: Annotated[float, MINUTES] = 10.0,
    quick: Annotated[bool, QUICK] = False,
    out: Annotated[Path | None, OUT] = None,
) -> None:
    """Count what the thin link carries, with and without loss, and time the work."""
    wanted, minutes = parts.split(","), 0.5 if quick else minutes
    if unknown := set(wanted) - set(PARTS):
        raise typer.BadParameter(f"there is no part {unknown.pop()!r}, only {', '.join(PARTS)}")
    started, load_before = now(), os.getloadavg()[0]
    cells = [(rate, bundle_s, link) for link in LINKS for rate, bundle_s in ROWS]
    weathers = [
        (bundle_s, LinkProfile("lossy", "", "", delay_ms=300, loss=loss, burst=burst), redundancy)
        for bundle_s in LOSSY_BUNDLES_S
        for burst in BURSTS
        for loss in LOSSES
        for redundancy in (False, True)
        if loss or burst == 1
    ]
    gateways = [(CALLS, *it, QUICK_GATEWAY_S if quick else GATEWAY_S) for it in GATEWAYS]
    console = Console()
    report = Report(
        started=started,
        machine=this_machine(None, LIBRARIES),
        targets=Targets(),
        minutes=minutes,
        lxst_bps=(PEERS["LXST"].least_bps, PEERS["LXST"].most_bps),
        wires=tuple(
            wire(*cell, minutes)
            for cell in track(cells if "wire" in wanted else [], "wire", console=console)
        ),
        losses=tuple(
            lossy(*weather, minutes)
            for weather in track(weathers if "loss" in wanted else [], "loss", console=console)
        ),
        set_up=set_up() if "speed" in wanted else None,
        speed=speed(minutes * 6) if "speed" in wanted else None,
        gateways=tuple(
            gateway(*it)
            for it in track(gateways if "gateway" in wanted else [], "gateway", console=console)
        ),
        load_average_before=load_before,
        load_average_after=os.getloadavg()[0],
    )
    path = out or RESULTS / f"{started[:10]}-link.json"
    report.write(path)
    show(report, console)
    console.print(f"Written to {path}")


if __name__ == "__main__":
    typer.run(main)
