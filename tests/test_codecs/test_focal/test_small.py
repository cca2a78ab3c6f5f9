"""The small member: what it learns, and what was exported of it, chunk by chunk."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")
pytest.importorskip("onnx", reason="needs: pip install '.[torch]'")
pytest.importorskip("onnxruntime", reason="needs: pip install '.[text]'")

import torch

from sotto_codecs.errors import BadWeights, WeightsMissing
from sotto_codecs.focal import small as runtime
from sotto_codecs.focal.graph import Array
from sotto_codecs.focal.network.quantiser import tokens
from sotto_codecs.focal.weights import FORMAT
from sotto_codecs.shipped import MANIFEST, read_manifest
from tests.test_codecs.test_tiny.hummed import SMALL as TINY
from tests.test_codecs.test_tiny.hummed import corpus
from training.focal.carried import RATES, carried
from training.focal.evaluate import spoken
from training.focal.export import export
from training.focal.network import SMALL, Small, binary, kept
from training.focal.run import Run, Sizes, saved
from training.focal.transform import Fold, Sketch, fit, places
from training.tiny.batches import Batches, Surroundings
from training.tiny.run import Pace
from training.tiny.run import Run as TinyRun

QUICK = Pace(rate=2e-3, warm_up=5)
# 8 latent dimensions of the tests' Tiny in 64 bits: fewer of a token would do, but these are ours
SIZES = Sizes(replace(SMALL, width=32, heads=4, window=16, focal_window=3), TINY)


@pytest.fixture(scope="module")
def batches() -> Batches:
    return Batches(corpus(), TINY, Surroundings())


@pytest.fixture(scope="module")
def teacher(batches: Batches, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny, a little taught."""
    file = tmp_path_factory.mktemp("tiny") / "last.pt"
    tiny = TinyRun(TINY, QUICK)
    for step in range(10):
        tiny.learn(batches.batch(0, step, 4, 12), mixed=False)
    tiny.save(file)
    return file


@pytest.fixture(scope="module")
def begun(batches: Batches, teacher: Path) -> Run:
    run = Run(SIZES, QUICK, silent=0)
    run.begin(teacher, batches, 12)
    return run


@pytest.fixture(scope="module")
def network() -> Small:
    """Of random weights, its bits as even as a transform coder's."""
    torch.manual_seed(3)
    network = Small(SIZES.focal, SIZES.tiny).eval()
    with torch.no_grad():
        for name, value in network.named_parameters():
            if "leave" in name:  # or nothing would be corrected
                value.normal_(0, 0.1)
        sound = 0.1 * torch.randn(1, 100 * SIZES.focal.chunk_samples)
        heard, _ = network.listener(network.listener.rows(sound), network.listener.blank(1))
        latents = heard.latents.reshape(100, -1)
        fit(network.listener.fold, network.talker.sketch, latents, SIZES.focal)
    return network


