"""The small member: what it learns, and what was exported of it, chunk by chunk."""

import shutil
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
from sotto_codecs.focal.weights import FORMAT, shipped
from sotto_codecs.shipped import MANIFEST, read_manifest
from tests.speech import Speech
from tests.test_codecs.test_tiny.hummed import SMALL as TINY
from tests.test_codecs.test_tiny.hummed import corpus
from training.focal.carried import RATES, carried
from training.focal.codebooks import Codebooks, fit
from training.focal.evaluate import spoken
from training.focal.export import export
from training.focal.latents import HELD, Latents
from training.focal.level import heard
from training.focal.network import SMALL, Small
from training.focal.run import Coding, Run, Sizes, fitted, saved, saved_sizes
from training.tiny.batches import Batches, Surroundings
from training.tiny.level import lost, written
from training.tiny.run import Pace
from training.tiny.run import Run as TinyRun

QUICK = Pace(rate=2e-3, warm_up=5)
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
def latents(tmp_path_factory: pytest.TempPathFactory) -> Latents:
    """Clips in which a lost latent vector is much like the one before it."""
    chance = np.random.default_rng(2)
    begin = chance.normal(0, 3, (HELD + 400, 1, TINY.latent))
    walk = np.cumsum(chance.normal(0, 0.3, (HELD + 400, 16, TINY.latent)), axis=1)
    file = tmp_path_factory.mktemp("latents") / "latents.npy"
    np.save(file, (begin + walk + 1).astype(np.float16))
    return Latents(file)


