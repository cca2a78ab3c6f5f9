"""What is said: manifests, folders, flite, and all that can be wrong with them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.codecs.material import (
    LEVEL_DBFS,
    BadMaterial,
    at_level,
    babble,
    backgrounds,
    recorded,
    spoken_by_flite,
)
from sotto_codecs.base import Pcm

HEADER = "path\tspeaker\tlicence\ttranscript\n"


def tone(seconds: float = 1.0, rate_hz: int = 16_000) -> Pcm:
    times_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.asarray(0.3 * np.sin(2 * np.pi * 300 * times_s), np.float32)


def level_dbfs(pcm: Pcm) -> float:
    return float(10 * np.log10(np.mean(pcm.astype(np.float64) ** 2)))


def manifest(folder: Path, *lines: str) -> Path:
    path = folder / "manifest.tsv"
    path.write_text(HEADER + "".join(line + "\n" for line in lines))
    return path


def test_sentences_come_at_one_rate_and_level(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.stack([tone(1.0, 48_000)] * 2, 1), 48_000)
    speech = recorded(manifest(tmp_path, "a.wav\tann\tCC0\thello there"), seed=0)
    sound = speech.sounds["a.wav"]
    assert len(sound) == 16_000
    assert level_dbfs(sound) == pytest.approx(LEVEL_DBFS, abs=0.1)
    sentence = speech.material.sentences[0]
    assert (sentence.speaker, sentence.licence, sentence.seconds) == ("ann", "CC0", 1.0)


def test_a_folder_may_have_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "bob").mkdir()
    soundfile.write(tmp_path / "bob" / "one.flac", tone(), 16_000)
    (tmp_path / "bob" / "one.txt").write_text("good morning\n")
    sentence = recorded(tmp_path, seed=0).material.sentences[0]
    assert (sentence.speaker, sentence.transcript) == ("bob", "good morning")


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "good.wav", tone(), 16_000)
    soundfile.write(tmp_path / "silent.wav", 0 * tone(), 16_000)
    soundfile.write(tmp_path / "short.wav", tone(0.1), 16_000)
    soundfile.write(tmp_path / "nan.wav", np.full(16_000, np.nan), 16_000, subtype="FLOAT")
    (tmp_path / "text.wav").write_text("this is no sound")
    names = ("good", "silent", "short", "nan", "text", "absent")
    speech = recorded(manifest(tmp_path, *(f"{it}.wav\ta\tCC0\tx" for it in names)), seed=0)
    assert list(speech.sounds) == ["good.wav"]
    said = " ".join(speech.material.faults)
    assert len(speech.material.faults) == 5
    assert "silent.wav: it is silent" in said and "absent.wav" in said and "not finite" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path\tspeaker\n", "the header line lacks licence, transcript"),
        ("", "the header line lacks path"),
        (HEADER + "absent.wav\ta\tCC0\tx\n", "none could be read"),
    ],
)
def test_a_manifest_that_is_of_no_use(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "manifest.tsv"
    path.write_text(text)
    with pytest.raises(BadMaterial, match=words):
        recorded(path, seed=0)


def test_no_such_folder_and_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(BadMaterial, match="no such file or folder"):
        recorded(tmp_path / "absent", seed=0)
    with pytest.raises(BadMaterial, match=r"no manifest\.tsv and no sound"):
        recorded(tmp_path, seed=0)


def test_a_limit_takes_all_speakers_alike(tmp_path: Path) -> None:
    for name in ("a1", "a2", "a3", "b1", "c1"):
        soundfile.write(tmp_path / f"{name}.wav", tone(), 16_000)
    rows = [f"{name}.wav\t{name[0]}\tCC0\tx" for name in ("a1", "a2", "a3", "b1", "c1")]
    path = manifest(tmp_path, *rows)
    picked = recorded(path, seed=1, limit=3)
    assert sorted(it.speaker for it in picked.material.sentences) == ["a", "b", "c"]
    assert picked.spread(None) == recorded(path, seed=1, limit=3).spread(None)
    assert len(picked.spread(2)) == 2


def test_flite_speaks_where_nobody_was_recorded(tmp_path: Path) -> None:
    speech = spoken_by_flite(tmp_path, seed=0, limit=3)
    assert speech.material.synthetic
    assert {it.speaker for it in speech.material.sentences} <= {"slt", "rms", "awb", "kal16"}
    assert len(speech.sounds) == 3
    assert len(babble(speech)[0]) == max(len(sound) for sound in speech.sounds.values())


def test_backgrounds_are_those_that_go_on(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "long.wav", tone(11), 16_000)
    soundfile.write(tmp_path / "bang.wav", tone(2), 16_000)
    path = tmp_path / "noise.tsv"
    path.write_text("path\nlong.wav\nbang.wav\nabsent.wav\n")
    assert [len(sound) for sound in backgrounds(path)] == [11 * 16_000]


def test_a_level_is_of_the_whole_sentence() -> None:
    assert level_dbfs(at_level(tone(), -30)) == pytest.approx(-30, abs=0.01)
