"""The catalogue of models."""

from pathlib import Path

import pytest

from sotto_app.models.known import load_known
from sotto_app.strict_toml import SettingsError

GOOD = """
[small]
words = "hears"
licence = "MIT"
repository = "owner/small"
revision = "main"
size_mb = 1
files = { "model.bin" = "" }
"""


def test_the_shipped_catalogue_is_sound() -> None:
    known = load_known()
    assert {"whisper-tiny", "whisper-small", "xtts-v2", "ecapa"} < set(known)
    voices = [it for it in known.values() if it.name.startswith("piper-")]
    assert {it.name[6:8] for it in voices} == {"en", "de", "nl", "fr", "es"}
    for it in voices:
        voice = it.name.removeprefix("piper-")
        assert {Path(path).name for path in it.files} == {
            *(f"{voice}.onnx", f"{voice}.onnx.json", "MODEL_CARD")
        }
    assert [it.name for it in known.values() if it.must_accept] == [
        *("piper-en_US-lessac-medium", "xtts-v2")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace('= ""', '= "abc"'), "model.bin: 'abc' is no SHA-256"),
        (GOOD.replace('"model.bin" = ""', ""), "none, or two of one name"),
        (GOOD.replace('= ""', '= "", "b/model.bin" = ""'), "none, or two of one name"),
        (GOOD.replace("words", "word"), "there is no key 'word'"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "models.toml").write_text(text)
    with pytest.raises(SettingsError, match=message):
        load_known(tmp_path / "models.toml")
