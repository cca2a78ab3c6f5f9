"""A run of `make bench-link` as tables, beside its targets."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.link.figures import Gateway, Report, SetUp, Speed, Targets
from benchmarks.link.loss import LOSSY_RATE


def show(report: Report, console: Console) -> None:
    """Beside the targets, in green and red."""
    if report.wires:
        console.print(_wire_table(report), _elsewhere_table(report))
        least, most = report.lxst_bps
        console.print(f"LXST with Codec2 at 700 bit/s: {least:.0f} to {most:.0f} bit/s.")
    if report.losses:
        console.print(_loss_table(report))
    if report.speed and report.set_up:
        console.print(
            *_speed_lines(report.targets, report.speed, report.set_up), sep="\n", soft_wrap=True
        )
    for gateway in report.gateways:
        console.print(_gateway_line(report.targets, gateway), soft_wrap=True)


def _wire_table(report: Report) -> Table:
    names = ("link", "mode", "bundle s", "delay s", "both talk", "ratio", "other talks", "nobody")
    table = _table("Bits per second of one direction (by arithmetic)", names)
    most = report.targets
    for it in report.wires:
        is_second = it.link == "UDP/IPv4" and it.rate == "700C" and 1.0 <= it.bundle_s <= 1.1
        is_radio = it.link == "KISS" and it.bundle_s == 0.4
        talking = _held(it.talking_bps, most.talking_bps if is_second else None)
        table.add_row(
            it.link,
            it.rate,
            f"{it.bundle_s:.2f}",
            f"{it.delay_s:.2f}",
            f"{talking} ({it.tariff_bps[0]:.0f})",
            _held(it.ratio, most.kiss_ratio if is_radio else None, 2),
            _held(it.listening_bps, most.silent_bps, 1),
            _held(it.silent_bps, most.silent_bps, 1),
        )
    return table


def _elsewhere_table(report: Report) -> Table:
    names = ("mode", "bundle", "here", "WebRTC audio, back", "data channel, back")
    table = _table("The same bundles elsewhere: bits per second there, back", names)
    for it in (it for it in report.wires if it.link == "UDP/IPv4"):
        elsewhere = (it.webrtc_audio_bps, it.data_channel_bps)
        cells = (", ".join(f"{bps:.0f}" for bps in both) for both in elsewhere)
        table.add_row(it.rate, f"{it.bundle_s:.2f} s", f"{it.talking_bps:.0f}", *cells)
    return table


def _loss_table(report: Report) -> Table:
    names = ("bundle", "burst", "lost", "more", "heard", "at once", "bit/s", "twice", "misplaced")
    table = _table(f"{LOSSY_RATE} over UDP/IPv4 with loss, without and with redundancy", names)
    for it in report.losses:
        table.add_row(
            f"{it.bundle_s:.2f} s",
            f"{it.burst:.0f}",
            f"{100 * it.lost:.1f} %",
            "yes" if it.redundancy else "no",
            f"{100 * it.heard:.1f} %",
            f"{100 * it.at_once:.1f} %",
            f"{it.talking_bps:.0f}",
            _held(it.twice, 0),
            f"{100 * it.misplaced:.2f} %",
        )
    return table


def _table(title: str, names: Sequence[str]) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _speed_lines(most: Targets, took: Speed, met: SetUp) -> list[str]:
    sizes = " + ".join(_held(size, most.set_up_bytes) for size in met.datagrams)
    paths = (
        ("write, seal, open, read", took.wire_us, took.wire_least_us),
        ("from frames to frames", took.packet_us, took.packet_least_us),
        ("through two whole sessions", took.session_us, took.session_least_us),
    )
    return [
        f"CPU time of a packet of 0.4 s (target {most.packet_us:.0f} us), at a load average of"
        f" {took.load_average:.1f}:",
        *(
            f"  {name:27} {_held(us, most.packet_us, 1)} us, least {least_us:.1f}"
            for name, us, least_us in paths
        ),
        f"A session takes {_held(took.session_mb, most.session_mb, 3)} MB"
        f" (target {most.session_mb:.0f}).",
        f"Set-up, 600 ms one way: {sizes} bytes; {took.set_up_us / 1000:.1f} ms of CPU at both.",
        f"  The caller is up after {met.caller_up_s:.2f} s, the listener after"
        f" {met.listener_up_s:.2f} s, the first bundle is there after {met.first_bundle_s:.2f} s.",
    ]


def _gateway_line(most: Targets, it: Gateway) -> str:
    what = "with Codec2" if it.with_codec else "without the codec"
    share = _held(100 * it.cpu_share, 100 * most.gateway_share, 1)
    return (
        f"{it.calls} calls on {it.budget_bps / 1000:.0f} kbit/s, {what}: {share} % of a core,"
        f" least {100 * it.cpu_least:.1f},"
        f" {_held(it.call_mb, most.call_mb, 3)} MB a call, {it.datagrams_per_s:.0f} datagrams/s,"
        f" {_held(it.lost, 0)} of {it.frames} frames lost (load average {it.load_average:.1f})."
    )


def _held(value: float, most: float | None, digits: int = 0) -> str:
    """A figure, coloured by whether it keeps to its target."""
    colour = "default" if most is None else "green" if value <= most else "red"
    return f"[{colour}]{value:.{digits}f}[/]"
