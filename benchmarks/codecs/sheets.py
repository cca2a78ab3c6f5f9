"""The tables of a run, before they become lines on a screen or parts of a page."""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.codecs import reading
from benchmarks.codecs.narrowing import CLEAN, beside_loss
from benchmarks.codecs.results import ORIGINAL, Cell, Condition, Instrument, Run, SystemResult
from benchmarks.metrics.base import Measure

DETAILS = ("nisqa_noisiness", "nisqa_discontinuity", "nisqa_coloration", "nisqa_loudness")
UNDER_LOSS = ("pesq_wb", "stoi", "plcmos")
WORD_ERRORS = "wer"
BROKEN = "More than promised by 1 % or more, in the worst minute."


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    unit: str = ""
    words: str = ""  # how to read it


@dataclass(frozen=True, slots=True)
class Figure:
    """What stands in one place of a table. `note` goes below it."""

    text: str
    spread: str = ""  # "±.12"
    sort: float | None = None
    note: str | None = None
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    system: SystemResult
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first `kept` columns stand in every part where a sheet has to be divided."""

    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    kept: int = 0

    @property
    def notes(self) -> list[str]:
        """Each once, in the order of their numbers, which begin at 1."""
        figures = [figure for row in self.rows for figure in row.figures]
        return list(dict.fromkeys(it.note for it in figures if it.note))

    @property
    def readings(self) -> dict[str, list[str]]:
        """How to read the columns: words, and the titles that they are for."""
        found: dict[str, list[str]] = {}
        for column in self.columns:
            if column.words and column.title not in found.setdefault(column.words, []):
                found[column.words].append(column.title)
        return found


def in_order(run: Run) -> list[SystemResult]:
    """Those that ran: the original, then ours by family and bits, then families of peers only."""
    ours = {system.family for system in run.systems if not system.peer}
    return sorted(
        (system for system in run.systems if not system.unavailable),
        key=lambda it: (
            it.name != ORIGINAL,
            it.family not in ours,
            it.family.lower(),
            it.bits.talk_bps if it.bits else 0.0,
            it.name,
        ),
    )


def measures_of(run: Run, condition: str) -> list[Measure]:
    """Those that any system has a score for, in the order of columns; details are in the JSON."""
    held = {
        key
        for system in run.systems
        for key, cell in system.scores.get(condition, {}).items()
        if cell.summary
    }
    return sorted(
        (it for it in run.measures if it.key in held and it.key not in DETAILS),
        key=lambda it: reading.rank(it.key),
    )


def instrument_of(run: Run, measure: str) -> Instrument | None:
    return next((it for it in run.instruments if measure in it.measures), None)


def quality_sheets(run: Run) -> list[Sheet]:
    quiet = [it for it in run.conditions if it.loss == 0]
    lossy = [it for it in run.conditions if it.loss > 0]
    found = [quality(run, condition) for condition in quiet]
    if lossy:
        same = beside_loss(run)
        found += [_under_loss(same, it, lossy) for it in _loss_measures(same, lossy)]
        found.append(_lost(run, lossy))
    return found


def quality(run: Run, condition: Condition) -> Sheet:
    measures = measures_of(run, condition.name)
    bits = (Column("payload", "bit/s", reading.PAYLOAD), Column("wire", "bit/s", reading.WIRE))
    return Sheet(
        title=f"Quality, {condition.name}: {condition.words}",
        caption=caption(run, condition),
        columns=(*bits, *(_measure_column(run, it, condition.name) for it in measures)),
        rows=tuple(
            Row(system, (*rates(system), *(_scores(system, condition, measures))))
            for system in in_order(run)
        ),
        kept=len(bits),
    )


def caption(run: Run, condition: Condition) -> str:
    """What was measured, with n."""
    seconds = {it.id: it.seconds for it in run.material.sentences}
    total = sum(seconds.get(it, 0.0) for it in condition.sentences)
    speakers = {it.speaker for it in run.material.sentences if it.id in condition.sentences}
    return (
        f"n = {len(condition.sentences)} sentences of {len(speakers)} speakers, {total:.0f} s, "
        f"{run.material.name}{', synthetic' if run.material.synthetic else ''}. "
        "± is half of the bootstrapped 95 % interval over sentences."
    )


def score(cell: Cell | None, measure: Measure, sentences: int) -> Figure:
    if cell is None:
        return Figure("-", note="Not measured.")
    if cell.summary is None:
        return Figure("-", note=cell.words or "No score.")
    found = cell.summary
    half = short((found.high - found.low) / 2, measure)
    missing = f"n = {found.n}. {cell.words or ''}".strip() if found.n < sentences else cell.words
    return Figure(
        short(found.mean, measure),
        f"±{half}" if found.n > 1 else "",
        found.mean,
        missing,
    )


def short(value: float, measure: Measure) -> str:
    """Shares of 1 without their zero, as papers print them: ".870", "1.000"."""
    text = f"{value:.{measure.digits}f}"
    return text.replace("0.", ".", 1) if measure.best == 1 and abs(value) < 1 else text


def _scores(
    system: SystemResult, condition: Condition, measures: Iterable[Measure]
) -> list[Figure]:
    cells = system.scores.get(condition.name, {})
    return [score(cells.get(it.key), it, len(condition.sentences)) for it in measures]


def _measure_column(run: Run, measure: Measure, condition: str) -> Column:
    """Errors of words say whose ears they are of, and what those get wrong anyway."""
    unit = measure.unit
    instrument = instrument_of(run, measure.key)
    if measure.key == WORD_ERRORS and instrument:
        unit = f"{unit}, {instrument.name}{_on_original(run, measure, condition)}"
    return Column(measure.title, unit, reading.words_of(measure.key))


def _on_original(run: Run, measure: Measure, condition: str) -> str:
    original = next((it for it in run.systems if it.name == ORIGINAL), None)
    cell = original and original.scores.get(condition, {}).get(measure.key)
    if not cell or not cell.summary:
        return ""
    return f"; original {cell.summary.mean:.{measure.digits}f}"


def rates(system: SystemResult) -> tuple[Figure, Figure]:
    bits = system.bits
    if not bits:
        return Figure("-"), Figure("-")
    return (
        number(bits.talk_bps, note=BROKEN if bits.broken else None, alarm=bits.broken),
        number(bits.wire_talk_bps),
    )


def number(
    value: float | None, digits: int = 0, note: str | None = None, alarm: bool = False
) -> Figure:
    return (
        Figure("-", note=note)
        if value is None
        else Figure(f"{value:.{digits}f}", sort=value, note=note, alarm=alarm)
    )


def _loss_measures(run: Run, lossy: list[Condition]) -> list[Measure]:
    held = [it for condition in lossy for it in measures_of(run, condition.name)]
    return [it for it in dict.fromkeys(held) if it.key in UNDER_LOSS]


def _under_loss(run: Run, measure: Measure, lossy: list[Condition]) -> Sheet:
    clean = [it for it in run.conditions if it.name == CLEAN]
    shown = [it for it in [*clean, *lossy] if measure in measures_of(run, it.name)]
    return Sheet(
        title=f"{measure.title} with lost packets",
        caption=f"{caption(run, lossy[0])} What was really lost stands below.",
        columns=tuple(Column(it.name, _share(it), reading.words_of(measure.key)) for it in shown),
        rows=tuple(
            Row(system, tuple(fig for it in shown for fig in _scores(system, it, [measure])))
            for system in in_order(run)
            if any(it.name in system.scores for it in lossy)
        ),
    )


def _share(condition: Condition) -> str:
    if not condition.loss:
        return "no loss"
    bursts = f", {condition.mean_outage_ms:.0f} ms" if condition.mean_outage_ms else ""
    return f"{100 * condition.loss:.0f} %{bursts}"


def _lost(run: Run, lossy: list[Condition]) -> Sheet:
    return Sheet(
        title="Packets really lost, %",
        caption="The same pattern of loss in time for all systems; packets of other lengths meet "
        f"it otherwise. n = {len(lossy[0].sentences)} sentences.",
        columns=tuple(Column(it.name, _share(it), reading.LOST) for it in lossy),
        rows=tuple(
            Row(system, tuple(_percent(system.lost.get(it.name)) for it in lossy))
            for system in in_order(run)
            if system.lost
        ),
    )


def _percent(share: float | None) -> Figure:
    return number(None if share is None else 100 * share, 1)
