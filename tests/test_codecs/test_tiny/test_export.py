"""A checkpoint as the files of a call: the same network in steps, in windows and as a whole."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

import torch
from torch import nn

from sotto_codecs.base import Pcm
from sotto_codecs.tiny import weights
from sotto_codecs.tiny.config import TinyConfig
from sotto_codecs.tiny.excitation import breath
from sotto_codecs.tiny.network import Network
from sotto_codecs.tiny.overlap import OverlapDecoder, OverlapEncoder
from sotto_codecs.tiny.quantiser import Indices
from training.tiny.export import STORES, export
from training.tiny.network import Tiny


def assert_close(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> None:
    np.testing.assert_allclose(one, other, atol=1e-4, rtol=0)


@pytest.fixture(scope="module")
def trained(small: TinyConfig) -> Tiny:
    """With code books of noise, and filters that are not flat."""
    torch.manual_seed(3)
    network = Tiny(small).eval()
    network.quantiser.books.normal_(std=0.5)
    nn.init.normal_(network.decoder.leave.weight, std=0.05)
    return network


@pytest.fixture(scope="module")
def network(trained: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Network:
    folder = tmp_path_factory.mktemp("weights")
    export(trained, folder)
    return Network(weights.read(folder))


def talk(steps: int) -> Pcm:
    chance = np.random.default_rng(4)
    return 0.1 * chance.standard_normal(steps * 640).astype(np.float32)


def stepped(network: Network, indices: Indices) -> Pcm:
    state, parts = network.new_decoder(), []
    for step in range(len(indices)):
        part, state = network.decode(indices[step : step + 1], state)
        parts.append(part)
    return np.concatenate(parts)


@torch.no_grad()
def test_in_steps_it_is_what_torch_makes_of_the_whole(trained: Tiny, network: Network) -> None:
    # a pitch of single precision drifts by 1e-4 of a pulse in some 25 steps
    sound, steps, stages = talk(15), 15, trained.config.stages
    said, _ = trained.encoder(torch.from_numpy(sound)[None], trained.encoder.blank(1))
    expected = trained.quantiser.indices(said.latents, stages)
    state, found, latents = network.new_encoder(), [], []
    for step in range(steps):
        piece = sound[step * 640 : (step + 1) * 640]
        latents.append(network.listen(piece, state)[0])
        indices, state = network.encode(piece, stages, state)
        found.append(indices)
    assert_close(np.concatenate(latents), said.latents[0].numpy())
    np.testing.assert_array_equal(np.concatenate(found), expected[0].numpy())
    noise = torch.from_numpy(breath(0, steps, 640))[None]
    carried = torch.full((1, steps), stages)
    heard = trained.quantiser.latents(expected)
    spoken, _ = trained.decoder(heard, carried, noise, trained.decoder.blank(1))
    assert_close(stepped(network, np.concatenate(found)), spoken.sound[0].numpy())


def test_windows_from_nothing_are_the_same(network: Network) -> None:
    coder, stages = OverlapEncoder(network), network.config.stages
    sound = talk(4 * coder.hop)
    hops = np.split(sound, 4)
    whole, _ = network.listen(sound, network.new_encoder())
    indices = network.quantiser.indices(whole, stages)
    found = [coder.encode(hop, stages) for hop in hops]
    np.testing.assert_array_equal(np.concatenate(found), indices)
    decoder = OverlapDecoder(network)
    indices = np.resize(indices, (5 * decoder.hop, stages))
    spoken = np.concatenate([decoder.decode(hop) for hop in np.split(indices, 5)])
    offline, _ = network.decode(indices, network.new_decoder())
    assert_close(spoken, offline)
    assert_close(stepped(network, indices), offline)


@torch.no_grad()
def test_lost_steps_are_those_of_training(trained: Tiny, network: Network) -> None:
    indices = np.random.default_rng(1).integers(trained.config.entries, size=(8, 2))
    nothing = np.zeros((3, 0), np.int64)
    _, state = network.decode(indices, network.new_decoder())
    guess, _ = network.decode(nothing, state)
    latents = torch.zeros(1, 11, trained.config.latent)
    latents[:, :8] = trained.quantiser.latents(torch.from_numpy(indices)[None])
    carried = torch.tensor([[2] * 8 + [0] * 3])
    noise = torch.from_numpy(breath(0, 11, 640))[None]
    spoken, _ = trained.decoder(latents, carried, noise, trained.decoder.blank(1))
    assert_close(guess, spoken.sound[0, 8 * 640 :].numpy())


@pytest.mark.parametrize("store", STORES)
def test_smaller_files_hold_nearly_the_same(
    store: str, trained: Tiny, network: Network, tmp_path: Path
) -> None:
    export(trained, tmp_path, store, version=3)
    found = weights.read(tmp_path)
    assert found.version == 3 and found.config == trained.config
    sizes = {"fp32": 4, "fp16": 2, "int8": 1, "dynamic": 1}
    numbers = sum(it.numel() for it in trained.encoder.parameters())
    assert len(found.encoder) < numbers * sizes[store] + 30_000
    sound = talk(10)
    latents, _ = Network(found).listen(sound, network.new_encoder())
    whole, _ = network.listen(sound, network.new_encoder())
    away = np.abs(latents - whole).max() / whole.std()
    assert away < {"fp32": 1e-6, "fp16": 0.01, "int8": 0.1, "dynamic": 0.2}[store]
