"""How pictures look: on a white card, readable at the width of a phone and without telling red from
green. Figures are made without pyplot, which keeps them all in one global list.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from PIL import Image

from benchmarks.codecs.results import ORIGINAL, Run
from benchmarks.codecs.sheets import in_order

# Okabe and Ito, "Color universal design", 2008; without its yellow, which white swallows
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
GREYS = ("#6b6b6b", "#8f8f8f", "#a8a8a8")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
INK, RULE = "#222222", "#dddddd"
SMALL, MEDIUM = 10, 12


@dataclass(frozen=True, slots=True)
class Plot:
    title: str
    caption: str  # what is shown, and n
    kind: Literal["svg+xml", "png"]
    data: bytes


@dataclass(frozen=True, slots=True)
class Look:
    colour: str
    marker: str


def looks(run: Run) -> dict[str, Look]:
    """By family, the same in all pictures: ours in colours, those of peers only in greys."""
    families = list(dict.fromkeys(it.family for it in in_order(run) if it.name != ORIGINAL))
    ours = {system.family for system in run.systems if not system.peer}
    colours, greys, markers = cycle(COLOURS), cycle(GREYS), cycle(MARKERS)
    return {
        family: Look(next(colours if family in ours else greys), next(markers))
        for family in families
    }


def card(width_in: float, height_in: float) -> Figure:
    return Figure(figsize=(width_in, height_in), facecolor="white", layout="constrained")


def dress(axes: Axes, title: str, across: str, up: str) -> None:
    axes.set_title(title, fontsize=MEDIUM, color=INK, loc="left", fontweight="bold")
    axes.set_xlabel(across, fontsize=SMALL, color=INK)
    axes.set_ylabel(up, fontsize=SMALL, color=INK)
    axes.tick_params(labelsize=SMALL, colors=INK)
    axes.grid(True, color=RULE, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def bits_axis(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda bps, _: f"{bps / 1000:g}k"))


def legend(figure: Figure, axes: Iterable[Axes], columns: int) -> None:
    """One for all panels, below them."""
    entries = {
        label: handle
        for it in axes
        for handle, label in zip(*it.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="outside lower center",
        ncols=columns,
        fontsize=SMALL,
        frameon=False,
    )


def as_svg(figure: Figure) -> bytes:
    return _saved(figure, format="svg", metadata={"Date": None, "Creator": None})


def as_png(figure: Figure, dots_per_inch: int, colours: int = 256) -> bytes:
    """Of few colours, which makes it a third as large."""
    full = io.BytesIO(_saved(figure, format="png", dpi=dots_per_inch))
    data = io.BytesIO()
    Image.open(full).convert("RGB").quantize(colours).save(data, format="png", optimize=True)
    return data.getvalue()


def _saved(figure: Figure, **settings: object) -> bytes:
    data = io.BytesIO()
    figure.savefig(data, **settings)  # type: ignore[arg-type]  # as savefig takes them
    return data.getvalue()
