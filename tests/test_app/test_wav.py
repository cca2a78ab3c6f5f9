"""Sound files at the rate and in the frames of a codec."""

from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sotto_app.errors import BadSound
from sotto_app.wav import SoundFile, framed
from sotto_codecs.base import CodecSpec, Pcm


def tone(rate_hz: int, seconds: float) -> Pcm:
    steps = np.arange(round(rate_hz * seconds)) / rate_hz
    return (0.5 * np.sin(2 * np.pi * 440 * steps)).astype(np.float32)


def spec_of(frame_samples: int, delay_samples: int, channels: int = 1) -> CodecSpec:
    return CodecSpec("test", 1, 8000, channels, frame_samples, 1.0, delay_samples, None)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT"])
def test_any_rate_and_depth_becomes_what_the_codec_takes(
    tmp_path: Path, rate_hz: int, subtype: str
) -> None:
    path = tmp_path / "in.wav"
    soundfile.write(path, tone(rate_hz, 2.5), rate_hz, subtype)
    sound = SoundFile(path, 8_000, 1)
    pcm = np.concatenate(list(sound.blocks()))
    assert sound.seconds == 2.5 and pcm.dtype == np.float32
    assert abs(len(pcm) - 20_000) <= 1
    middle = slice(400, 19_600)
    np.testing.assert_allclose(pcm[middle], tone(8_000, 2.5)[middle], atol=0.02)


def test_stereo_is_mixed_and_mono_is_doubled(tmp_path: Path) -> None:
    path, pcm = tmp_path / "in.wav", tone(44_100, 1)
    soundfile.write(path, np.stack([pcm, 0 * pcm], axis=1), 44_100)
    mono = np.concatenate(list(SoundFile(path, 44_100, 1).blocks()))
    np.testing.assert_allclose(mono, pcm / 2, atol=1e-3)
    soundfile.write(path, pcm, 44_100)
    stereo = np.concatenate(list(SoundFile(path, 44_100, 2).blocks()))
    assert stereo.shape == (44_100, 2) and np.array_equal(stereo[:, 0], stereo[:, 1])


def test_a_truncated_file_gives_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "in.wav"
    soundfile.write(path, tone(8_000, 2), 8_000, "PCM_16")
    path.write_bytes(path.read_bytes()[: 44 + 16_000])
    assert len(np.concatenate(list(SoundFile(path, 8_000, 1).blocks()))) == 8_000


def bad_files(folder: Path) -> dict[str, Path]:
    paths = {
        name: folder / f"{name}.wav" for name in ("nothing", "no sound", "text", "head", "nan")
    }
    paths["nothing"].write_bytes(b"")
    soundfile.write(paths["no sound"], np.zeros(0, np.float32), 8_000)
    paths["text"].write_text("this is no sound at all, but a sentence\n" * 9)
    soundfile.write(paths["head"], tone(8_000, 1), 8_000)
    paths["head"].write_bytes(paths["head"].read_bytes()[:20])
    soundfile.write(paths["nan"], np.full(8_000, np.nan, np.float32), 8_000, "FLOAT")
    return paths


@pytest.mark.parametrize("kind", ["nothing", "no sound", "text", "head", "nan"])
def test_what_is_no_sound_is_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    path = bad_files(tmp_path)[kind]
    with pytest.raises(BadSound, match=kind) as caught:
        list(SoundFile(path, 8_000, 1).blocks())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("samples", [1, 159, 160, 161, 1000])
@pytest.mark.parametrize("delay_samples", [0, 100, 160, 400])
def test_frames_hold_all_sound_and_room_for_the_delay(samples: int, delay_samples: int) -> None:
    pcm = np.arange(1, samples + 1, dtype=np.float32)
    spec = spec_of(160, delay_samples)
    frames = list(framed(iter(np.array_split(pcm, 3)), spec))
    assert all(len(frame) == 160 for frame, _ in frames)
    whole = np.concatenate([frame for frame, _ in frames])
    assert np.array_equal(whole[:samples], pcm) and not whole[samples:].any()
    assert sum(real for _, real in frames) == samples
    assert delay_samples <= len(whole) - samples < delay_samples + 160


def test_stereo_frames_keep_their_sides() -> None:
    pcm = np.arange(600, dtype=np.float32).reshape(300, 2)
    frames = [frame for frame, _ in framed(iter([pcm]), spec_of(160, 0, channels=2))]
    assert list(chain(*frames))[299].tolist() == [598, 599]
