"""Noise and weather: as much as was said, the same for everybody."""

import numpy as np
import pytest

from benchmarks.codecs.conditions import NOISE_SNR_DB, WAYS, Weather, in_noise

PACKETS = 20_000


def lost(name: str, packet_s: float, seed: int = 0) -> list[bool]:
    weather = Weather(WAYS[name], seed, "a sentence")
    return [weather.loses(index * packet_s) for index in range(1, PACKETS)]


@pytest.mark.parametrize(
    "name", ["loss-5", "loss-10", "loss-20", "burst-5", "burst-10", "burst-20"]
)
@pytest.mark.parametrize("packet_s", [0.02, 0.06, 0.24])
def test_as_much_is_lost_as_was_said(name: str, packet_s: float) -> None:
    share = np.mean(lost(name, packet_s))
    assert share == pytest.approx(WAYS[name].loss, rel=0.25)


def test_bursts_last_and_chance_does_not() -> None:
    runs = {
        name: np.diff(np.flatnonzero(np.diff([0, *lost(name, 0.02), 0]))[::1])[::2].mean()
        for name in ("loss-10", "burst-10")
    }
    assert runs["loss-10"] == pytest.approx(1.1, abs=0.1)
    assert runs["burst-10"] == pytest.approx(10, rel=0.25)


def test_long_packets_meet_the_weather_of_short_ones() -> None:
    short, long = lost("burst-20", 0.02), lost("burst-20", 0.06)
    assert long[: PACKETS // 3] == short[2::3][: PACKETS // 3]


def test_another_seed_is_another_weather() -> None:
    assert lost("loss-10", 0.02) == lost("loss-10", 0.02)
    assert lost("loss-10", 0.02) != lost("loss-10", 0.02, seed=1)


def test_clean_loses_nothing() -> None:
    assert not any(lost("clean", 0.02))


def test_noise_is_as_far_below_the_speech_as_was_said() -> None:
    chance = np.random.default_rng(0)
    speech = (0.05 * chance.standard_normal(32_000)).astype(np.float32)
    background = (0.2 * chance.standard_normal(20_000)).astype(np.float32)
    noisy = in_noise(speech, [background], 0, "a")
    noise_power, speech_power = np.mean((noisy - speech) ** 2), np.mean(speech**2)
    assert 10 * np.log10(speech_power / noise_power) == pytest.approx(NOISE_SNR_DB, abs=0.2)
    assert np.array_equal(noisy, in_noise(speech, [background], 0, "a"))
    assert not np.array_equal(noisy, in_noise(speech, [background], 0, "b"))
