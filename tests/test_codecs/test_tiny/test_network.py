import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

import torch
from torch import Tensor, nn

from sotto_codecs.tiny.config import TinyConfig
from training.tiny.layers import Block
from training.tiny.network import Tiny

STEPS = 12


@pytest.fixture
def network(small: TinyConfig) -> Tiny:
    """With code books of noise, and filters that are not flat."""
    torch.manual_seed(3)
    network = Tiny(small).eval()
    network.quantiser.books.normal_()
    nn.init.normal_(network.decoder.leave.weight, std=0.05)
    return network


def talk(config: TinyConfig, steps: int = STEPS) -> Tensor:
    return 0.1 * torch.randn(1, steps * config.step, generator=torch.Generator().manual_seed(4))


def through(network: Tiny, sound: Tensor, carried: Tensor) -> Tensor:
    noise = torch.randn(sound.shape, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        heard: Tensor = network(sound, carried, noise).spoken.sound
    return heard


def everything(network: Tiny) -> Tensor:
    return torch.full((1, STEPS), network.config.stages)


def test_one_step_at_a_time_gives_what_the_whole_clip_gives(network: Tiny) -> None:
    config, sound = network.config, talk(network.config)
    carried = torch.tensor([[4, 4, 2, 0, 0, 1, 4, 3, 4, 0, 4, 4]])
    noise = torch.randn(sound.shape, generator=torch.Generator().manual_seed(5))
    said, heard = network.encoder.blank(1), network.decoder.blank(1)
    parts = []
    with torch.no_grad():
        for step in range(STEPS):
            here = slice(step * config.step, (step + 1) * config.step)
            encoded, said = network.encoder(sound[:, here], said)
            quantised, _ = network.quantiser(encoded.latents, carried[:, step : step + 1])
            spoken, heard = network.decoder(
                quantised, carried[:, step : step + 1], noise[:, here], heard
            )
            parts.append(spoken.sound)
    whole = through(network, sound, carried)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-4, rtol=0)


@pytest.mark.parametrize("changed", [3, 7])
def test_the_future_does_not_change_the_past(network: Tiny, changed: int) -> None:
    sound, step = talk(network.config), network.config.step
    other = sound.clone()
    other[:, changed * step :] = -other[:, changed * step :].flip(1)
    one, two = (through(network, clip, everything(network)) for clip in (sound, other))
    torch.testing.assert_close(one[:, : changed * step], two[:, : changed * step])
    assert not torch.allclose(one[:, (changed + 1) * step :], two[:, (changed + 1) * step :])


def test_lost_steps_sound_finite_and_change_nothing_before(network: Tiny) -> None:
    sound, carried = talk(network.config), everything(network)
    lossy = carried.clone()
    lossy[:, 5:9] = 0
    one, two = through(network, sound, carried), through(network, sound, lossy)
    assert bool(two.isfinite().all())
    torch.testing.assert_close(one[:, : 5 * 640], two[:, : 5 * 640])


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_silence_and_square_waves_stay_finite(network: Tiny, level: float) -> None:
    square = level * torch.sign(torch.sin(torch.arange(STEPS * 640) * 0.06))[None]
    assert bool(through(network, square, everything(network)).isfinite().all())


def test_the_real_one_keeps_its_budget() -> None:
    """At most 6 million numbers, code books counted, and 300 million multiplications a second."""
    network = Tiny(TinyConfig())
    weights = sum(value.numel() for value in network.parameters())
    assert weights + network.quantiser.books.numel() < 6e6
    assert multiplications(network) < 300e6


def multiplications(network: Tiny) -> float:
    """A second, of all layers and of the search in the code books; Fourier transforms aside."""
    config = network.config
    steps_hz = config.rate_hz / config.step
    rows_hz = config.rows * steps_hz
    total = network.quantiser.books.numel() * steps_hz
    for name, layer in network.named_modules():
        slow = any(
            part in name for part in ("slow.", "gather", "spread", "decoder.enter", "encoder.leave")
        )
        hz = steps_hz if slow else rows_hz
        if isinstance(layer, nn.Linear):
            total += hz * layer.weight.numel()
        elif isinstance(layer, Block):
            total += hz * layer.taps.numel()
    minimum_phases = 2 * config.pieces * rows_hz * network.decoder.synthesis.minimum.numel()
    return total + minimum_phases
