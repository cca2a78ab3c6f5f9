import numpy as np
import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

import torch

from training.tiny.excitation import glide, pulses

RATE_HZ = 16_000


def train(pitch_hz: float, samples: int = RATE_HZ) -> torch.Tensor:
    pitch = torch.full((1, samples), pitch_hz)
    sound, _ = pulses(pitch, torch.zeros(1, 1, dtype=torch.float64), RATE_HZ)
    return sound[0]


@pytest.mark.parametrize("pitch_hz", [60.0, 143.0, 480.0])
def test_power_is_one_and_only_harmonics_sound(pitch_hz: float) -> None:
    sound = train(pitch_hz).numpy()
    assert np.mean(sound**2) == pytest.approx(1, abs=0.05)
    power = np.abs(np.fft.rfft(sound * np.hanning(RATE_HZ))) ** 2  # bins of 1 Hz
    harmonics = np.arange(1, int(0.97 * 8000 / pitch_hz) + 1) * pitch_hz
    near = np.zeros(len(power), bool)
    for hz in harmonics:
        near[round(hz) - 3 : round(hz) + 4] = True
    assert power[~near].sum() < 1e-4 * power.sum()


def test_in_steps_as_in_one_go() -> None:
    pitch = torch.linspace(6.5, 8.0, 40)[None]
    before = torch.full((1, 1), 7.0)
    phase = torch.zeros(1, 1, dtype=torch.float64)
    whole, _ = pulses(glide(pitch, before, 160), phase, RATE_HZ)
    parts = []
    for start in range(0, 40, 4):
        rows = pitch[:, start : start + 4]
        part, phase = pulses(glide(rows, before, 160), phase, RATE_HZ)
        parts.append(part)
        before = rows[:, -1:]
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-3, rtol=0)


def test_pitch_glides_from_the_row_before() -> None:
    hz = glide(torch.tensor([[8.0]]), torch.tensor([[7.0]]), 160)[0]
    assert hz[79].item() == pytest.approx(2**7.5, rel=1e-5)
    assert hz[-1].item() == pytest.approx(256, rel=1e-5)
