"""Delay: planted shifts are found, through a vocoder as well; another pace is seen as such."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from benchmarks.metrics.base import RATE_HZ
from benchmarks.metrics.delay import aligned, found
from sotto_codecs import registry
from sotto_codecs.base import Pcm
from tests.speech import SENTENCES, Speech

MS = RATE_HZ // 1000


def later(pcm: Pcm, shift: int) -> Pcm:
    """The same sound `shift` samples later; negative: earlier, without its beginning."""
    return np.pad(pcm, (shift, 0)) if shift > 0 else pcm[-shift:]


@pytest.fixture(scope="module")
def whole(speech: Speech) -> Pcm:
    return speech.at_16k[: 10 * RATE_HZ]


@pytest.fixture(scope="module")
def vocoded(whole: Pcm) -> Pcm:
    """Through Codec2 700C, with its own delay."""
    codec = registry.load("codec2", {"rate": "700C"})
    spec, encoder, decoder = codec.spec, codec.encoder(), codec.decoder()
    pcm = np.asarray(soxr.resample(whole, RATE_HZ, spec.sample_rate_hz), np.float32)
    steps = range(0, len(pcm) - spec.frame_samples + 1, spec.frame_samples)
    frames = [f for at in steps for f in encoder.encode(pcm[at : at + spec.frame_samples])]
    heard = np.concatenate([decoder.decode(frame) for frame in frames])
    return np.asarray(soxr.resample(heard, spec.sample_rate_hz, RATE_HZ), np.float32)


@pytest.fixture(scope="module")
def anew(tmp_path_factory: pytest.TempPathFactory) -> Pcm:
    """The same voices and words, one sentence faster and the next one slower."""
    wav = tmp_path_factory.mktemp("anew") / "spoken.wav"
    paces = (0.9, 1.15)
    return np.concatenate(
        [flite(*line, pace, wav) for line, pace in zip(SENTENCES[:2], paces, strict=True)]
    )


def flite(voice: str, words: str, stretch: float, wav: Path) -> Pcm:
    pace = f"duration_stretch={stretch}"
    command = ["flite", "-voice", voice, "--setf", pace, "-t", words, "-o", str(wav)]
    subprocess.run(command, check=True)
    return np.asarray(soundfile.read(wav, dtype="float32")[0])


@pytest.mark.parametrize("shift", [0, 15 * MS, 15 * MS + 5, 900 * MS, -40 * MS])
@pytest.mark.parametrize("level", [1.0, 0.1, 10.0])
def test_a_shift_is_found_to_the_sample_at_any_level(whole: Pcm, shift: int, level: float) -> None:
    shifted = found(whole, later(whole, shift) * np.float32(level))
    assert shifted.samples == shift
    assert shifted.confidence > 0.9
    assert shifted.same_timing


@pytest.mark.parametrize("shift", [15 * MS, 200 * MS, -15 * MS])
def test_a_shift_is_found_through_a_vocoder_that_keeps_no_wave(
    whole: Pcm, vocoded: Pcm, shift: int
) -> None:
    own = found(whole, vocoded)
    assert own.samples == pytest.approx(30 * MS, abs=4 * MS)  # what the codec promises
    shifted = found(whole, later(vocoded, shift) * np.float32(0.1))
    assert shifted.samples - own.samples == pytest.approx(shift, abs=MS)
    assert shifted.confidence > 0.7
    assert shifted.same_timing


@pytest.mark.parametrize("snr_db", [10, 0])
def test_a_shift_is_found_in_noise(whole: Pcm, snr_db: float) -> None:
    drawn = np.random.default_rng(4).standard_normal(len(whole))
    noise = drawn * np.sqrt(np.mean(whole**2)) * 10 ** (-snr_db / 20)
    shifted = found(whole, later(whole + noise.astype(np.float32), 15 * MS))
    assert abs(shifted.samples - 15 * MS) <= MS
    assert shifted.confidence > 0.5
    assert shifted.same_timing


def test_a_shift_beyond_the_range_is_not_found(whole: Pcm) -> None:
    assert found(whole, later(whole, 300 * MS), most_s=0.2).confidence < 0.5


def test_noise_silence_and_nothing_have_no_delay_and_no_other_timing(whole: Pcm) -> None:
    noise = np.random.default_rng(4).standard_normal(len(whole)).astype(np.float32)
    for heard in (noise, np.zeros_like(whole), np.zeros(0, np.float32)):
        for shift in (found(whole, heard), found(heard, whole)):
            assert shift.confidence < 0.1
            assert shift.same_timing


def test_the_same_words_at_another_pace_have_another_timing(whole: Pcm, anew: Pcm) -> None:
    assert not found(whole, anew).same_timing
    assert not found(anew, whole).same_timing


def test_a_clock_that_runs_three_percent_fast_is_another_timing(whole: Pcm) -> None:
    fast = np.asarray(soxr.resample(whole, 1.03, 1.0), np.float32)
    assert not found(whole, fast).same_timing


def test_lost_packets_are_no_other_timing(whole: Pcm) -> None:
    lost = np.random.default_rng(7).random(len(whole) // (60 * MS) + 1) < 0.1
    heard = np.where(np.repeat(lost, 60 * MS)[: len(whole)], np.float32(0), whole)
    shift = found(whole, later(heard, 15 * MS))
    assert shift.samples == 15 * MS
    assert shift.same_timing


@pytest.mark.parametrize("shift", [0, 15 * MS, -15 * MS])
def test_aligned_takes_the_shift_out_and_keeps_the_length(whole: Pcm, shift: int) -> None:
    for heard in (later(whole, shift), later(whole, shift)[: -RATE_HZ // 2]):
        back = aligned(whole, heard, shift)
        assert back.shape == whole.shape and back.dtype == np.float32
        middle = slice(RATE_HZ, len(whole) - RATE_HZ)
        np.testing.assert_array_equal(back[middle], whole[middle])


def test_nothing_is_left_of_a_sound_shorter_than_its_shift(whole: Pcm) -> None:
    assert not aligned(whole, whole[:MS], 2 * MS).any()
