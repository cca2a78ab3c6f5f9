"""The back-end on small networks of random weights: what they say is noise, but not how long."""

import shutil
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sotto_codecs.abilities import Remembering
from sotto_codecs.backends.focal import Focal
from sotto_codecs.base import Frame, Pcm
from sotto_codecs.errors import BadAudio, BadFrame, BadSettings, BadWeights, WeightsMissing


@pytest.fixture(params=["550", "600"])
def codec(request: pytest.FixtureRequest, exported: Path) -> Focal:
    return Focal(request.param, models_dir=str(exported))


def talk(codec: Focal, frames: int, seed: int = 1) -> list[Pcm]:
    shape = (frames, codec.spec.frame_samples)
    noise = 0.1 * np.random.default_rng(seed).standard_normal(shape)
    return [*np.clip(noise, -1, 1).astype(np.float32)]


def encoded(codec: Focal, pcm: list[Pcm]) -> list[Frame]:
    encoder = codec.encoder()
    return [frame for piece in pcm for frame in encoder.encode(piece)]


def decoded(codec: Focal, frames: list[Frame | None]) -> Pcm:
    decoder = codec.decoder()
    return np.concatenate([decoder.decode(frame) for frame in frames])


def test_frames_have_the_rate_that_the_mode_is_called_by(codec: Focal) -> None:
    frames = encoded(codec, talk(codec, 10))
    bits = 8 * sum(len(frame.payload) for frame in frames)
    assert bits / (10 * codec.spec.frame_s) == codec.spec.payload_bps
    assert {len(frame.payload) for frame in frames} == {codec.spec.frame_bytes}
    assert [frame.start_sample for frame in frames] == [
        index * codec.spec.frame_samples for index in range(10)
    ]


def test_talk_comes_out_as_long_as_it_went_in_and_the_same_each_time(codec: Focal) -> None:
    frames: list[Frame | None] = [*encoded(codec, talk(codec, 10))]
    sound = decoded(codec, frames)
    assert sound.shape == (10 * codec.spec.frame_samples,) and sound.dtype == np.float32
    assert sound.std() > 0.01
    np.testing.assert_array_equal(decoded(codec, frames), sound)


def test_silence_costs_nothing_and_both_ends_begin_anew_after_it(codec: Focal) -> None:
    silence, first = [np.zeros(codec.spec.frame_samples, np.float32)], talk(codec, 4)
    frames = encoded(codec, [*silence, *first, *silence * 3, *first])
    sizes = [len(frame.payload) for frame in frames]
    size = codec.spec.frame_bytes
    assert sizes == [0, *[size] * 5, 0, 0, *[size] * 4]
    assert [it.payload for it in frames[1:5]] == [it.payload for it in frames[-4:]]
    sound = decoded(codec, [*frames]).reshape(len(frames), -1)
    assert not sound[0].any() and not sound[7].any()
    # all but the first 10 ms, in which it becomes as loud as ever
    np.testing.assert_allclose(sound[8:, 240:], sound[1:5, 240:], atol=1e-6)


def test_a_long_loss_ends_in_silence_and_talk_is_back_at_once(codec: Focal) -> None:
    frames: list[Frame | None] = [*encoded(codec, talk(codec, 12))]
    frames[4:8] = [None] * 4
    sound = decoded(codec, frames).reshape(12, -1)
    assert np.isfinite(sound).all()
    assert sound[4].any() and not sound[7].any()
    assert sound[8, 240:].std() > 0.5 * sound[3].std()


def test_a_fork_goes_on_alone(codec: Focal) -> None:
    frames = encoded(codec, talk(codec, 6))
    decoder = codec.decoder()
    for frame in frames[:3]:
        decoder.decode(frame)
    fork = decoder.fork()
    fork.decode(None)
    whole = decoded(codec, [*frames]).reshape(6, -1)
    np.testing.assert_array_equal(decoder.decode(frames[3]), whole[3])
    assert not np.array_equal(fork.decode(frames[3]), whole[3])


