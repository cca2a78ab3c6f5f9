"""Concealment by the last pitch cycle, on sounds of which one knows what should come."""

import numpy as np
import pytest

from sotto_codecs.base import Pcm
from sotto_codecs.conceal import FADE_S, FALL_S, Concealment

RATE_HZ = 8_000
FRAME = 160


def tone(hz: float, samples: int = 20 * FRAME) -> Pcm:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(samples) / RATE_HZ)).astype(np.float32)


def after_hearing(pcm: Pcm) -> Concealment:
    concealment = Concealment(RATE_HZ)
    for frame in np.split(pcm, len(pcm) // FRAME):
        np.testing.assert_array_equal(concealment.arrived(frame), frame)
    return concealment


@pytest.mark.parametrize("hz", [80, 100, 160, 250])
def test_a_voice_goes_on_in_its_phase_and_fades(hz: float) -> None:
    pcm = tone(hz)
    concealment = after_hearing(pcm[: 10 * FRAME])
    heard = np.concatenate([concealment.lost(FRAME) for _ in range(4)])
    fade = 1 - np.arange(1, 4 * FRAME + 1) / (FADE_S * RATE_HZ)
    np.testing.assert_allclose(heard, pcm[10 * FRAME : 14 * FRAME] * fade, atol=0.02)


@pytest.mark.parametrize("fade_s", [FADE_S, FALL_S])
def test_it_ends_in_silence(fade_s: float) -> None:
    concealment = after_hearing(tone(100, 10 * FRAME))
    heard = np.concatenate([concealment.lost(FRAME, fade_s) for _ in range(12)])
    end = round(fade_s * RATE_HZ)
    assert heard[: end - 1].any() and not heard[end:].any() and concealment.is_silent


def test_noise_is_not_made_to_hum() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 10 * FRAME).astype(np.float32)
    heard = after_hearing(noise).lost(FRAME, fade_s=1e9)
    np.testing.assert_array_equal(heard, noise[-FRAME:])  # 20 ms of it, no shorter cycle


def test_before_anything_was_heard_a_loss_is_silence() -> None:
    assert not Concealment(RATE_HZ).lost(FRAME).any()


@pytest.mark.parametrize("lost", [1, 3, 20])
def test_sound_that_arrives_is_joined_without_a_step(lost: int) -> None:
    pcm = tone(137)
    concealment = after_hearing(pcm[: 10 * FRAME])
    hole = [concealment.lost(FRAME) for _ in range(lost)]
    back = concealment.arrived(tone(137)[FRAME // 3 :][:FRAME])  # out of phase with what was played
    steps = np.abs(np.diff(np.concatenate([*hole, back])))
    assert steps.max() < 1.5 * np.abs(np.diff(pcm)).max()
    np.testing.assert_array_equal(back[40:], tone(137)[FRAME // 3 :][40:FRAME])
