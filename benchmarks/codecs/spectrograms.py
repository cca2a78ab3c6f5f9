"""One sentence through each system, to look at."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from benchmarks.codecs.drawing import INK, SMALL, Plot, as_png, card
from benchmarks.codecs.results import Run, SystemResult
from benchmarks.codecs.sheets import in_order
from sotto_codecs.base import Pcm

TOP_HZ = 8000
WINDOW_S, HOP_S = 0.032, 0.008
RANGE_DB = 80.0  # below the loudest of the first sound
SHOWN_S = 4.0  # from the start: more would be too narrow to read
COLUMNS = 3
DOTS = 100


def spectrograms(run: Run, sounds: Mapping[str, tuple[Pcm, int]], sentence: str) -> Plot:
    """`sounds` are of one sentence, by the names of systems, each with its rate. The first that
    stands in the run's order sets the scale of all."""
    systems = [it for it in in_order(run) if it.name in sounds]
    rows = -(-len(systems) // COLUMNS)
    figure = card(3.0 * COLUMNS, 0.4 + 1.8 * rows)
    grid = figure.subplots(rows, COLUMNS, squeeze=False, sharex=True, sharey=True)
    ceiling_db = None
    for axes, system in zip(grid.flat, systems, strict=False):
        pcm, rate_hz = sounds[system.name]
        pcm = pcm[: round(SHOWN_S * rate_hz)]
        levels_db = spectrogram_db(pcm, rate_hz)
        ceiling_db = float(levels_db.max()) if ceiling_db is None else ceiling_db
        _draw(axes, levels_db - ceiling_db, len(pcm) / rate_hz, rate_hz)
        axes.set_title(_title(system), fontsize=SMALL, color=INK, loc="left")
    for axes in grid.flat[len(systems) :]:
        axes.set_axis_off()
    figure.supxlabel("seconds", fontsize=SMALL)
    figure.supylabel("kHz", fontsize=SMALL)
    words = (
        f"The first {SHOWN_S:.0f} s of one sentence ({sentence}; n = 1) through each system, "
        f"0 to {TOP_HZ // 1000} kHz, all on one scale of {RANGE_DB:.0f} dB. "
        "Bits are of the payload."
    )
    return Plot("Spectrograms", words, "png", as_png(figure, DOTS))


def spectrogram_db(pcm: Pcm, rate_hz: int) -> npt.NDArray[np.float64]:
    """Power in dB, shape (frequencies, frames)."""
    window, hop = round(WINDOW_S * rate_hz), round(HOP_S * rate_hz)
    padded = np.pad(np.asarray(pcm, dtype=np.float64), (0, max(0, window - len(pcm))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    spectrum = np.fft.rfft(frames * np.hanning(window), axis=1) / window
    levels: npt.NDArray[np.float64] = 10 * np.log10(np.abs(spectrum.T) ** 2 + 1e-20)
    return levels


def _draw(axes: Axes, levels_db: npt.NDArray[np.float64], seconds: float, rate_hz: int) -> None:
    """What lies above half of a low rate stays as dark as silence."""
    axes.imshow(
        levels_db,
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=-RANGE_DB,
        vmax=0.0,
        extent=(0.0, seconds, 0.0, rate_hz / 2000),
        interpolation="auto",
    )
    axes.set_facecolor("black")
    axes.set_xlim(0.0, seconds)
    axes.set_ylim(0.0, TOP_HZ / 1000)
    axes.tick_params(labelsize=SMALL - 2, colors=INK)


def _title(system: SystemResult) -> str:
    return f"{system.title}: {system.bits.talk_bps:.0f} bit/s" if system.bits else system.title
