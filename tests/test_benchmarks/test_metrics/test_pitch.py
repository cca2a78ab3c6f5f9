"""Pitch and voicing of glides whose pitch is known."""

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.metrics.base import RATE_HZ, NotApplicable, Take
from benchmarks.metrics.pitch import Pitch
from sotto_codecs.base import Pcm
from tests.speech import Speech

SECONDS = 2
RISING = 110 * 2 ** np.linspace(0, 1, SECONDS * RATE_HZ)  # an octave, in hertz
FALLING = RISING[::-1]


@pytest.fixture(scope="module")
def pitch() -> Pitch:
    return Pitch()


def voice(pitch_hz: npt.NDArray[np.float64]) -> Pcm:
    """A buzz with 15 harmonics at this pitch, at the sample."""
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    buzz = sum(np.sin(number * phase) / number for number in range(1, 16))
    return np.asarray(0.1 * buzz, np.float32)


def scores(pitch: Pitch, said: Pcm, heard: Pcm) -> dict[str, float]:
    found = pitch.score(Take(said, heard, ""))
    return {key: score.value for key, score in found.items()}


def test_a_melody_follows_itself(pitch: Pitch) -> None:
    found = scores(pitch, voice(RISING), voice(RISING))
    assert found["f0_corr"] == pytest.approx(1)
    assert found["f0_rmse_cents"] == found["voicing_error"] == 0


def test_the_other_way_round_is_minus_one(pitch: Pitch) -> None:
    found = scores(pitch, voice(RISING), voice(FALLING))
    assert found["f0_corr"] == pytest.approx(-1, abs=0.001)
    assert found["f0_rmse_cents"] == pytest.approx(1200 / np.sqrt(3), rel=0.02)


@pytest.mark.parametrize(("factor", "cents"), [(2.0, 1200), (2 ** (1 / 12), 100)])
def test_a_higher_voice_has_the_same_melody(pitch: Pitch, factor: float, cents: int) -> None:
    found = scores(pitch, voice(RISING), voice(RISING * factor))
    assert found["f0_corr"] == pytest.approx(1, abs=0.001)
    assert found["f0_rmse_cents"] == pytest.approx(cents, rel=0.02)


def test_a_flat_voice_has_no_melody(pitch: Pitch) -> None:
    found = scores(pitch, voice(RISING), voice(np.full_like(RISING, 150)))
    assert abs(found["f0_corr"]) < 0.3


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_the_voicing_error_is_the_share_that_went_silent(pitch: Pitch, share: float) -> None:
    said = voice(RISING)
    heard = said.copy()
    heard[: round(share * len(said))] = 0
    assert scores(pitch, said, heard)["voicing_error"] == pytest.approx(100 * share, abs=2)


def test_silence_of_the_original_is_not_counted(pitch: Pitch) -> None:
    pause = np.zeros(RATE_HZ, np.float32)
    said, heard = voice(RISING), voice(RISING)
    heard[: len(heard) // 2] = 0
    take = Take(np.concatenate([said, pause]), np.concatenate([heard, said[:RATE_HZ]]), "")
    error = pitch.score(take)["voicing_error"]
    assert error.value == pytest.approx(50, abs=2)
    assert error.weight == pytest.approx(SECONDS * 200, abs=5)


def test_correlations_are_weighted_by_the_frames_voiced_in_both(pitch: Pitch) -> None:
    said = voice(RISING)
    heard = said.copy()
    heard[len(heard) // 2 :] = 0
    assert pitch.score(Take(said, heard, ""))["f0_corr"].weight == pytest.approx(200, abs=8)


def test_where_nothing_is_voiced_only_the_voicing_is_scored(pitch: Pitch, speech: Speech) -> None:
    said = speech.at_16k[: 5 * RATE_HZ]
    noise = np.random.default_rng(0).normal(0, 0.1, len(said)).astype(np.float32)
    found = scores(pitch, said, noise * 0)
    assert found.keys() == {"voicing_error"}
    assert found["voicing_error"] > 50
    assert scores(pitch, said, noise)["voicing_error"] > 50


@pytest.mark.parametrize("samples", [0, 1, 100, 1500, RATE_HZ])
def test_an_original_without_voice_has_no_pitch(pitch: Pitch, samples: int) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, samples).astype(np.float32)
    for pcm in (np.zeros(samples, np.float32), noise[:1500]):
        with pytest.raises(NotApplicable, match="voiced for less than 100 ms"):
            pitch.score(Take(pcm, pcm, ""))


def test_speech_in_noise_loses_some_of_its_voicing_and_little_melody(
    pitch: Pitch, speech: Speech
) -> None:
    said = speech.at_16k
    assert scores(pitch, said, said)["f0_corr"] == pytest.approx(1)
    noise = np.random.default_rng(0).normal(0, 0.02, len(said)).astype(np.float32)
    found = scores(pitch, said, said + noise)
    assert 0.9 < found["f0_corr"] < 1
    assert 0 < found["voicing_error"] < 40


def test_a_voice_without_its_fundamental_keeps_its_melody(pitch: Pitch, speech: Speech) -> None:
    """As many codecs make it: nothing below 250 Hz."""
    spectrum = np.fft.rfft(speech.at_16k)
    spectrum[: round(250 * len(speech.at_16k) / RATE_HZ)] = 0
    thin = np.fft.irfft(spectrum, len(speech.at_16k)).astype(np.float32)
    found = scores(pitch, speech.at_16k, thin)
    assert found["f0_corr"] > 0.92
    assert found["f0_rmse_cents"] < 200
