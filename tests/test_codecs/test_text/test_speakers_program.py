import wave
from pathlib import Path

import pytest

from sotto_codecs.errors import BackendUnavailable, Unspeakable
from sotto_codecs.text.speakers.program import read_wav, run


def test_text_goes_in_and_what_is_printed_comes_back() -> None:
    assert run(["cat"], "grüß; $(id)") == "grüß; $(id)"


def test_a_program_that_hangs_is_stopped() -> None:
    with pytest.raises(Unspeakable, match=r"more than 0\.05 s"):
        run(["sleep", "30"], "", limit_s=0.05)


def test_a_program_that_fails_is_quoted() -> None:
    with pytest.raises(Unspeakable, match="No such file"):
        run(["cat", "/nowhere"], "")


def test_a_program_that_is_gone_is_an_absence() -> None:
    with pytest.raises(BackendUnavailable, match="sotto-no-such"):
        run(["sotto-no-such"], "")


def test_no_wav_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(Unspeakable):
        read_wav(tmp_path / "none.wav")
    (tmp_path / "short.wav").write_bytes(b"RIFF")
    with pytest.raises(Unspeakable):
        read_wav(tmp_path / "short.wav")


def test_sound_of_another_rate_comes_at_ours(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(22050)
        file.writeframes(bytes(2 * 22050))
    assert len(read_wav(tmp_path / "a.wav")) == 16_000
