"""The bench of text coders: what it reads, and that it counts whole bytes."""

from pathlib import Path

import pytest

from benchmarks.text.coding import letters, ours, read_calls, read_training, row, rows
from sotto_codecs.text.coding.text import text_model

HEADER = "path\tcorpus\tspeaker\tseconds\tlicence\ttranscript\n"
LONG = "margaret said mister hale as he returned from showing his guest downstairs i could not"


def manifest(path: Path, *rows: tuple[str, str]) -> Path:
    lines = [f"x.flac\tsome\t{speaker}\t3.0\tCC BY 4.0\t{text}\n" for speaker, text in rows]
    path.write_text(HEADER + "".join(lines))
    return path


def test_phrases_are_about_eight_words_and_calls_are_speakers(tmp_path: Path) -> None:
    judged = manifest(tmp_path / "a.tsv", ("1", LONG), ("2", "THE BOX, Don't!"), ("1", "oh"))
    first, second = read_calls(judged)
    assert [len(phrase.split()) for phrase in first] == [7, 8, 1]
    assert " ".join(first[:2]) == LONG
    assert second == ["the box don't"]


def test_what_is_judged_is_not_trained_on(tmp_path: Path) -> None:
    judged = manifest(tmp_path / "a.tsv", ("1", LONG))
    training = manifest(tmp_path / "b.tsv", ("9", LONG.upper()), ("9", "Good day"), ("9", ""))
    assert read_training(training, judged) == ["good day"]


def test_bytes_are_counted_whole_and_words_beat_letters() -> None:
    model = text_model()
    calls = [[LONG, "it was good for me"], ["so much for a united front"]]
    words = row("words", calls, ours(model, 1))
    spelled = row("letters", calls, letters(model.spelling))
    assert words.bits_bps < words.bytes_bps < spelled.bits_bps < spelled.bytes_bps
    seconds = sum(len(phrase.split()) for call in calls for phrase in call) / 2.5
    assert words.bytes_bps * seconds / 8 == pytest.approx(round(words.bytes_bps * seconds / 8))


def test_what_is_heard_of_acknowledgements_saves_bits(capsys: pytest.CaptureFixture[str]) -> None:
    table = {each.coder: each for each in rows([[LONG] * 4], [])}
    heard = table["ours, all acknowledged"].bits_bps
    assert heard < table["ours, nothing acknowledged"].bits_bps / 1.5
    missing = [name for name in capsys.readouterr().out.splitlines()]
    assert all(line.startswith("left out: ") for line in missing)
