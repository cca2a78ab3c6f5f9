"""Its weights are 2 GB and its package is in no extra: here stands what is said where they lack."""

from pathlib import Path

import pytest

from sotto_codecs.errors import BackendUnavailable, WeightsMissing
from sotto_codecs.text.speakers.xtts import FILES, Xtts
from sotto_codecs.text.speaking import Weights


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).write_bytes(b"{}")
    return tmp_path


def test_without_weights_the_sentence_says_how_to_fetch_them(folder: Path) -> None:
    with pytest.raises(WeightsMissing, match="hf download coqui/XTTS-v2"):
        Xtts(Weights())
    (folder / "vocab.json").unlink()
    with pytest.raises(WeightsMissing, match=r"wants vocab\.json"):
        Xtts(Weights(xtts=folder, xtts_licence_accepted=True))


def test_nothing_is_loaded_before_the_licence_is_accepted(folder: Path) -> None:
    with pytest.raises(BackendUnavailable, match="xtts_licence_accepted"):
        Xtts(Weights(xtts=folder))


def test_without_the_package_the_sentence_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sotto_codecs.text.speakers.xtts.find_spec", lambda name: None)
    with pytest.raises(BackendUnavailable, match="pip install coqui-tts"):
        Xtts(Weights(xtts=folder, xtts_licence_accepted=True))