@pytest.mark.parametrize("bad", [np.zeros(1280, np.float32), np.full(1920, np.nan, np.float32)])
def test_sound_of_another_rate_and_no_numbers_are_refused(codec: Focal, bad: Pcm) -> None:
    with pytest.raises(BadAudio):
        codec.encoder().encode(bad)
    with pytest.raises(BadAudio):
        codec.encoder().encode(np.zeros((codec.spec.frame_samples, 2), np.float32))


def test_a_frame_of_another_rate_is_refused(codec: Focal) -> None:
    with pytest.raises(BadFrame, match="7 bytes"):
        codec.decoder().decode(Frame(bytes(7), 0, codec.spec.frame_samples))


def test_what_is_missing_or_wrong_names_the_command(exported: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"focal-800.*sotto models pull focal-800"):
        Focal("800", "published", str(exported))
    (tmp_path / "focal-550").mkdir()  # pulled, not exported
    with pytest.raises(WeightsMissing, match=r"encoder.onnx; .*sotto models export focal-550"):
        Focal("550", "published", str(tmp_path))
    (tmp_path / "focal-800").symlink_to(exported / "focal-600")
    with pytest.raises(BadWeights, match=r"focal-800 holds focal-600; .*pull focal-800"):
        Focal("800", models_dir=str(tmp_path))
    with pytest.raises(BadSettings, match="550, 600, 800"):
        Focal("700", models_dir=str(exported))


@given(st.binary(max_size=24))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_payload_is_sound_or_refused_and_the_decoder_works_on(
    codec: Focal, payload: bytes
) -> None:
    decoder, samples = codec.decoder(), codec.spec.frame_samples
    try:
        pcm = decoder.decode(Frame(payload, 0, samples))
    except BadFrame:
        assert payload and len(payload) != codec.spec.frame_bytes
    else:
        assert len(payload) in (0, codec.spec.frame_bytes)
        assert np.isfinite(pcm).all() and np.abs(pcm).max() <= 1
    after = decoder.decode(Frame(bytes(codec.spec.frame_bytes or 0), 0, samples))
    assert after.shape == (samples,) and np.isfinite(after).all()


def test_ten_minutes_take_no_more_memory_than_one(exported: Path) -> None:
    """And come out as loud in the last minute as in the first."""
    codec = Focal("600", models_dir=str(exported))
    encoder, decoder, minute = codec.encoder(), codec.decoder(), talk(codec, 750)
    taken, loud = [], []
    for _ in range(10):
        power = 0.0
        for pcm in minute:
            for frame in encoder.encode(pcm):
                power += float(np.square(decoder.decode(frame)).mean())
        loud.append(power)
        taken.append(psutil.Process().memory_info().rss)
    assert max(taken[5:]) - max(taken[:5]) < 2e6  # the allocator settles for a minute or two
    assert loud[-1] == pytest.approx(loud[1], rel=0.05)


def test_streams_say_what_they_remember(codec: Focal) -> None:
    encoder, decoder = codec.encoder(), codec.decoder()
    assert isinstance(encoder, Remembering) and isinstance(decoder, Remembering)
    assert encoder.state_bytes > decoder.state_bytes > 1000


def test_other_weights_have_another_version(exported: Path) -> None:
    specs = [Focal(rate, models_dir=str(exported)).spec for rate in ("550", "600")]
    assert specs[0].version != specs[1].version
    assert Focal("600", models_dir=str(exported)).spec.version == specs[1].version


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"weights": "large"}, "auto, published, small"),
        ({"threads": 0}, "from 1 to 16"),
        ({"threads": True}, "from 1 to 16"),
        ({"rate": 600}, "550, 600, 800"),
    ],
)
def test_settings_that_cannot_be_are_refused(setting: dict[str, object], words: str) -> None:
    with pytest.raises(BadSettings, match=words):
        Focal(**setting)  # type: ignore[arg-type]  # the point


def test_two_networks_are_no_codec(exported: Path, tmp_path: Path) -> None:
    folder = tmp_path / "focal-600"
    folder.mkdir()
    shutil.copy(exported / "focal-600" / "encoder.onnx", folder)
    shutil.copy(exported / "focal-550" / "decoder.onnx", folder)
    with pytest.raises(BadWeights, match="halves of two networks; to mend it: sotto models pull"):
        Focal("600", models_dir=str(tmp_path))
