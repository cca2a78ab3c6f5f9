import re
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from benchmarks.codecs.results import Cell, Run
from benchmarks.codecs.table import show
from tests.judged import SENTENCES, cell, planted_run, replaced, with_a_fault

WIDTH = 120


def shown(run: Run, width: int = WIDTH) -> str:
    console = Console(record=True, width=width, file=StringIO())
    show(run, console)
    return console.export_text()


def row(text: str, title: str) -> str:
    """The first line of a system."""
    return next(line for line in text.splitlines() if line.startswith(title))


def with_cell(run: Run, name: str, measure: str, new: Cell) -> Run:
    system = next(it for it in run.systems if it.name == name)
    clean = {**system.scores["clean"], measure: new}
    return replaced(run, name, scores={**system.scores, "clean": clean})


def test_the_original_stands_on_top_and_families_by_their_bits() -> None:
    text = shown(planted_run())
    titles = re.findall(r"^(Original|Codec2 \w+|Opus \d+|Lyra \d+)", text, re.MULTILINE)
    assert titles[:8] == [
        "Original",
        *("Codec2 700C", "Codec2 3200"),
        *("Opus 6", "Opus 12", "Opus 24"),
        *("Lyra 3200", "Lyra 9200"),  # peers only
    ]


def test_a_cell_shows_its_mean_and_half_its_interval() -> None:
    run = with_cell(planted_run(), "opus-6k", "pesq_wb", cell([2.0, 3.0] * 6))
    assert re.search(r"^Opus 6 +5940 +9673 +2\.50 ±0\.(2|3)\d ", shown(run), re.MULTILINE)
    assert "n = 12 sentences of 3 speakers" in shown(run)


def test_what_does_not_apply_says_so_below() -> None:
    spoken_anew = cell([None] * 12, "Spoken anew, with its own pace.")
    text = shown(with_cell(planted_run(), "opus-6k", "pesq_wb", spoken_anew))
    assert re.search(r"^Opus 6 +5940 +9673 +-¹ ", text, re.MULTILINE)
    assert re.search(r"^¹ Spoken anew, with its own pace\.", text, re.MULTILINE)


def test_a_missing_sentence_says_how_many_are_left() -> None:
    values = [2.0, *[None] * 1, *[3.0] * 10]
    text = shown(with_cell(planted_run(), "opus-6k", "pesq_wb", cell(values, "NaN in one.")))
    assert re.search(r"^¹ n = 11\. NaN in one\.", text, re.MULTILINE)


def test_one_sentence_has_no_interval() -> None:
    one = cell([2.0, *[None] * 11])
    text = shown(with_cell(planted_run(), "opus-6k", "pesq_wb", one))
    assert re.search(r"^Opus 6 +5940 +9673 +2\.00¹  ", text, re.MULTILINE)


def test_a_broken_promise_of_bits_is_marked() -> None:
    run = planted_run()
    system = next(it for it in run.systems if it.name == "opus-6k")
    assert system.bits
    run = replaced(run, "opus-6k", bits=replace(system.bits, broken=True, talk_bps=6100.0))
    text = shown(run)
    assert row(text, "Opus 6").split()[2] == "6100¹"
    assert "¹ More than promised by 1 % or more" in text


def test_word_errors_name_the_recogniser_and_what_it_gets_wrong_anyway() -> None:
    run = with_cell(planted_run(), "original", "wer", cell([28.1] * 12))
    header = shown(run).split("───")[0]
    assert all(it in header for it in ("WER", "pocketsphinx", "5.1.1;", "28.1"))


def test_computing_is_compared_with_the_cheapest_lyra_and_opus() -> None:
    text = shown(planted_run())
    speed = text[text.index("Speed, one thread") :]
    assert re.search(r"x Lyra +x Opus .*\n.* 3200 +6 ", speed)
    assert row(speed, "Lyra 3200").split()[5:7] == ["1.0", "0.60"]  # .018 / .03


def test_loss_has_what_was_really_lost() -> None:
    text = shown(planted_run())
    lost = text[text.index("Packets really lost") :]
    assert row(lost, "Opus 6").split()[2:] == ["5.2", "10.4", "20.8", "5.2", "10.4", "20.8"]
    assert all(f"{it} with lost packets" in text for it in ("PESQ-WB", "STOI", "PLCMOS"))


def test_what_could_not_run_says_why_and_faults_stand_last() -> None:
    text = shown(with_a_fault(planted_run()))
    assert "Mimi could not run: no weights in shared/instruments/mimi: <see> the README" in text
    assert "NISQA 2.0 is missing: no weights: see docs & <more>" in text
    fault = f"* opus-6k, clean, {SENTENCES[2].id}: the decoder returned <NaN>"
    assert text.splitlines()[-1] == fault


@pytest.mark.parametrize("width", [80, 120])
def test_it_fits(width: int) -> None:
    text = shown(planted_run(), width)
    reasons = ("Mimi could not run", "NISQA")  # wrap where the terminal does
    lines = [it for it in text.splitlines() if not it.startswith(reasons)]
    assert max(map(len, lines)) <= width
    assert "…" not in text


def test_an_empty_run_shows_nothing() -> None:
    run = replace(planted_run(), systems=(), instruments=())
    assert "±" not in shown(replace(run, conditions=()))


def test_clean_stands_beside_loss_for_the_same_sentences() -> None:
    run = planted_run()
    few = tuple(it.id for it in SENTENCES[:4])
    lossy = tuple(replace(it, sentences=few) if it.loss else it for it in run.conditions)
    narrowed = with_cell(
        replace(run, conditions=lossy), "opus-6k", "pesq_wb", cell([*[3.0] * 4, *[1.0] * 8])
    )
    text = shown(narrowed).split("PESQ-WB with lost packets")[1]
    assert row(text, "Opus 6").split()[2] == "3.00"
