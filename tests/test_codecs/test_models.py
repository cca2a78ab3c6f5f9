"""Where models are looked for."""

from pathlib import Path

from sotto_codecs.models import Models, pull


def test_models_are_folders_of_a_folder(tmp_path: Path) -> None:
    for name in ("whisper-tiny", "whisper-small", "piper-en"):
        (tmp_path / name).mkdir()
    (tmp_path / "whisper.txt").touch()
    models, only = Models(tmp_path), Models(tmp_path, only="whisper-tiny")
    assert [it.name for it in models.here("*whisper*")] == ["whisper-small", "whisper-tiny"]
    assert [it.name for it in only.here("*whisper*")] == ["whisper-tiny"]
    assert models.here("xtts*") == () and Models().here("*") == ()
    assert models.place == str(tmp_path) and "none is set" in Models().place
    assert only.place == str(tmp_path / "whisper-tiny")


def test_the_remedy_is_a_command() -> None:
    assert pull("whisper-small") == "sotto models pull whisper-small"
