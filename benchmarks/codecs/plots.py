"""Pictures of a run: quality against bits and against loss, and speed."""

from collections.abc import Iterable
from itertools import cycle

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from benchmarks.codecs.cost import rtf
from benchmarks.codecs.drawing import (
    COLOURS,
    GREYS,
    INK,
    SMALL,
    Look,
    Plot,
    as_png,
    as_svg,
    bits_axis,
    card,
    dress,
    legend,
    looks,
)
from benchmarks.codecs.narrowing import CLEAN, beside_loss
from benchmarks.codecs.results import ORIGINAL, Condition, Run, Summary, SystemResult
from benchmarks.codecs.sheets import UNDER_LOSS, caption, in_order, measures_of
from benchmarks.metrics.base import Measure

WIRE = "bit/s on the wire"
IN_DOCS = ("pesq_wb", "estoi", "dnsmos_ovr", "wer", "likeness")
DOCS_DOTS = 100


def plots(run: Run) -> list[Plot]:
    """All that there is data for."""
    clean = next((it for it in run.conditions if it.name == CLEAN), None)
    found = [_against_bits(run, clean, it) for it in measures_of(run, CLEAN)] if clean else []
    lossy = [it for it in run.conditions if it.loss > 0]
    keys = {it.key for condition in lossy for it in measures_of(run, condition.name)}
    same = beside_loss(run)
    found += [
        _against_loss(same, it) for it in run.measures if it.key in keys and it.key in UNDER_LOSS
    ]
    return [*found, _speed_bars(run)] if any(it.speed for it in run.systems) else found


def docs_plot(run: Run) -> bytes:
    """Six panels for a page of the documentation, as PNG."""
    measures = {it.key: it for it in measures_of(run, CLEAN)}
    figure = card(13.0, 8.4)
    panels = list(figure.subplots(2, 3).flat)
    for axes, key in zip(panels, IN_DOCS, strict=False):
        if key in measures:
            _draw_bits(axes, run, measures[key])
        else:
            _say(axes, f"{key}: not measured")
    lossy = any(it.loss > 0 for it in run.conditions)
    measure = next((it for it in run.measures if it.key == UNDER_LOSS[0]), None)
    if measure and lossy:
        _draw_loss(panels[-1], beside_loss(run), measure, _middles(run))
        panels[-1].legend(fontsize=SMALL - 2, frameon=False)
    else:
        _say(panels[-1], "no loss measured")
    legend(figure, panels[:-1], 8)
    return as_png(figure, DOCS_DOTS, colours=64)


def _against_bits(run: Run, condition: Condition, measure: Measure) -> Plot:
    figure = card(4.4, 3.8)
    axes = figure.subplots()
    _draw_bits(axes, run, measure)
    legend(figure, [axes], 3)
    title = f"{measure.title} against bits on the wire"
    return Plot(
        title, f"{title}, clean speech. {caption(run, condition)}", "svg+xml", as_svg(figure)
    )


def _draw_bits(axes: Axes, run: Run, measure: Measure) -> None:
    for family, look in looks(run).items():
        members = [it for it in in_order(run) if it.family == family]
        ours = [it for it in members if not it.peer]
        _curve(axes, ours, measure, look, family)
        peers = [it for it in members if it.peer]
        grey = Look(GREYS[0], look.marker) if ours else look
        last = _curve(axes, peers, measure, grey, f"{family} (peer)")
        if last:
            axes.annotate(
                family, last, (5, 5), textcoords="offset points", fontsize=SMALL, color=grey.colour
            )
    bits_axis(axes)
    worse = " (less is better)" if measure.better == "lower" else ""
    dress(axes, f"{measure.title}{worse}", WIRE, measure.unit)
    _draw_original(axes, run, measure)


def _curve(
    axes: Axes, systems: Iterable[SystemResult], measure: Measure, look: Look, label: str
) -> tuple[float, float] | None:
    """The last point of what was drawn."""
    points = [
        (it.bits.wire_talk_bps, found)
        for it in systems
        if it.bits and (found := _found(it, CLEAN, measure))
    ]
    points.sort(key=lambda point: point[0])
    if not points:
        return None
    _line(axes, points, look, label)
    return points[-1][0], points[-1][1].mean


def _line(
    axes: Axes, points: list[tuple[float, Summary]], look: Look, label: str, style: str = "-"
) -> None:
    axes.errorbar(
        [across for across, _ in points],
        [it.mean for _, it in points],
        yerr=[
            [max(0.0, it.mean - it.low) for _, it in points],
            [max(0.0, it.high - it.mean) for _, it in points],
        ],
        color=look.colour,
        marker=look.marker,
        linestyle=style,
        markersize=5,
        linewidth=1.6,
        capsize=2,
        label=label,
    )


