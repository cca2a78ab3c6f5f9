import io

import numpy as np
import pytest
from matplotlib import image

from benchmarks.codecs.spectrograms import WINDOW_S, spectrogram_db, spectrograms
from sotto_codecs.base import Pcm
from tests.judged import planted_run


def tone(hz: float, rate_hz: int) -> Pcm:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(rate_hz) / rate_hz)).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000])
def test_a_tone_lies_at_its_frequency_and_level(rate_hz: int) -> None:
    levels_db = spectrogram_db(tone(1000.0, rate_hz), rate_hz)
    loudest = levels_db.mean(axis=1).argmax() / WINDOW_S
    assert loudest == pytest.approx(1000.0)
    half_of_half_of_half = 20 * np.log10(0.5 / 2 / 2)  # level, one side, Hann's window
    assert levels_db.max() == pytest.approx(half_of_half_of_half, abs=0.1)


def test_sounds_shorter_than_a_window_are_drawn() -> None:
    assert spectrogram_db(tone(1000.0, 16_000)[:10], 16_000).shape[1] == 1


def test_each_system_has_its_panel() -> None:
    sounds = {
        "original": (tone(1000.0, 16_000), 16_000),
        "codec2-700c": (tone(1000.0, 8_000), 8_000),
        "lyra-3200": (tone(1000.0, 48_000), 48_000),
        "opus-6k": (np.zeros(16_000, dtype=np.float32), 16_000),
    }
    plot = spectrograms(planted_run(), sounds, "0/00.flac")
    assert plot.kind == "png" and "0/00.flac; n = 1" in plot.caption
    height, width, _ = image.imread(io.BytesIO(plot.data)).shape
    assert (width, height) == (900, 400)  # two rows of three
