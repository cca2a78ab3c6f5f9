"""Whisper: windows that overlap, and a model that is not there or torn."""

import sys
from pathlib import Path

import numpy as np
import pytest

from sotto_codecs.errors import BackendUnavailable, BadSettings, WeightsMissing
from sotto_codecs.models import Models
from sotto_codecs.text.recognisers import whisper
from sotto_codecs.text.recognising import engine
from sotto_codecs.text.talkspurt import RATE_HZ
from tests.whisper import small_whisper


def noise(seconds: float, seed: int = 0) -> np.typing.NDArray[np.float32]:
    samples = round(seconds * RATE_HZ)
    return np.random.default_rng(seed).normal(0.0, 0.1, samples).astype(np.float32)


def test_a_whisper_on_disk_is_preferred_and_heard_in_windows(tmp_path: Path) -> None:
    models, folder = Models(tmp_path), tmp_path / "whisper-parrot"
    small_whisper(tmp_path / "source", folder, "Parrot")
    found = engine("auto", "en", models)
    assert found.name.startswith("faster-whisper 1.") and found.name.endswith(", whisper-parrot")
    recogniser = found.recogniser("en")
    assert recogniser.feed(noise(1.9)).words == ()
    assert [word.text for word in recogniser.feed(noise(0.2)).words] == ["parrot"]
    assert [word.text for word in recogniser.finish()] == ["parrot"]
    recogniser.start()
    assert recogniser.finish() == ()
    with pytest.raises(BadSettings, match='does not know "de"; it knows en'):
        found.recogniser("de")
    (folder / "model.bin").write_bytes(b"torn")
    with pytest.raises(WeightsMissing, match="is damaged: .* to mend it: sotto models pull"):
        whisper.Whisper(models)


def test_the_largest_whole_model_is_taken_unless_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="no Whisper in a folder; none is set"):
        whisper.Whisper(Models())
    for name, size in (("whisper-tiny", 1), ("whisper-small", 2), ("whisper-torn", 3)):
        (tmp_path / name).mkdir()
        for file in whisper.FILES[: 1 if name == "whisper-torn" else None]:
            (tmp_path / name / file).write_bytes(bytes(size))
    pytest.importorskip("faster_whisper")
    with pytest.raises(WeightsMissing, match="the Whisper in .*whisper-small is damaged"):
        whisper.Whisper(Models(tmp_path))
    with pytest.raises(WeightsMissing, match="the Whisper in .*whisper-tiny is damaged"):
        engine("faster-whisper/whisper-tiny", "en", Models(tmp_path))
    with pytest.raises(WeightsMissing, match="only parts in whisper-torn"):
        engine("faster-whisper/whisper-torn", "en", Models(tmp_path))


def test_without_the_package_it_says_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "whisper-tiny").mkdir()
    for name in whisper.FILES:
        (tmp_path / "whisper-tiny" / name).touch()
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(BackendUnavailable, match=r"to mend it: pip install 'sotto-call\[whisper\]"):
        whisper.Whisper(Models(tmp_path))


def test_a_word_as_it_is_sent() -> None:
    spoken = [whisper.spelt(it) for it in (" Hello,", " \"don't", " 12%", " –", " naïve!", " e.g.")]
    assert spoken == ["hello", "don't", "12%", "", "naïve", "e.g"]
    assert [whisper.spelt(it) for it in (" [Laughter]", " (coughs)", " ♪music♪")] == [
        *("[laughter]", "[coughs]", "[music]")
    ]
