from dataclasses import replace
from io import StringIO

from rich.console import Console

from benchmarks.codecs.compare import Comparison, compare, show
from benchmarks.codecs.results import Bits, Delay, Run
from tests.judged import cell, planted_run, replaced


def shown(found: Comparison) -> str:
    console = Console(record=True, width=120, file=StringIO())
    show(found, console)
    return console.export_text()


def shifted(run: Run, name: str, measure: str, by: float) -> Run:
    """One measure of one system in clean speech, moved in every sentence."""
    system = next(it for it in run.systems if it.name == name)
    values = system.scores["clean"][measure].values
    moved = cell([None if it is None else it + by for it in values])
    clean = {**system.scores["clean"], measure: moved}
    return replaced(run, name, scores={**system.scores, "clean": clean})


def test_a_run_has_not_moved_from_itself() -> None:
    run = planted_run()
    found = compare(run, run)
    cells = sum(len(cells) for it in run.systems for cells in it.scores.values())
    assert (found.moved, found.costs, found.came, found.went, found.warnings) == ((),) * 5
    assert found.compared == cells
    assert shown(found).splitlines() == [
        f"Nothing moved by more than its interval; {cells} figures compared."
    ]


def test_a_planted_move_is_found_and_nothing_else() -> None:
    run = planted_run()
    (moved,) = compare(run, shifted(run, "opus-6k", "pesq_wb", -0.05)).moved
    assert (moved.system.name, moved.condition.name, moved.measure.key) == (
        *("opus-6k", "clean", "pesq_wb"),
    )
    assert moved.change.paired and not moved.is_better
    text = shown(compare(run, shifted(run, "opus-6k", "pesq_wb", -0.05)))
    assert "-0.05" in text and "worse" in text


def test_fewer_errors_are_better() -> None:
    run = planted_run()
    (moved,) = compare(run, shifted(run, "codec2-700c", "wer", -3.0)).moved
    assert moved.is_better and moved.change.difference < 0


def test_other_processors_round_otherwise() -> None:
    run = planted_run()
    assert not compare(run, shifted(run, "opus-6k", "pesq_wb", 1e-9)).moved


def test_bits_and_delay_are_compared_exactly() -> None:
    run = planted_run()
    bits, delay = next((it.bits, it.delay) for it in run.systems if it.name == "opus-6k")
    assert isinstance(bits, Bits) and isinstance(delay, Delay)
    new = replaced(
        run,
        "opus-6k",
        bits=replace(bits, talk_bps=5943.0),
        delay=replace(delay, found_ms=None),
    )
    assert compare(run, new).costs == (
        "opus-6k: payload 5940 bit/s -> 5943 bit/s",
        "opus-6k: delay found 26.6 ms -> none",
    )
    assert "5943 bit/s" in shown(compare(run, new))


def test_who_came_and_who_went() -> None:
    run = planted_run()
    without = replaced(run, "lyra-3200", unavailable="its graphs are not here", scores={})
    assert (compare(run, without).went, compare(run, without).came) == (("lyra-3200",), ())
    assert compare(without, run).came == ("lyra-3200",)
    assert "Gone: lyra-3200." in shown(compare(run, without))


def test_another_instrument_cannot_be_compared() -> None:
    run = planted_run()
    other = tuple(
        replace(it, name="whisper base") if it.key == "words" else it for it in run.instruments
    )
    (warning,) = compare(run, replace(run, instruments=other)).warnings
    assert warning == "wer cannot be compared: pocketsphinx 5.1.1 then, whisper base now."
    assert "whisper base" in shown(compare(run, replace(run, instruments=other)))


def test_other_conditions_are_left_out() -> None:
    run = planted_run()
    fewer = replace(run, conditions=run.conditions[:1])
    assert 0 < compare(fewer, run).compared == compare(run, fewer).compared
