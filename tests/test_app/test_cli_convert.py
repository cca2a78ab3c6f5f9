"""`sotto convert`."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sotto_app import converting
from sotto_app.cli import main
from sotto_codecs.base import Pcm
from tests.speech import Speech
from tests.test_codecs.test_focal.sizes import SMALL


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of models; none is in it."""
    monkeypatch.setenv("SOTTO_TEXT_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def pulled(folder: Path) -> Path:
    """A small FocalCodec of random weights where a pulled one would be."""
    for package in ("torch", "safetensors"):
        pytest.importorskip(package, reason="needs: pip install '.[torch]'")
    from safetensors.torch import save_file

    from tests.test_codecs.test_focal.layout import described, weights

    place = folder / "focal-600"
    place.mkdir(parents=True)
    save_file(weights(SMALL), place / "model.safetensors")
    (place / "config.json").write_text(json.dumps(described(SMALL)))
    return place


@pytest.fixture
def wav(tmp_path: Path, speech: Speech) -> Path:
    path = tmp_path / "in.wav"
    soundfile.write(path, speech.at_16k[: 2 * 16_000 + 123], 16_000)
    return path


@pytest.fixture
def voice(tmp_path: Path, speech: Speech) -> Path:
    """Stereo at 48 kHz: it is mixed down."""
    path = tmp_path / "ref.wav"
    pcm = speech.at(48_000)[: 4 * 48_000]
    soundfile.write(path, np.stack([pcm, pcm], axis=1), 48_000)
    return path


@pytest.fixture
def sotto(
    wav: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> "Sotto":
    return Sotto(wav, monkeypatch, capsys)


class Sotto:
    """`sotto convert` of `wav`, in this process."""

    def __init__(
        self, wav: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._wav, self._monkeypatch, self._capsys = wav, monkeypatch, capsys
        self.out = self.err = ""

    def __call__(self, voice: Path, *arguments: str | Path) -> int:
        line = ["sotto", "convert", self._wav, "--voice", voice, *arguments]
        self._monkeypatch.setattr(sys, "argv", [str(it) for it in line])
        with pytest.raises(SystemExit) as caught:
            main()
        self.out, self.err = self._capsys.readouterr()
        return int(caught.value.code or 0)


def test_a_file_is_said_again_for_as_long(
    pulled: Path, sotto: Sotto, wav: Path, voice: Path
) -> None:
    assert sotto(voice) == 0
    out = wav.with_name("in-converted.wav")
    assert sotto.out == f"focal-600: 2.01 s in the voice of ref.wav: {out}\n"
    said, rate_hz = soundfile.read(out, dtype="float32")
    assert (rate_hz, len(said)) == (24_000, (2 * 16_000 + 123) * 3 // 2)
    assert np.abs(said).max() > 0.01
    named = wav.with_name("other.wav")
    assert sotto(voice, "-o", named, "--model", "focal-600") == 0
    assert named.read_bytes() == out.read_bytes()


@pytest.mark.parametrize(
    ("pcm", "complaint"),
    [
        (np.full(23_200, 0.1), "2.9 s of a voice; it takes 3 s or more"),
        (np.zeros(32_000), "ref.wav: it is silent"),
    ],
    ids=["short", "silent"],
)
def test_a_voice_of_which_there_is_too_little_is_refused(
    pulled: Path, sotto: Sotto, wav: Path, pcm: Pcm, complaint: str
) -> None:
    soundfile.write(wav.with_name("ref.wav"), pcm, 8000)
    assert sotto(wav.with_name("ref.wav")) == 2
    assert complaint in sotto.err and sotto.err.count("\n") == 1
    assert not wav.with_name("in-converted.wav").exists()


def test_of_a_long_voice_the_beginning_is_heard(
    pulled: Path, sotto: Sotto, wav: Path, monkeypatch: pytest.MonkeyPatch, speech: Speech
) -> None:
    long, short = wav.with_name("long.wav"), wav.with_name("short.wav")
    soundfile.write(long, speech.at_16k[: 6 * 16_000], 16_000)
    soundfile.write(short, speech.at_16k[: 4 * 16_000], 16_000)
    monkeypatch.setattr(converting, "MOST_S", 4.0)
    said = []
    for voice in (long, short):
        assert sotto(voice) == 0
        said.append(wav.with_name("in-converted.wav").read_bytes())
    assert said[0] == said[1]


def test_what_is_missing_is_named_with_the_command_that_mends_it(
    folder: Path, sotto: Sotto, voice: Path
) -> None:
    assert sotto(voice) == 3
    assert "to mend it: sotto models pull focal-800" in sotto.err
    assert sotto(voice, "--model", "focal-550") == 3
    assert "to mend it: sotto models pull focal-550" in sotto.err
    assert sotto(voice, "--model", "tiny") == 2
    assert "focal-550, focal-600, focal-800" in sotto.err


def test_without_torch_it_says_what_to_install(
    pulled: Path, sotto: Sotto, voice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "sotto_codecs.focal.network.conversion", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert sotto(voice) == 3
    assert "pip install 'sotto-call[torch]'" in sotto.err
