"""Its weights are 2 GB and its package is in no extra: here stands what is said where they lack."""

from pathlib import Path

import pytest

from sotto_codecs.errors import BackendUnavailable, WeightsMissing
from sotto_codecs.models import Models
from sotto_codecs.text.speakers.xtts import FILES, Xtts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = tmp_path / "xtts-v2"
    model.mkdir()
    for name in FILES:
        (model / name).write_bytes(b"{}")
    return tmp_path


def test_without_weights_the_sentence_says_how_to_fetch_them(folder: Path) -> None:
    with pytest.raises(WeightsMissing, match="none is set; to mend it: sotto models pull xtts-v2"):
        Xtts(Models())
    (folder / "xtts-v2" / "vocab.json").unlink()
    with pytest.raises(WeightsMissing, match=r"wants vocab\.json"):
        Xtts(Models(folder, xtts_licence_accepted=True))


def test_nothing_is_loaded_before_the_licence_is_accepted(folder: Path) -> None:
    with pytest.raises(BackendUnavailable, match="xtts_licence_accepted"):
        Xtts(Models(folder))


def test_without_the_package_the_sentence_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sotto_codecs.text.speakers.xtts.find_spec", lambda name: None)
    with pytest.raises(BackendUnavailable, match="pip install coqui-tts"):
        Xtts(Models(folder, xtts_licence_accepted=True))
