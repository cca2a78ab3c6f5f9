"""What moved between two runs."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.codecs.results import Condition, Run, SystemResult
from benchmarks.codecs.sheets import short
from benchmarks.codecs.statistics import Change, change, scored
from benchmarks.metrics.base import Measure


@dataclass(frozen=True, slots=True)
class Moved:
    system: SystemResult
    condition: Condition
    measure: Measure
    change: Change

    @property
    def is_better(self) -> bool:
        return (self.change.difference > 0) == (self.measure.better == "higher")


@dataclass(frozen=True, slots=True)
class Comparison:
    """`costs` are exact figures, as sentences; `warnings` say why figures cannot be compared."""

    moved: tuple[Moved, ...]
    compared: int
    costs: tuple[str, ...]
    came: tuple[str, ...]
    went: tuple[str, ...]
    warnings: tuple[str, ...]


def compare(old: Run, new: Run) -> Comparison:
    changes = list(_changes(old, new))
    pairs = _pairs(old, new)
    then, now = ({it.name for it in run.systems if not it.unavailable} for run in (old, new))
    return Comparison(
        moved=tuple(it for it in changes if it.change.is_sure and _shows(it)),
        compared=len(changes),
        costs=tuple(line for before, after in pairs for line in _costs(before, after)),
        came=tuple(sorted(now - then)),
        went=tuple(sorted(then - now)),
        warnings=tuple(_warnings(old, new)),
    )


def show(found: Comparison, console: Console) -> None:
    for warning in found.warnings:
        console.print(f"[yellow bold]Careful:[/] {escape(warning)}")
    if found.moved:
        console.print(_table(found))
    for line in found.costs:
        console.print(escape(line))
    if found.came:
        console.print(f"New: {escape(', '.join(found.came))}.")
    if found.went:
        console.print(f"Gone: {escape(', '.join(found.went))}.")
    moved = len(found.moved) or "Nothing"
    console.print(f"{moved} moved by more than its interval; {found.compared} figures compared.")


def _changes(old: Run, new: Run) -> Iterator[Moved]:
    then = {it.name: it for it in old.conditions}
    for before, after in _pairs(old, new):
        for now in new.conditions:
            cells = before.scores.get(now.name, {}), after.scores.get(now.name, {})
            for measure in new.measures:
                if now.name in then and all(measure.key in it for it in cells):
                    one, other = (it[measure.key] for it in cells)
                    found = change(
                        scored(then[now.name].sentences, one), scored(now.sentences, other)
                    )
                    if found:
                        yield Moved(after, now, measure, found)


def _pairs(old: Run, new: Run) -> list[tuple[SystemResult, SystemResult]]:
    before = {it.name: it for it in old.systems if not it.unavailable}
    return [(before[it.name], it) for it in new.systems if it.name in before and not it.unavailable]


def _shows(moved: Moved) -> bool:
    """Large enough for a table's digits: other processors round otherwise."""
    return round(abs(moved.change.difference), moved.measure.digits) > 0


def _costs(old: SystemResult, new: SystemResult) -> Iterator[str]:
    """Bits and delays: they are counted, so every difference is one."""
    for words, unit, before, after in _cost_pairs(old, new):
        one, other = ("none" if it is None else f"{it:g} {unit}" for it in (before, after))
        if one != other:
            yield f"{new.name}: {words} {one} -> {other}"


def _cost_pairs(
    old: SystemResult, new: SystemResult
) -> Iterator[tuple[str, str, float | None, float | None]]:
    if old.bits and new.bits:
        yield "payload", "bit/s", _tenths(old.bits.talk_bps), _tenths(new.bits.talk_bps)
        one, other = old.bits.wire_talk_bps, new.bits.wire_talk_bps
        yield "on the wire", "bit/s", _tenths(one), _tenths(other)
        yield "one-off", "bit", old.bits.one_off_bits, new.bits.one_off_bits
    if old.delay and new.delay:
        yield "delay found", "ms", old.delay.found_ms, new.delay.found_ms
        yield "delay promised", "ms", old.delay.promised_ms, new.delay.promised_ms
        yield "packets of", "ms", old.delay.packet_ms, new.delay.packet_ms


def _tenths(value: float) -> float:
    return round(value, 1)


def _warnings(old: Run, new: Run) -> Iterator[str]:
    names = {it.key: it.name for it in old.instruments if not it.missing}
    for it in new.instruments:
        if not it.missing and names.get(it.key, it.name) != it.name:
            yield (
                f"{', '.join(it.measures)} cannot be compared: {names[it.key]} then, {it.name} now."
            )
    if old.material.level_dbfs != new.material.level_dbfs:
        yield "The level of the speech is another: figures cannot be compared."
    if old.material.name != new.material.name:
        yield f"The speech is another: {old.material.name} then, {new.material.name} now."


def _table(found: Comparison) -> Table:
    table = Table(title="Moved by more than its interval", box=SIMPLE_HEAD)
    table.title_style, table.title_justify = "bold", "left"
    for name in ("system", "condition", "measure"):
        table.add_column(name, no_wrap=True)
    for name in ("difference", "95 % interval", "n"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for it in found.moved:
        low, high = (short(end, it.measure) for end in (it.change.low, it.change.high))
        table.add_row(
            escape(it.system.name),
            escape(it.condition.name),
            escape(it.measure.title),
            _signed(it),
            f"{low} to {high}",
            f"{it.change.n}{'' if it.change.paired else ', other sentences'}",
            "[green]better[/]" if it.is_better else "[red]worse[/]",
        )
    return table


def _signed(moved: Moved) -> str:
    text = short(moved.change.difference, moved.measure)
    return text if text.startswith("-") else f"+{text}"
