"""Voices from and to wav files of every kind, and sound devices: ALSA's file device is real
enough.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sotto_app.errors import BadSound
from sotto_app.media.sound import RATE_HZ, WavSink, WavSource
from sotto_codecs.base import Pcm

ALSA = """
pcm.!default {{ type plug slave {{ format FLOAT_LE channels 1 rate 48000 pcm {{
  type file format "raw" file "{out}" infile "{into}" slave.pcm {{ type null }} }} }} }}
ctl.!default {{ type hw card 0 }}
"""
LISTEN_AND_SPEAK = """
import time
import numpy as np
from sotto_app.media.sound import Loudspeaker, Microphone
microphone, loudspeaker = Microphone(), Loudspeaker()
heard = []
for _ in range(25):
    time.sleep(0.02)
    heard.append(microphone.read(960))
    loudspeaker.write(heard[-1])
microphone.close()
loudspeaker.close()
print(float(np.abs(np.concatenate(heard)).max()))
"""


def tone(rate_hz: int, seconds: float = 1.0) -> Pcm:
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    return (0.5 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)


@pytest.mark.parametrize(
    ("rate_hz", "channels", "subtype"),
    [(44_100, 2, "PCM_16"), (8_000, 1, "PCM_U8"), (48_000, 1, "FLOAT"), (16_000, 1, "PCM_24")],
)
def test_every_kind_of_wav_is_a_voice(
    rate_hz: int, channels: int, subtype: str, tmp_path: Path
) -> None:
    path = tmp_path / "voice.wav"
    soundfile.write(path, np.stack([tone(rate_hz)] * channels, axis=1), rate_hz, subtype)
    source, pieces = WavSource(path), []
    while (piece := source.read(960)) is not None:
        assert len(piece) == 960
        pieces.append(piece)
    pcm = np.concatenate(pieces)
    assert len(pcm) == pytest.approx(RATE_HZ, abs=960)
    assert np.std(pcm) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"no sound at all" * 100])
def test_what_is_no_sound_is_one_line(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    path.write_bytes(data)
    with pytest.raises(BadSound, match=r"voice.wav: .+"):
        WavSource(path)


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    sink = WavSink(tmp_path / "heard.wav")
    for _ in range(50):
        sink.write(tone(RATE_HZ, 0.02))
    sink.close()
    pcm, rate_hz = soundfile.read(tmp_path / "heard.wav", dtype="float32")
    assert (len(pcm), rate_hz) == (RATE_HZ, RATE_HZ)
    with pytest.raises(BadSound, match="name it like"):
        WavSink(tmp_path / "heard.what")


def test_microphone_and_loudspeaker_carry_sound(tmp_path: Path) -> None:
    into, out = tmp_path / "in.raw", tmp_path / "out.raw"
    into.write_bytes(np.tile(tone(RATE_HZ), 20).tobytes())
    config = tmp_path / "asound.conf"
    config.write_text(ALSA.format(into=into, out=out))
    done = subprocess.run(
        [sys.executable, "-c", LISTEN_AND_SPEAK],
        env=os.environ | {"ALSA_CONFIG_PATH": str(config)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(0.5, abs=0.05)
    assert out.stat().st_size > 0


def test_a_machine_without_devices_says_so(tmp_path: Path) -> None:
    config = tmp_path / "asound.conf"
    config.write_text("pcm.!default { type hw card 99 }\nctl.!default { type hw card 99 }\n")
    done = subprocess.run(
        [str(Path(sys.executable).with_name("sotto")), "call", "http://127.0.0.1:1", "--devices"],
        env=os.environ | {"ALSA_CONFIG_PATH": str(config)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "sotto: there is no microphone that can be used" in done.stderr
