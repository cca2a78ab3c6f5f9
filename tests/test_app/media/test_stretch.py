"""Stretching changes the length and not the pitch, and leaves no jump behind."""

import numpy as np
import pytest

from sotto_app.media.stretch import Stretcher
from sotto_codecs.base import Pcm
from tests.speech import Speech

PIECE_S = 0.02


def pieces(pcm: Pcm, rate_hz: int) -> list[Pcm]:
    size = round(PIECE_S * rate_hz)
    return [pcm[at : at + size] for at in range(0, len(pcm) - size, size)]


def tone(rate_hz: int, pitch_hz: float = 140.0) -> Pcm:
    at = np.arange(rate_hz) / rate_hz
    return (0.3 * np.sin(2 * np.pi * pitch_hz * at)).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000])
@pytest.mark.parametrize("way", ["lengthen", "shorten"])
def test_a_tone_keeps_its_pitch_and_has_no_jumps(way: str, rate_hz: int) -> None:
    stretcher = Stretcher(rate_hz)
    pcm = tone(rate_hz)
    out = np.concatenate([getattr(stretcher, way)(piece) for piece in pieces(pcm, rate_hz)])
    change = len(out) / len(pcm)
    assert change > 1.1 if way == "lengthen" else change < 0.9
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    assert np.argmax(spectrum) * rate_hz / len(out) == pytest.approx(140, abs=4)
    assert np.abs(np.diff(out)).max() < 1.5 * np.abs(np.diff(pcm)).max()


def test_speech_stays_as_loud_as_it_was(speech: Speech) -> None:
    rate_hz = 16_000
    stretcher = Stretcher(rate_hz)
    out = np.concatenate([stretcher.shorten(p) for p in pieces(speech.at(rate_hz), rate_hz)])
    assert len(out) < 0.8 * len(speech.at(rate_hz))
    ratio = np.std(out) / np.std(speech.at(rate_hz))
    assert 0.7 < ratio < 1.3


def test_noise_is_left_alone_unless_at_any_price() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 320).astype(np.float32)
    stretcher = Stretcher(16_000)
    stretcher.keep(np.random.default_rng(2).normal(0, 0.1, 320).astype(np.float32))
    assert len(stretcher.lengthen(noise)) == len(stretcher.shorten(noise)) == 320
    assert len(stretcher.lengthen(noise, at_any_price=True)) > 320
    assert len(stretcher.shorten(noise, at_any_price=True)) < 320


@pytest.mark.parametrize("samples", [0, 1, 50, 159])
def test_short_pieces_are_no_trouble(samples: int) -> None:
    stretcher = Stretcher(16_000)
    piece = np.zeros(samples, np.float32)
    assert len(stretcher.shorten(piece)) == samples
    assert len(stretcher.lengthen(piece)) >= samples
