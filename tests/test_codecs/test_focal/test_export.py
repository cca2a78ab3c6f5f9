"""What was exported, on ONNX Runtime chunk by chunk, against the network in one big call."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")
pytest.importorskip("onnx", reason="needs: pip install '.[torch]'")
pytest.importorskip("onnxruntime", reason="needs: pip install '.[text]'")

import onnx
import torch
from torch import Tensor

from sotto_codecs.errors import BadWeights, WeightsMissing
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.graph import DECODER, ENCODER, SIDE_DATA, Array, Graph, Stream
from sotto_codecs.focal.network.network import FocalCodec
from tests.test_codecs.test_focal.layout import network

CHUNKS = 125  # 10 s


@pytest.fixture(scope="module")
def codec(small: FocalConfig) -> FocalCodec:
    return network(small)


@pytest.fixture(params=["focal-600", "int8"])
def folder(request: pytest.FixtureRequest, exported: Path) -> Path:
    return exported / str(request.param)


@pytest.fixture(scope="module")
def sound(small: FocalConfig) -> Tensor:
    samples = CHUNKS * small.chunk_samples
    return 0.1 * torch.randn(1, samples, generator=torch.Generator().manual_seed(4))


@torch.no_grad()
def in_one_call(codec: FocalCodec, sound: Tensor) -> tuple[Array, Array]:
    """Tokens and sound."""
    heard, _ = codec.encoder(sound, codec.encoder.blank(1))
    spoken, _ = codec.decoder(heard.tokens, codec.decoder.blank(1))
    return heard.tokens[0].numpy(), spoken[0].numpy()


def by_chunk(graph: Graph, x: Array) -> Array:
    stream = graph.stream()
    return np.concatenate([stream.step(piece) for piece in np.split(x, CHUNKS)])


def test_ten_seconds_give_the_tokens_and_the_sound_of_the_network(
    codec: FocalCodec, folder: Path, sound: Tensor
) -> None:
    tokens, spoken = in_one_call(codec, sound)
    found = by_chunk(Graph(folder / ENCODER), sound[0].numpy())
    said = by_chunk(Graph(folder / DECODER), tokens)
    if folder.name != "int8":
        assert np.array_equal(found, tokens)
        np.testing.assert_allclose(said, spoken, atol=1e-4)
    else:
        assert np.mean(found != tokens) < 0.3  # of random weights, whose latents are small
        assert np.corrcoef(said, spoken)[0, 1] > 0.99


def test_a_stream_that_begins_in_the_middle_says_something_else(
    codec: FocalCodec, folder: Path, sound: Tensor
) -> None:
    """Memories of zeros are the beginning at position 0 only: the file says what comes before."""
    graph = Graph(folder / ENCODER)
    first = sound[0, : codec.config.chunk_samples].numpy()
    zeros = [memory.blank() for memory in graph.side.memories]
    late = Stream(graph, codec.config.window, zeros)
    assert not np.array_equal(graph.stream().step(first), late.step(first))


def test_streams_do_not_touch_each_other_and_a_fork_goes_the_same_way(
    folder: Path, codec: FocalCodec
) -> None:
    graph, chunk = Graph(folder / DECODER), codec.config.chunk
    tokens = np.random.default_rng(6).integers(0, 2**codec.config.bits, (6, chunk))
    alone, other = graph.stream(), graph.stream()
    expected = [alone.step(one) for one in tokens]
    stream = graph.stream()
    for index, one in enumerate(tokens):
        fork = stream.fork()
        fork.step(tokens[0])
        other.step(one[::-1].copy())
        np.testing.assert_array_equal(stream.step(one), expected[index])


def test_state_is_counted_as_it_is(folder: Path) -> None:
    graph = Graph(folder / ENCODER)
    assert graph.state_bytes == sum(memory.blank().nbytes for memory in graph.side.memories)
    fields = {memory.name.partition(".")[0] for memory in graph.side.memories}
    assert fields == {"hearing", "places", "keys", "values", "focal"}


def test_files_that_are_none_of_ours_are_refused(folder: Path, tmp_path: Path) -> None:
    whole = (folder / DECODER).read_bytes()
    foreign = onnx.load(folder / DECODER)
    for entry in foreign.metadata_props:
        if entry.key == SIDE_DATA:
            entry.value = entry.value.replace('"format": 2', '"format": 7')
    (tmp_path / "cut.onnx").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.onnx").write_text("no graph")
    onnx.save(foreign, tmp_path / "later.onnx")
    for name in ("cut.onnx", "text.onnx", "later.onnx"):
        with pytest.raises(BadWeights, match=rf"{name} cannot be loaded.*sotto models export"):
            Graph(tmp_path / name)
    with pytest.raises(WeightsMissing, match=r"there is no .*none.onnx; .*: sotto models export"):
        Graph(tmp_path / "none.onnx")
