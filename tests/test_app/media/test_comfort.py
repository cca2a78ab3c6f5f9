"""Comfort noise: the level that is measured, told and heard, and no click anywhere."""

from math import log10

import numpy as np
import pytest

from sotto_app.media.comfort import (
    FADE_S,
    INAUDIBLE,
    LOUDEST,
    NOTHING,
    QUIET_S,
    Background,
    ComfortNoise,
    level_of,
)
from sotto_app.media.uplink import Uplink
from sotto_codecs.base import Pcm
from tests.speech import Speech
from tests.test_app.media.virtual_call import CATALOGUE, RATE_HZ, talk

TICK_S = 0.02


def room(seconds: float, level: float, seed: int = 1) -> Pcm:
    """Dull noise, as of a fan next door; nearly all of it below 4 kHz."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ) + 63)
    dull = np.convolve(white, np.hanning(64), "valid").astype(np.float32)
    noise: Pcm = dull / np.sqrt(np.mean(dull**2)) * 10 ** (-level / 20)
    return noise


def level(pcm: Pcm) -> float:
    """-dBov, not rounded."""
    return -10 * log10(float(np.mean(pcm**2)))


def measured(pcm: Pcm, rate_hz: int) -> int | None:
    background, size = Background(), round(TICK_S * rate_hz)
    for at in range(0, len(pcm), size):
        background.add(pcm[at : at + size], rate_hz)
    return background.level


@pytest.mark.parametrize("loud", [10, 40, 62, 84])
def test_the_level_of_an_even_noise(loud: int) -> None:
    assert measured(room(2.0, loud), RATE_HZ) == pytest.approx(loud, abs=1.5)


def test_the_level_is_that_of_the_room_and_not_of_the_voice(speech: Speech) -> None:
    said = np.pad(speech.at(RATE_HZ)[: 3 * RATE_HZ], (0, RATE_HZ * 3 // 10))  # as long as DTX waits
    assert measured(said + room(3.3, 50), RATE_HZ) == pytest.approx(50, abs=3)


def test_what_is_too_short_has_no_level_and_silence_has_the_lowest() -> None:
    assert measured(room(QUIET_S - TICK_S, 40), RATE_HZ) is None
    assert measured(np.zeros(RATE_HZ, np.float32), RATE_HZ) == NOTHING
    assert [level_of(power) for power in (1.0, 4.0, 1e-5, 1e-20, 0.0)] == [
        0,
        0,
        50,
        NOTHING,
        NOTHING,
    ]


def test_the_level_follows_a_room_that_gets_louder() -> None:
    assert measured(np.concatenate([room(1.0, 60), room(4.0, 40)]), RATE_HZ) == pytest.approx(
        40, abs=1.5
    )


def noise_of(noise: ComfortNoise, rate_hz: int, seconds: float, wanted: bool = True) -> Pcm:
    pieces = [noise.take(rate_hz // 50, wanted) for _ in range(round(seconds * 50))]
    return np.concatenate([piece for piece in pieces if piece is not None])


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 24_000, 48_000])
@pytest.mark.parametrize("loud", [LOUDEST, 60, INAUDIBLE - 1])
def test_noise_is_as_loud_as_its_level(rate_hz: int, loud: int) -> None:
    noise = ComfortNoise(rate_hz)
    noise.level = loud
    assert level(noise_of(noise, rate_hz, 2.0)[rate_hz // 2 :]) == pytest.approx(loud, abs=0.5)


def test_nobody_is_made_to_hear_loud_noise() -> None:
    noise = ComfortNoise(8000)
    noise.level = 0
    assert level(noise_of(noise, 8000, 2.0)) == pytest.approx(LOUDEST, abs=0.5)


def test_noise_is_dull() -> None:
    noise = ComfortNoise(16_000)
    noise.level = 50
    powers = np.abs(np.fft.rfft(noise_of(noise, 16_000, 4.0))) ** 2
    assert powers[: len(powers) // 8].sum() > 3 * powers[len(powers) // 2 :].sum()


@pytest.mark.parametrize("rate_hz", [8000, 48_000])
def test_it_fades_in_and_out_without_a_click(rate_hz: int) -> None:
    noise = ComfortNoise(rate_hz)
    noise.level = 40
    come, gone = noise_of(noise, rate_hz, 1.0), noise_of(noise, rate_hz, 1.0, wanted=False)
    fade = round(FADE_S * rate_hz)
    assert len(gone) == 2 * rate_hz // 50  # as many ticks as the fade takes
    assert not np.any(gone[fade:])
    both = np.concatenate([[0.0], come, gone])
    steps = np.abs(np.diff(both))
    assert max(steps[0], steps[-1]) < 10 ** (-40 / 20) / 10
    assert steps[: fade // 10].max() < steps[fade : 10 * fade].max() / 5
    assert level(come[: fade // 2]) > 40 + 3 and level(come[2 * fade :]) == pytest.approx(40, abs=1)


def test_what_nobody_hears_is_not_made() -> None:
    noise = ComfortNoise(8000)
    for noise.level in (INAUDIBLE, NOTHING):
        assert not noise.is_on and noise.take(160, wanted=True) is None


def scene(speech: Speech, loud: float) -> Pcm:
    """Somebody talks for 3 s in a room, is silent for 5, and talks again."""
    voice = speech.at(RATE_HZ)
    silence = np.zeros(5 * RATE_HZ, np.float32)
    said = np.concatenate([voice[: 3 * RATE_HZ], silence, voice[3 * RATE_HZ : 6 * RATE_HZ]])
    noisy: Pcm = said + room(len(said) / RATE_HZ, loud)
    return noisy


@pytest.mark.parametrize("loud", [45, 60])
@pytest.mark.parametrize("mode", ["codec2-1200", "codec2-3200"])
def test_the_room_is_heard_while_nobody_talks(mode: str, loud: int, speech: Speech) -> None:
    call = talk(scene(speech, loud), mode)
    heard = call.heard()[4 * RATE_HZ + RATE_HZ // 2 : 8 * RATE_HZ - RATE_HZ // 2]
    assert call.told[0] == pytest.approx(loud, abs=3)
    assert level(heard) == pytest.approx(call.told[0], abs=3)
    pieces = [level(piece) for piece in np.array_split(heard, 30)]
    assert max(pieces) - min(pieces) < 6


def test_a_quiet_room_costs_no_packets_and_no_ticks(speech: Speech) -> None:
    call = talk(scene(speech, 120), "codec2-1200")
    assert not [at for at, _ in call.sent if 4 < at < 8]
    assert not [at for at, _ in call.got if 4.5 < at < 8]


@pytest.mark.parametrize("mode", ["codec2-1200", "codec2-3200", "codec2-700c", "focal-600"])
def test_what_a_browser_sends_in_silence_goes_no_further(mode: str, speech: Speech) -> None:
    """Every 400 ms, of 20 ms: it only says how loud the room is."""
    call = talk(scene(speech, 45), mode)
    assert len([at for at in call.came_s if 4 < at < 8]) >= 5
    assert not [at for at, _ in call.sent if 4 < at < 8]


def test_the_level_of_what_passes_undecoded_is_not_told(speech: Speech) -> None:
    call = talk(scene(speech, 45), "opus-24k")
    assert not call.told
    uplink = Uplink(CATALOGUE.modes["opus-24k"], CATALOGUE.codecs["opus-24k"])
    assert uplink.level is None
