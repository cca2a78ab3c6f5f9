"""`sotto encode` and `sotto decode`."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sotto_app.cli import main
from sotto_app.modes import load_modes
from tests.hearing import distance_db, lag_s
from tests.speech import Speech

TEXT = "stcts"  # spoken anew: another sound, of another length
MODES = [mode.name for mode in load_modes().values() if mode.codec != TEXT]


@pytest.fixture
def sotto(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Sotto":
    return Sotto(monkeypatch, capsys)


class Sotto:
    """The command line, in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self.out = self.err = ""

    def __call__(self, *arguments: str | Path) -> int:
        self._monkeypatch.setattr(sys, "argv", ["sotto", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        self.out, self.err = self._capsys.readouterr()
        return int(caught.value.code or 0)


@pytest.fixture
def wav(tmp_path: Path, speech: Speech) -> Path:
    path = tmp_path / "in.wav"
    soundfile.write(path, speech.at_16k[: 4 * 16_000 + 123], 16_000)
    return path


def test_words_are_spoken_anew_for_as_long_as_it_takes(
    sotto: Sotto, tmp_path: Path, wav: Path
) -> None:
    there, back = tmp_path / "out.sotto", tmp_path / "out.wav"
    assert sotto("encode", wav, there, "--mode", "text", "--json") == 0
    encoded = json.loads(sotto.out)
    assert 0 < encoded["payload_bps"] < 100 and encoded["frames"] >= 1
    assert sotto("decode", there, back, "--json") == 0
    heard, rate_hz = soundfile.read(back, dtype="float32")
    assert 2 < len(heard) / rate_hz < 8 and abs(heard).max() > 0.05


@pytest.mark.parametrize("mode", MODES)
def test_there_and_back_is_the_same_speech_of_the_same_length(
    sotto: Sotto, tmp_path: Path, wav: Path, speech: Speech, mode: str
) -> None:
    there, back = tmp_path / "out.sotto", tmp_path / "out.wav"
    assert sotto("encode", wav, there, "--mode", mode, "--json") == 0
    encoded = json.loads(sotto.out)
    assert sotto("decode", there, back, "--json") == 0
    assert json.loads(sotto.out) == encoded
    heard, rate_hz = soundfile.read(back, dtype="float32")
    source = speech.at(rate_hz)[: len(heard)]
    assert rate_hz == encoded["sample_rate_hz"]
    assert len(heard) == pytest.approx(encoded["seconds"] * rate_hz)
    assert len(heard) / rate_hz == pytest.approx((4 * 16_000 + 123) / 16_000, abs=1 / 8000)
    assert lag_s(source, heard, rate_hz) <= 0.007
    assert distance_db(source, heard, rate_hz) < 4


def test_bits_are_counted_truly(sotto: Sotto, tmp_path: Path, wav: Path) -> None:
    there = tmp_path / "out.sotto"
    sotto("encode", wav, there, "--mode", "codec2-700c", "--json")
    count = json.loads(sotto.out)
    frames = -(-round(8000 * count["seconds"] + 240) // 640)
    assert (count["frames"], count["payload_bytes"]) == (frames, 7 * frames)
    assert count["payload_bps"] == pytest.approx(8 * 7 * frames / count["seconds"], abs=0.1)
    sotto("encode", wav, there, "--mode", "codec2-700c")
    assert sotto.out.startswith(f"codec2-700c: 4.01 s in {7 * frames} bytes of payload")


@pytest.mark.parametrize("arguments", [[], ["encode"], ["encode", "no.wav", "x", "--mode", "y"]])
def test_wrong_usage_is_2(sotto: Sotto, arguments: list[str]) -> None:
    assert sotto(*arguments) == 2


def test_an_unknown_mode_lists_the_known_ones(sotto: Sotto, tmp_path: Path, wav: Path) -> None:
    assert sotto("encode", wav, tmp_path / "x", "--mode", "speex") == 2
    assert "speex" in sotto.err and MODES[0] in sotto.err


def test_help_explains_the_exit_codes(sotto: Sotto) -> None:
    assert sotto("--help") == 0
    assert "Exit codes" in sotto.out and "what to install" in " ".join(sotto.out.split())


@pytest.mark.parametrize("content", [b"", b"nonsense" * 99], ids=["empty", "nonsense"])
@pytest.mark.parametrize("command", ["encode", "decode"])
def test_a_bad_file_is_one_line_and_leaves_nothing(
    sotto: Sotto, tmp_path: Path, command: str, content: bytes
) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.write_bytes(content)
    mode = ["--mode", MODES[0]] if command == "encode" else []
    assert sotto(command, source, out, *mode) == 2
    assert sotto.err.startswith("sotto: ") and sotto.err.count("\n") == 1 and not sotto.out
    assert list(tmp_path.iterdir()) == [source]


def test_a_recording_that_is_cut_off_leaves_the_old_output(
    sotto: Sotto, tmp_path: Path, wav: Path
) -> None:
    there, back = tmp_path / "a.sotto", tmp_path / "a.wav"
    sotto("encode", wav, there, "--mode", "opus-16k")
    there.write_bytes(there.read_bytes()[:-10])
    back.write_text("old")
    assert sotto("decode", there, back) == 2
    assert "cut off" in sotto.err and back.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.sotto", "a.wav", "in.wav"]


def test_a_missing_codec_is_3_and_says_what_to_install(
    sotto: Sotto, tmp_path: Path, wav: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pycodec2", None)
    assert sotto("encode", wav, tmp_path / "x", "--mode", "codec2-3200") == 3
    assert "pip install 'sotto-call[media]'" in sotto.err and sotto.err.count("\n") == 1


def test_a_place_that_cannot_be_written_is_1(sotto: Sotto, tmp_path: Path, wav: Path) -> None:
    assert sotto("encode", wav, tmp_path / "no" / "folder", "--mode", "codec2-3200") == 1
    assert "No such file or directory" in sotto.err and sotto.err.count("\n") == 1


def test_sound_beyond_full_scale_and_stereo_at_44100(sotto: Sotto, tmp_path: Path) -> None:
    wav, there = tmp_path / "loud.wav", tmp_path / "loud.sotto"
    loud = np.random.default_rng(1).normal(0, 3, (44_100, 2)).astype(np.float32)
    soundfile.write(wav, loud, 44_100, "FLOAT")
    assert sotto("encode", wav, there, "--mode", "opus-16k") == 0
    assert sotto("decode", there, tmp_path / "back.wav") == 0
    assert soundfile.info(tmp_path / "back.wav").frames == 48_000


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ((b'"rate":"700C"', b'"rate":[7,"C"]'), "rate is one of"),
        ((b'"rate":"700C"', b'"loud":"700C"'), "loud"),
        ((b'"codec":"codec2"', b'"codec":"codec9"'), "no codec named 'codec9'"),
        ((b'"codec_version":1', b'"codec_version":7'), "made with codec2 version 7"),
        ((b'"sample_rate_hz":8000', b'"sample_rate_hz":9000'), "9000 Hz, 1 channels; here"),
    ],
)
def test_a_recording_of_another_codec_says_so(
    sotto: Sotto, tmp_path: Path, wav: Path, change: tuple[bytes, bytes], sentence: str
) -> None:
    there = tmp_path / "a.sotto"
    sotto("encode", wav, there, "--mode", "codec2-700c")
    data = there.read_bytes().replace(*change)
    grown = int.from_bytes(data[5:7]) + len(change[1]) - len(change[0])
    there.write_bytes(data[:5] + grown.to_bytes(2) + data[7:])
    assert sotto("decode", there, tmp_path / "a.wav") == 2
    assert sentence in sotto.err and sotto.err.count("\n") == 1
