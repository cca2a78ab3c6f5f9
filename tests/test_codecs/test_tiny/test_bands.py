import numpy as np
import pytest

from sotto_codecs.tiny.bands import lag_matrix, mel_matrix, minimum_phase_matrix


@pytest.mark.parametrize(("window", "bands"), [(512, 80), (256, 40), (1024, 96)])
def test_white_noise_is_flat_in_mel(window: int, bands: int) -> None:
    matrix = mel_matrix(window, bands, 16_000)
    assert matrix.shape == (window // 2 + 1, bands)
    np.testing.assert_allclose(np.ones(window // 2 + 1) @ matrix, 1, rtol=1e-5)


@pytest.mark.parametrize("pitch_hz", [80, 125, 210, 400])
def test_a_pulse_train_peaks_at_its_period(pitch_hz: int) -> None:
    pulses = np.zeros(1024)
    pulses[:: 16_000 // pitch_hz] = 1
    spectrum = np.abs(np.fft.rfft(pulses * np.hanning(1024))) ** 0.5
    likeness = spectrum @ lag_matrix(1024, 96, 16_000, (55, 500))
    periods = np.geomspace(1 / 500, 1 / 55, 96)
    multiple = periods[likeness.argmax()] * pitch_hz
    assert multiple == pytest.approx(round(multiple), abs=0.04)


def test_minimum_phase_of_a_resonance() -> None:
    """A causal, stable all-pole filter has minimum phase: its own."""
    pole = 0.8 * np.exp(0.25j * np.pi)
    turn = np.exp(-2j * np.pi * np.arange(193) / 384)
    response = 1 / ((1 - pole * turn) * (1 - pole.conjugate() * turn))
    found = np.log(np.abs(response)) @ minimum_phase_matrix(384)
    np.testing.assert_allclose(found, np.angle(response), atol=1e-4)