@pytest.fixture(scope="module")
def coded(latents: Latents, teacher: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of what understands the code, a little taught."""
    run = Coding(SIZES, QUICK)
    run.begin(teacher, latents, rounds=2)
    for step in range(5):
        run.learn(latents.batch(0, step, 4, 12), mixed=False)
    file = tmp_path_factory.mktemp("codes") / "last.pt"
    run.save(file)
    return file


@pytest.fixture(scope="module")
def network() -> Small:
    """Of random weights, its code fitted."""
    torch.manual_seed(3)
    network = Small(SIZES.focal, SIZES.tiny).eval()
    with torch.no_grad():
        for name, value in network.named_parameters():
            if "leave" in name or "guess" in name:  # or nothing would be corrected
                value.normal_(0, 0.1)
        sound = 0.1 * torch.randn(4, 100 * SIZES.focal.chunk_samples)
        listener = network.listener
        latents, _ = listener.heard(listener.rows(sound), listener.blank(4))
    fitted(network, latents, rounds=1)
    with torch.no_grad():
        for rank, book in enumerate(network.listener.books.books):
            book.normal_(0, 0.5**rank)  # few vectors fit so well that nothing is left to say
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


def test_it_begins_with_means_and_steps_leave_less(latents: Latents, teacher: Path) -> None:
    run, held = Coding(SIZES, QUICK), latents.held()
    run.begin(teacher, latents, rounds=2)
    begun = [run.left(held, bits) for bits in (11, 12, 16)]
    assert begun[2] <= begun[1] <= begun[0] < 0.3
    lost = run.left(held, 16, lost=0.3)
    run.before = 0  # or the average would need as many steps as a real run's
    for step in range(60):
        run.learn(latents.batch(0, step, 8, 12), mixed=False)
    assert run.left(held, 16, lost=0.3) < 0.8 * lost
    assert run.left(held, 11) < 1.05 * begun[0]


def test_what_understands_the_code_learns_and_no_more(latents: Latents, coded: Path) -> None:
    run = Coding(SIZES, QUICK)
    run.load(coded)
    before = {name: it.clone() for name, it in run.network.state_dict().items()}
    run.learn(latents.batch(0, run.step, 4, 12), mixed=False)
    moved = _moved(run.network, before)
    assert not any(name.startswith("listener") for name in moved)
    for part in ("decompressor", "back", "leave", "guess"):
        assert any(name.startswith(f"talker.{part}") for name in moved), part


def test_thirty_steps_teach_the_voice_and_what_they_make_runs(
    batches: Batches, coded: Path, tmp_path: Path
) -> None:
    run = Run(saved_sizes(coded), QUICK)
    run.begin(coded)
    before = {name: it.clone() for name, it in run.network.state_dict().items()}
    losses = [run.learn(batches.batch(0, step, 4, 12), mixed=False) for step in range(30)]
    assert all(name.startswith("talker.voice") for name in _moved(run.network, before))
    aloud = [it.spectral.item() for it in losses]
    assert np.mean(aloud[-5:]) < 0.9 * np.mean(aloud[:5])
    run.save(tmp_path / "last.pt")
    network, content = saved(tmp_path / "last.pt")
    assert content["step"] == 30
    export(network, tmp_path / "out", bits=16, version=3, training={"steps": 30})
    manifest = read_manifest(tmp_path / "out", FORMAT)
    assert manifest.version == 3 and manifest.rest["training"] == {"steps": 30}
    ears, mouth = runtime.read(manifest)
    chunk = np.random.default_rng(1).normal(0, 0.1, SIZES.focal.chunk_samples).astype(np.float32)
    heard = mouth.stream().step(ears.stream().step(chunk), 12)
    assert heard.shape == (SIZES.focal.out_samples,) and np.isfinite(heard).all() and heard.any()


def _moved(network: Small, before: dict[str, torch.Tensor]) -> set[str]:
    after = network.state_dict()
    return {name for name, it in before.items() if not torch.equal(it, after[name])}


def test_exported_and_by_chunk_it_is_the_network(
    network: Small, folder: Path, sound: Array
) -> None:
    ears, mouth = opened(folder)
    listening, saying = ears.stream(), mouth.stream()
    whole = torch.from_numpy(sound)[None]
    books = network.listener.books
    with torch.no_grad():
        entries, _ = network.listener(network.listener.rows(whole), network.listener.blank(1))
        corners = books.corners(entries[0])
        expected = tokens(corners).flatten()
        corners[..., 12:] = 0
        latents, _ = network.talker(corners.flatten(0, 1)[None], network.talker.blank(1))
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


def test_it_speaks_as_loud_as_it_was_said(speech: Speech, tmp_path: Path) -> None:
    """The shipped one: what was measured without the lift is in its manifest."""
    folder = tmp_path / "focal"
    shutil.copytree(shipped(), folder)
    clip = speech.at_16k[: 6 * 16_000]
    gains_db = read_manifest(folder, FORMAT).rest["level"]["gains_db"]
    lifted = np.array(lost([(clip, heard(clip, *opened(folder)))], 16_000))
    written(folder, [])
    as_trained = np.array(lost([(clip, heard(clip, *opened(folder)))], 16_000))
    np.testing.assert_allclose(as_trained - lifted, gains_db, atol=0.7)
    assert np.abs(lifted).max() < 3 < as_trained.max()


def test_a_folder_with_faults_is_refused(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    manifest = tmp_path / MANIFEST
    whole = manifest.read_text()
    other = whole.replace("mels = 80\n", ""), whole.replace("[tiny]", "[large]")
    for text in (*other, f"{whole}\n[level]\ngains_db = [1.0]\n"):
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


def test_entries_go_into_corners_and_back() -> None:
    torch.manual_seed(1)
    books = Codebooks(SIZES.focal)
    sizes = [len(it) for it in books.books]
    assert sizes == [2048] * 4 + [16, 256, 256]
    entries = torch.stack([torch.randint(size, (50,)) for size in sizes], dim=1)
    corners = books.corners(entries)
    assert torch.equal(corners.abs(), torch.full((50, 4, 16), 0.25))
    assert torch.equal(books.entries(corners)[0], entries)
    for bits, said in ((16, 7), (12, 5), (11, 4), (0, 0)):
        cut = torch.where(torch.arange(16) < bits, corners, 0)
        found, came = books.entries(cut)
        assert torch.equal(came, torch.full((50,), bits))
        assert torch.equal(found[:, :said], entries[:, :said])
        expected = sum((books.books[it][entries[:, it]] for it in range(said)), torch.zeros(64))
        torch.testing.assert_close(books.said(found, came), expected.expand(50, 64))


def test_more_ways_through_the_books_leave_less() -> None:
    torch.manual_seed(1)
    books = Codebooks(SIZES.focal)
    vectors = torch.randn(4000, 64) * torch.linspace(2, 0.1, 64)
    fit(books, vectors, rounds=2)
    left = []
    for beam in (1, 8):
        said = books.said(books.search(vectors[:200], beam), torch.full((200,), 11))
        left.append((said - vectors[:200]).square().mean().item())
    assert left[1] < left[0] < 0.5 * vectors.square().mean().item()


def test_what_arrives_is_a_rate_or_nothing() -> None:
    found = carried(0, 7, (400, 6))
    assert set(np.unique(found)) == {0, *RATES}
    assert 0.05 < (found == 0).mean() < 0.15
    assert np.array_equal(found, carried(0, 7, (400, 6)))
