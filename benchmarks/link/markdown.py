"""The tables of README.md and docs/protocol.md, from what a run of `make bench-link` wrote.

python -m benchmarks.link.markdown benchmarks/results/2026-11-21-link.json
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.link.figures import Loss, Report, Wire
from benchmarks.link.lxst import lxst_bps
from sotto_app.link.tariff import Speech

RESULT = typer.Argument(help="A file of benchmarks/results.")


def main(result: Annotated[Path, RESULT]) -> None:
    """Print all tables."""
    report = Report.read(result)
    typer.echo("\n".join((costs(report), losses(report))))


def costs(report: Report) -> str:
    """What a call costs, and what the same bundles would cost elsewhere."""
    names = ("voice", "bundle", "UDP/IPv4", "silent", "KISS", "silent", "WebRTC audio")
    rows = [
        (
            f"{udp.payload_bps:.0f}",
            f"{udp.bundle_s:.2f} s",
            *(
                cell
                for it in (udp, kiss)
                for cell in (
                    f"**{it.talking_bps:.0f}** ({it.ratio:.2f})",
                    f"{it.listening_bps:.0f}, {it.silent_bps:.0f}",
                )
            ),
            *_elsewhere(udp),
        )
        for udp, kiss in _pairs(report)
    ]
    return _table((*names, "data channel", "LXST"), rows)


def losses(report: Report) -> str:
    """Frames that are heard and bits, without and with redundancy, for each length of bundles."""
    lengths = sorted({it.bundle_s for it in report.losses})
    found = {(it.burst, it.loss, it.bundle_s, it.redundancy): it for it in report.losses}
    names = ["packets lost"]
    for bundle_s in lengths:
        names += [f"{bundle_s:.2f} s: heard", "redundant", "bit/s", "redundant"]
    weathers = sorted({(it.burst, it.loss) for it in report.losses})
    rows = [
        (
            _weather(burst, loss),
            *(
                cell
                for bundle_s in lengths
                for cell in _heard(*(found[burst, loss, bundle_s, more] for more in (False, True)))
            ),
        )
        for burst, loss in weathers
    ]
    return _table(names, rows)


def _pairs(report: Report) -> list[tuple[Wire, Wire]]:
    """Each row over UDP and over KISS, thinnest voice and shortest bundle first."""
    udp, kiss = (
        sorted(
            (it for it in report.wires if it.link == link),
            key=lambda it: (it.payload_bps, it.bundle_s),
        )
        for link in ("UDP/IPv4", "KISS")
    )
    return list(zip(udp, kiss, strict=True))


def _elsewhere(it: Wire) -> tuple[str, str, str]:
    audio, channel = (
        f"{there:.0f}, {back:.0f} back"
        for there, back in (it.webrtc_audio_bps, it.data_channel_bps)
    )
    lxst = lxst_bps(Speech(it.payload_bps, it.bundle_s))
    return audio, channel, f"{lxst[1]:.0f}" if lxst else "–"


def _heard(*both: Loss) -> list[str]:
    return [
        *(f"{100 * it.heard:.1f} %" for it in both),
        *(f"{it.talking_bps:.0f}" for it in both),
    ]


def _weather(burst: float, loss: float) -> str:
    if not loss:
        return "none"
    return f"{100 * loss:.0f} % " + ("at random" if burst == 1 else f"in bursts of {burst:.0f}")


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines).replace(" --- ", "---")


if __name__ == "__main__":
    typer.run(main)
