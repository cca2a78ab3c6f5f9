"""A run as tables on the screen."""

from collections.abc import Iterator
from dataclasses import replace
from textwrap import wrap

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.codecs.cost import cost_sheets
from benchmarks.codecs.results import Run, SystemResult
from benchmarks.codecs.sheets import Figure, Row, Sheet, quality_sheets

GAP = 2  # between columns; one of it is the line of the box
SHORTEST = 6  # lines of a header may be as long as this
MORE = " (more)"
DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def show(run: Run, console: Console) -> None:
    for sheet in [*quality_sheets(run), *cost_sheets(run)]:
        for part in divided(sheet, console.width):
            _show_sheet(part, console)
    _print_missing(run, console)
    if run.faults:
        console.print("[red bold]Faults[/]")
        for fault in run.faults:
            console.print(f"[red]*[/] {escape(fault)}", soft_wrap=True)


def _show_sheet(sheet: Sheet, console: Console) -> None:
    peers = any(row.system.peer for row in sheet.rows)
    console.print(_table(sheet))
    console.print(f"[dim]{escape(sheet.caption)}{' · marks a peer.' if peers else ''}[/]")
    for number, note in enumerate(sheet.notes, 1):
        console.print(f"[dim]{str(number).translate(DIGITS)} {escape(note)}[/]")
    console.print()


def divided(sheet: Sheet, width: int) -> Iterator[Sheet]:
    """In parts that are no wider than `width`, where a column leaves a choice."""
    widths = [_width(sheet, index) for index in range(len(sheet.columns))]
    kept = list(range(sheet.kept))
    names = max((len(_name(row.system)) for row in sheet.rows), default=0)
    free = width - names - GAP - sum(widths[it] for it in kept)
    taken: list[int] = []
    for index in range(sheet.kept, len(sheet.columns)):
        if taken and sum(widths[it] for it in [*taken, index]) > free:
            yield _only(sheet, [*kept, *taken])
            sheet, taken = replace(sheet, title=f"{sheet.title.removesuffix(MORE)}{MORE}"), []
        taken.append(index)
    yield _only(sheet, [*kept, *taken])


def _only(sheet: Sheet, columns: list[int]) -> Sheet:
    return replace(
        sheet,
        columns=tuple(sheet.columns[it] for it in columns),
        rows=tuple(Row(row.system, tuple(row.figures[it] for it in columns)) for row in sheet.rows),
    )


def _width(sheet: Sheet, index: int) -> int:
    return GAP + max(map(len, [*_header(sheet, index), *_cells(sheet, index)]))


def _header(sheet: Sheet, index: int) -> list[str]:
    """In lines about as long as what stands below."""
    width = max([SHORTEST, *map(len, _cells(sheet, index))])
    column = sheet.columns[index]
    return [
        line
        for text in (column.title, column.unit)
        for line in wrap(text, width, break_long_words=False)
    ]


def _cells(sheet: Sheet, index: int) -> list[str]:
    notes = sheet.notes
    return [_plain(row.figures[index], notes) for row in sheet.rows]


def _table(sheet: Sheet) -> Table:
    table = Table(title=escape(sheet.title), box=SIMPLE_HEAD, padding=(0, GAP - 1, 0, 0))
    table.title_style, table.title_justify = "bold", "left"
    table.pad_edge = table.show_edge = False
    table.add_column("system", no_wrap=True)
    for index in range(len(sheet.columns)):
        header = "\n".join(_header(sheet, index))
        table.add_column(escape(header), justify="right", vertical="bottom", no_wrap=True)
    family = sheet.rows[0].system.family if sheet.rows else ""
    for row in sheet.rows:
        if row.system.family != family:
            table.add_section()
            family = row.system.family
        cells = [_marked(figure, sheet.notes) for figure in row.figures]
        table.add_row(escape(_name(row.system)), *cells, style="dim" if row.system.peer else None)
    return table


def _name(system: SystemResult) -> str:
    return f"{system.title} ·" if system.peer else system.title


def _plain(figure: Figure, notes: list[str]) -> str:
    number = str(notes.index(figure.note) + 1).translate(DIGITS) if figure.note else ""
    return " ".join(filter(None, [f"{figure.text}{number}", figure.spread]))


def _marked(figure: Figure, notes: list[str]) -> str:
    plain = escape(_plain(replace(figure, spread=""), notes))
    if figure.alarm:
        plain = f"[red bold]{plain}[/]"
    return f"{plain} [dim]{figure.spread}[/]" if figure.spread else plain


def _print_missing(run: Run, console: Console) -> None:
    for system in run.systems:
        if system.unavailable:
            console.print(
                f"[yellow]{escape(system.title)}[/] could not run: {escape(system.unavailable)}"
            )
    for it in run.instruments:
        if it.missing:
            console.print(f"[yellow]{escape(it.name)}[/] is missing: {escape(it.missing)}")
