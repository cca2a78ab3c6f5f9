import numpy as np
import pytest

from sotto_codecs.base import Pcm
from sotto_codecs.focal.thirds import DELAY_SAMPLES, Thirds

SAMPLES = 4 * 1920


def tone(hz: float, rate_hz: int, samples: int, delay_s: float = 0.0) -> Pcm:
    time_s = np.arange(samples) / rate_hz - delay_s
    return np.sin(2 * np.pi * hz * time_s).astype(np.float32)


@pytest.mark.parametrize("hz", [0.0, 100.0, 1000.0, 3333.0, 6500.0])
def test_a_tone_is_the_same_tone_later(hz: float) -> None:
    y, _ = Thirds.blank().step(tone(hz, 24_000, SAMPLES) + np.float32(hz == 0.0))
    expected = tone(hz, 16_000, len(y), DELAY_SAMPLES / 24_000) + np.float32(hz == 0.0)
    np.testing.assert_allclose(y[200:], expected[200:], atol=1e-3)


@pytest.mark.parametrize("hz", [8400.0, 10_000.0, 11_500.0])
def test_what_the_lower_rate_cannot_hold_is_gone(hz: float) -> None:
    y, _ = Thirds.blank().step(tone(hz, 24_000, SAMPLES))
    assert np.abs(y[200:]).max() < 1e-3


def test_pieces_give_what_the_whole_gives() -> None:
    noise = np.random.default_rng(3).standard_normal(SAMPLES).astype(np.float32)
    whole, _ = Thirds.blank().step(noise)
    thirds, parts = Thirds.blank(), []
    for piece in np.split(noise, SAMPLES // 30):
        part, thirds = thirds.step(piece)
        assert len(part) == 20
        parts.append(part)
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)