def _draw_original(axes: Axes, run: Run, measure: Measure) -> None:
    original = next((it for it in run.systems if it.name == ORIGINAL), None)
    found = original and _found(original, CLEAN, measure)
    if found:
        axes.axhline(found.mean, color=INK, linewidth=1, linestyle=":", label="Original")


def _found(system: SystemResult, condition: str, measure: Measure) -> Summary | None:
    cell = system.scores.get(condition, {}).get(measure.key)
    return cell.summary if cell else None


def _against_loss(run: Run, measure: Measure) -> Plot:
    """A panel per family, or lines would hide each other."""
    families = {
        family: [it for it in in_order(run) if it.family == family and it.lost]
        for family in looks(run)
    }
    shown = {family: members for family, members in families.items() if members}
    figure = card(4.4, 0.4 + 2.5 * len(shown))
    panels = figure.subplots(len(shown), 1, sharex=True, sharey=True, squeeze=False).flat
    for axes, (family, members) in zip(panels, shown.items(), strict=False):
        _draw_loss(axes, run, measure, zip(members, cycle(COLOURS), strict=False))
        axes.set_title(family, fontsize=SMALL + 2, color=INK, loc="left", fontweight="bold")
        axes.legend(fontsize=SMALL - 2, frameon=False, ncols=1 + len(members) // 4)
        axes.tick_params(labelbottom=True)
    lossy = next(it for it in run.conditions if it.loss > 0)
    title = f"{measure.title} against lost packets"
    words = f"{title}; solid: each packet by chance, dashed: in bursts. {caption(run, lossy)}"
    return Plot(title, words, "svg+xml", as_svg(figure))


def _draw_loss(
    axes: Axes, run: Run, measure: Measure, coloured: Iterable[tuple[SystemResult, str]]
) -> None:
    """By the share of packets that was really lost."""
    for system, colour in coloured:
        for style, bursts in (("-", False), ("--", True)):
            points = _lossy_points(run, system, measure, bursts)
            label = "" if bursts else system.title
            if points:
                _line(axes, points, Look(colour, "s" if bursts else "o"), label, style)
    dress(axes, f"{measure.title} (dashed: bursts)", "packets lost, %", measure.unit)


def _lossy_points(
    run: Run, system: SystemResult, measure: Measure, bursts: bool
) -> list[tuple[float, Summary]]:
    points = [
        (100 * system.lost.get(it.name, 0.0), found)
        for it in run.conditions
        if (it.name == CLEAN or it.loss > 0 and (it.mean_outage_ms > 0) == bursts)
        and (found := _found(system, it.name, measure))
    ]
    return sorted(points, key=lambda point: point[0])


def _middles(run: Run) -> list[tuple[SystemResult, str]]:
    """One system of each family, the middle one by bits, and the family's colour."""
    families = [
        [it for it in in_order(run) if it.family == name and it.lost] for name in looks(run)
    ]
    middle = [members[len(members) // 2] for members in families if members]
    return [(it, looks(run)[it.family].colour) for it in middle]


def _speed_bars(run: Run) -> Plot:
    timed = [it for it in in_order(run) if rtf(it) > 0][::-1]
    figure = card(4.4, 1.0 + 0.27 * len(timed))
    axes = figure.subplots()
    colours = [GREYS[1] if it.peer else looks(run)[it.family].colour for it in timed]
    bars = axes.barh([it.title for it in timed], [rtf(it) for it in timed], color=colours)
    axes.bar_label(bars, fmt=" {:.2g}", fontsize=SMALL, color=INK)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: f"{seconds:g}"))
    axes.margins(x=0.15)
    dress(axes, "Time for a second of speech", "seconds to code and decode, one thread", "")
    axes.axvline(1.0, color=INK, linewidth=1, linestyle=":")
    words = (
        "Real-time factor, coder and decoder together on one thread (left of 1: it keeps up). "
        f"Grey: peers. {run.machine.cpu}. n = {len(run.material.sentences)} sentences."
    )
    return Plot("Real-time factor", words, "svg+xml", as_svg(figure))


def _say(axes: Axes, words: str) -> None:
    axes.text(0.5, 0.5, words, ha="center", va="center", fontsize=SMALL, transform=axes.transAxes)
    axes.set_axis_off()