@pytest.fixture(scope="module")
def folder(network: Small, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("focal")
    export(network, folder)
    return folder


def opened(folder: Path) -> tuple[runtime.Ears, runtime.Mouth]:
    return runtime.read(read_manifest(folder, FORMAT))


@pytest.fixture(scope="module")
def sound() -> Array:
    chunks, samples = 30, SIZES.focal.chunk_samples
    return np.random.default_rng(4).normal(0, 0.1, chunks * samples).astype(np.float32)


def test_thirty_steps_lower_the_loss_and_what_they_make_runs(
    batches: Batches, teacher: Path, tmp_path: Path
) -> None:
    run = Run(SIZES, QUICK, silent=2)
    run.begin(teacher, batches, 12)
    losses = [run.learn(batches.batch(0, step, 4, 12), mixed=False) for step in range(42)]
    assert losses[1].spectral == losses[2].spectral == 0  # it says something every other step
    aloud = [it.spectral.item() for it in losses[3::2]]
    assert np.mean(aloud[-5:]) < 0.9 * np.mean(aloud[:5])
    run.save(tmp_path / "last.pt")
    network, content = saved(tmp_path / "last.pt")
    assert content["step"] == 42
    export(network, tmp_path / "out", bits=16, version=3, training={"steps": 42})
    manifest = read_manifest(tmp_path / "out", FORMAT)
    assert manifest.version == 3 and manifest.rest["training"] == {"steps": 42}
    ears, mouth = runtime.read(manifest)
    chunk = np.random.default_rng(1).normal(0, 0.1, SIZES.focal.chunk_samples).astype(np.float32)
    heard = mouth.stream().step(ears.stream().step(chunk), 12)
    assert heard.shape == (SIZES.focal.out_samples,) and np.isfinite(heard).all() and heard.any()


def test_it_begins_as_a_transform_coder(begun: Run, batches: Batches) -> None:
    """Before any step most of the latents' power is told, and more by more bits."""
    sound = torch.from_numpy(batches.batch(5, 0, 4, 12).sound)
    left = []
    with torch.no_grad():
        for bits in (1, 11, 16):
            arrive = torch.full((4, 24), bits)
            passed = begun.network(sound, arrive, None)
            left.append((passed.latents - passed.heard.latents).square().mean().item())
    power = passed.heard.latents.var().item()
    assert left[2] < left[1] < left[0] and left[2] < 0.1 * power


def test_what_hears_stays_as_it_was_and_what_speaks_learns(batches: Batches, teacher: Path) -> None:
    run = Run(SIZES, QUICK, silent=0)
    run.begin(teacher, batches, 12)
    before = {name: it.clone() for name, it in run.network.state_dict().items()}
    for step in range(3):
        run.learn(batches.batch(0, step, 2, 12), mixed=False)
    after = run.network.state_dict()
    moved = {name for name, it in before.items() if not torch.equal(it, after[name])}
    assert not any(name.startswith("listener") for name in moved)
    for part in ("talker.decompressor", "talker.sketch", "talker.voice"):
        assert any(name.startswith(part) for name in moved), part


def test_exported_and_by_chunk_it_is_the_network(
    network: Small, folder: Path, sound: Array
) -> None:
    ears, mouth = opened(folder)
    listening, saying = ears.stream(), mouth.stream()
    whole = torch.from_numpy(sound)[None]
    with torch.no_grad():
        heard, _ = network.listener(network.listener.rows(whole), network.listener.blank(1))
        expected = tokens(heard.signs)[0]
        corners = kept(binary(heard.signs), torch.full(heard.signs.shape[:2], 12))
        latents, _ = network.talker(corners, network.talker.blank(1))
    found = [listening.step(chunk) for chunk in np.split(sound, 30)]
    assert np.array_equal(np.concatenate(found), expected.numpy())
    graph = mouth.graph.stream()
    said = [graph.step(runtime.corners(it, 12, 16)) for it in found]
    np.testing.assert_allclose(np.concatenate(said), latents[0].numpy(), atol=1e-4)
    assert np.isfinite([saying.step(it, 12) for it in found]).all()


def test_bits_that_are_not_carried_say_nothing(folder: Path) -> None:
    _, mouth = opened(folder)
    first = np.array([0x8000, 0x1234, 0xFFFF, 0x7FFF])
    other = first ^ 0b1111  # the last four bits of each
    one, two = (mouth.stream().step(it, 16) for it in (first, other))
    assert not np.array_equal(one, two)
    for carried_bits in (12, 11, 0):
        one, two = (mouth.stream().step(it, carried_bits) for it in (first, other))
        assert np.array_equal(one, two)


def test_forks_go_their_own_ways(folder: Path, sound: Array) -> None:
    ears, mouth = opened(folder)
    for half, given in ((ears, np.split(sound, 30)), (mouth, [np.arange(4) * n for n in range(9)])):
        one = half.stream()
        one.step(given[0], 16)
        two = one.fork()
        one.step(given[1], 16)
        three = half.stream()
        three.step(given[0], 16)
        assert np.array_equal(two.step(given[2], 16), three.step(given[2], 16))


def test_what_a_stream_remembers_is_counted(folder: Path) -> None:
    ears, mouth = opened(folder)
    for half in (ears, mouth):
        assert half.graph.state_bytes < half.state_bytes < 1_000_000


def test_a_folder_with_faults_is_refused(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    manifest = tmp_path / MANIFEST
    whole = manifest.read_text()
    for text in (whole.replace("mels = 80\n", ""), whole.replace("[tiny]", "[large]")):
        manifest.write_text(text)
        with pytest.raises(BadWeights, match="no manifest"):
            opened(tmp_path)
    manifest.write_text(whole)
    (tmp_path / "pitch.onnx").write_bytes(b"other")
    with pytest.raises(BadWeights, match="other bytes"):
        opened(tmp_path)
    (tmp_path / "pitch.onnx").unlink()
    with pytest.raises(WeightsMissing, match=r"pitch\.onnx"):
        opened(tmp_path)


def test_a_clip_comes_back_with_its_delay_taken_off(network: Small) -> None:
    assert spoken(network, np.zeros(5000, np.float32), 11).shape == (5000,)


def test_the_first_bits_say_most() -> None:
    found = places([9.0, 1.0, 0.01], 6)
    assert [(it.component, it.plane) for it in found[:3]] == [(0, 0), (0, 1), (0, 2)]
    assert {it.component for it in found} == {0, 1}
    assert all(it.planes == (4 if it.component == 0 else 2) for it in found)


def test_a_fitted_transform_coder_is_as_good_as_theory_says() -> None:
    """Independent normal dimensions: what is left of each is what its bits leave (Max 1960)."""
    config = replace(SIZES.focal, bits=8)
    latents = torch.randn(20_000, 16, generator=torch.Generator().manual_seed(1))
    fold, sketch = Fold(config, 16), Sketch(config, 16)
    fit(fold, sketch, latents, config)
    with torch.no_grad():
        signs = fold(latents.reshape(1, -1, 8))
        back = sketch(binary(signs))[0]
    assert (back - latents).square().mean().item() == pytest.approx(0.1188, rel=0.1)


def test_what_arrives_is_a_rate_or_nothing() -> None:
    found = carried(0, 7, (400, 24), 4)
    assert set(np.unique(found)) == {0, *RATES}
    chunks = found.reshape(400, 6, 4)
    assert (chunks == chunks[..., :1]).all()
    assert 0.01 < (found == 0).mean() < 0.06
    assert np.array_equal(found, carried(0, 7, (400, 24), 4))
