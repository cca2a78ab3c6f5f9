"""What a call computes in numpy is what training computes in torch."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

import torch

from sotto_codecs.tiny import excitation
from sotto_codecs.tiny.config import TinyConfig
from sotto_codecs.tiny.features import Features
from sotto_codecs.tiny.quantiser import Quantiser
from sotto_codecs.tiny.synthesis import Filters, Synthesis
from training.tiny import features as torch_features
from training.tiny import quantiser as torch_quantiser
from training.tiny import synthesis as torch_synthesis
from training.tiny.decoder import Decoder
from training.tiny.excitation import glide
from training.tiny.excitation import pulses as torch_pulses

CHANCE = np.random.default_rng(8)


def assert_close(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> None:
    np.testing.assert_allclose(one, other, atol=1e-4, rtol=0)


def test_features(small: TinyConfig) -> None:
    own, other = Features(small), torch_features.Features(small)
    assert own.memory_samples == other.memory_samples
    sound = 0.1 * CHANCE.standard_normal(own.memory_samples + 5 * small.step).astype(np.float32)
    sound[3000:] = 0
    before, new = np.split(sound, [own.memory_samples])
    rows, _ = other(torch.from_numpy(new)[None], torch.from_numpy(before)[None])
    assert_close(own.rows(sound), rows[0].numpy())


def test_pulses(small: TinyConfig) -> None:
    pitch = np.linspace(6.2, 8.4, 40, dtype=np.float32)
    phase = torch.full((1, 1), 0.3, dtype=torch.float64)
    pitch_hz = glide(torch.from_numpy(pitch)[None], torch.full((1, 1), 7.0), small.row)
    expected, after = torch_pulses(pitch_hz, phase, small.rate_hz)
    state = excitation.Excited(7.0, 0.3)
    train, state = excitation.pulses(pitch, state, small.row, small.rate_hz)
    assert state.phase == pytest.approx(after.item(), abs=1e-5)
    np.testing.assert_allclose(train, expected[0].numpy(), atol=2e-3, rtol=0)


def test_synthesis_and_what_is_seen_of_the_excitation(small: TinyConfig) -> None:
    torch.manual_seed(0)
    own, other = Synthesis(small), torch_synthesis.Synthesis(small)
    pieces, half = 16, small.window - small.piece
    both = CHANCE.standard_normal((2, half + pieces * small.piece)).astype(np.float32)
    voiced, unvoiced = (own.spectra(each) for each in both)
    expected = other.spectra(torch.from_numpy(both))
    assert_close(voiced, expected[0].numpy())
    seen = Decoder(small)._seen(torch.from_numpy(both[:1]), expected[:1], expected[1:])
    assert_close(own.seen(both[0], voiced, unvoiced), seen[0].numpy())
    logs, turn = torch.randn(2, 1, pieces, small.bins) - 2, torch.randn(1, pieces, small.bins)
    wave = 0.1 * torch.randn(1, pieces, small.window)
    given = torch_synthesis.Filters(logs[0], turn, logs[1], wave)
    pulse_log, noise_log = (
        each.clamp(torch_synthesis.QUIETEST, torch_synthesis.LOUDEST)
        for each in (given.pulse_log, given.noise_log)
    )
    angles = torch.cat([pulse_log @ other.minimum + given.turn, noise_log @ other.minimum], dim=2)
    filters = Filters(
        torch.cat([pulse_log, noise_log], dim=2)[0].numpy(),
        angles[0].numpy(),
        (given.wave * other.bell)[0].numpy(),
    )
    ringing = torch.randn(other.blank(1).shape)
    sound, rest = other(expected[:1], expected[1:], given, ringing)
    heard, left = own.sound(voiced, unvoiced, filters, ringing[0].numpy())
    assert_close(heard, sound[0].numpy())
    assert_close(left, rest[0].numpy())


def test_quantiser(small: TinyConfig) -> None:
    other = torch_quantiser.Quantiser(small)
    other.books.normal_()
    own = Quantiser(other.books.numpy())
    latents = CHANCE.standard_normal((20, small.latent)).astype(np.float32)
    for stages in range(small.stages + 1):
        if stages:
            expected = other.indices(torch.from_numpy(latents)[None], stages)[0].numpy()
            np.testing.assert_array_equal(own.indices(latents, stages), expected)
            again = other.latents(torch.from_numpy(expected)[None])[0].numpy()
            assert_close(own.latents(expected), again)
    assert not own.latents(np.zeros((3, 0), np.int64)).any()


def test_noise_is_white_and_goes_on_by_steps() -> None:
    whole = excitation.breath(5, 4, 640)
    parts = [excitation.breath(step, 1, 640) for step in range(5, 9)]
    np.testing.assert_array_equal(whole, np.concatenate(parts))
    assert excitation.breath(0, excitation.NOISE_STEPS, 640).std() == pytest.approx(1, abs=0.02)
