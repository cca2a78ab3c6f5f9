"""Opus as a back-end: what it adds to the contract."""

from itertools import pairwise

import numpy as np
import pytest

from sotto_codecs.backends.opus import Budget, Opus
from sotto_codecs.base import Frame, Pcm
from sotto_codecs.errors import BadFrame, BadSettings
from tests.speech import Speech
from tests.test_codecs.streams import decoded, encoded, level_db, talk


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"bitrate_bps": 5_999}, "bitrate_bps is 6000 to 510000, not 5999"),
        ({"bitrate_bps": 510_001}, "bitrate_bps is 6000 to 510000"),
        ({"bitrate_bps": 6e3}, "bitrate_bps is a whole number, not 6000.0"),
        ({"bitrate_bps": True}, "bitrate_bps is a whole number"),
        ({"frame_ms": 30}, "frame_ms is one of 10, 20, 40, 60, 80, 100, 120, not 30"),
        ({"frame_ms": "20"}, "frame_ms is a whole number, not '20'"),
        ({"dtx": 1}, "dtx is true or false, not 1"),
        ({"fec": "yes"}, "fec is true or false, not 'yes'"),
    ],
)
def test_impossible_settings_say_what_is_possible(settings: dict[str, int], sentence: str) -> None:
    with pytest.raises(BadSettings, match=sentence):
        Opus(**settings)  # type: ignore[arg-type]  # the point


def test_delay_by_waveform(speech: Speech) -> None:
    """Opus keeps waveforms, so its delay can be found to a fraction of a millisecond."""
    codec = Opus(24_000, 20)
    pcm = talk(codec, speech, 4)
    heard = decoded(codec, encoded(codec, pcm))
    size = 2 * len(pcm)
    correlation = np.fft.irfft(np.fft.rfft(heard, size) * np.fft.rfft(pcm, size).conj())
    assert int(np.argmax(correlation)) == pytest.approx(codec.spec.delay_samples, abs=24)


@pytest.mark.parametrize("frame_ms", [20, 60])
def test_silence_costs_next_to_nothing(speech: Speech, frame_ms: int) -> None:
    codec = Opus(16_000, frame_ms)
    hush = np.random.default_rng(1).normal(0, 10 ** (-65 / 20), 10 * 48_000).astype(np.float32)
    frames = encoded(codec, np.concatenate([talk(codec, speech, 3), talk_length(codec, hush)]))
    hushed = frames[-round(8 / codec.spec.frame_s) :]
    assert sum(not frame.payload for frame in hushed) > 0.85 * len(hushed)
    assert not any(len(frame.payload) in (1, 2) for frame in frames)


def talk_length(codec: Opus, pcm: Pcm) -> Pcm:
    return pcm[: len(pcm) // codec.spec.frame_samples * codec.spec.frame_samples]


def test_without_dtx_every_frame_has_a_payload() -> None:
    codec = Opus(16_000, 20, dtx=False)
    assert all(frame.payload for frame in encoded(codec, np.zeros(5 * 48_000, np.float32)))


def test_comfort_noise_goes_on_where_the_sender_fell_silent(speech: Speech) -> None:
    codec = Opus(16_000, 20)
    hush = np.random.default_rng(1).normal(0, 10 ** (-60 / 20), 8 * 48_000).astype(np.float32)
    frames = encoded(codec, np.concatenate([talk(codec, speech, 2), hush]))
    assert not all(frame.payload for frame in frames)
    assert -75 < level_db(decoded(codec, frames)[-48_000:]) < -55


def error_of_repair(codec: Opus, pcm: Pcm, *, use_following: bool) -> float:
    """Energy of the fault in lost frames against the energy of these frames."""
    frames, decoder = encoded(codec, pcm), codec.decoder()
    fault = energy = 0.0
    for index, (frame, following) in enumerate(pairwise(frames)):
        if index % 5 != 4:
            decoder.decode(frame)
            continue
        whole = decoder.fork().decode(frame)
        repaired = decoder.recover(following) if use_following else decoder.decode(None)
        fault += float(np.sum((whole - repaired) ** 2))
        energy += float(np.sum(whole**2))
    return fault / energy


@pytest.mark.parametrize(("bitrate_bps", "frame_ms"), [(18_000, 20), (24_000, 20)])
def test_in_band_fec_repairs_better_than_concealment(
    speech: Speech, bitrate_bps: int, frame_ms: int
) -> None:
    codec = Opus(bitrate_bps, frame_ms, fec=True)
    pcm = talk(codec, speech, 10)
    concealed = error_of_repair(codec, pcm, use_following=False)
    assert error_of_repair(codec, pcm, use_following=True) < 0.3 * concealed


@pytest.mark.parametrize("bitrate_bps", [6_000, 16_000, 24_000])
def test_noise_cannot_break_the_budget(bitrate_bps: int) -> None:
    """White noise is the hardest that there is; the budget holds over every minute of it."""
    codec = Opus(bitrate_bps, 20)
    second = np.random.default_rng(1).uniform(-1, 1, 48_000).astype(np.float32)
    frames = encoded(codec, np.tile(second, 70))
    bits = np.array([8 * len(frame.payload) for frame in frames])
    minute = np.convolve(bits, np.ones(3000), "valid")
    assert minute.max() <= 60 * bitrate_bps


def test_the_budget_asks_for_less_before_it_must_cut() -> None:
    """An encoder that always takes 10 % more than it is asked for is never starved."""
    budget, nominal_bytes = Budget(16_000, 0.02), 40
    for _ in range(60 * 50):
        budget.spend(round(budget.bitrate_bps * 0.02 / 8 * 1.1))
        assert budget.most_bytes > 5 * nominal_bytes


def test_a_frame_of_another_length_is_refused() -> None:
    frame = encoded(Opus(16_000, 40), np.zeros(1920, np.float32))[0]
    with pytest.raises(BadFrame, match="1920 samples in a frame of 960"):
        Opus(16_000, 20).decoder().decode(Frame(frame.payload, 0, 960))
