import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.encodec import EnCodec
from benchmarks.peers.indices import unpack
from benchmarks.peers.mimi import Mimi
from benchmarks.peers.tokens import FILES, Analyse, Decoder, Encoder, Indices, Layout
from sotto_codecs.base import CodecSpec, Frame, Pcm
from sotto_codecs.errors import BackendUnavailable, WeightsMissing
from tests.test_codecs.streams import level_db

PEERS = pytest.mark.parametrize(
    ("peer", "bitrate_bps", "published_as"),
    [(EnCodec, 1500, "facebook/encodec_24khz"), (Mimi, 550, "kyutai/mimi")],
)
Peer = type[EnCodec] | type[Mimi]


def unpacked(frames: Iterable[Frame], books: int, bits: int) -> Indices:
    """(steps, books) of a whole stream, read without the help of the codec."""
    flat = [
        index
        for frame in frames
        for index in unpack(frame.payload, bits, 8 * len(frame.payload) // bits)
    ]
    return np.array(flat).reshape(-1, books)


def test_steps_follow_one_another_in_a_payload() -> None:
    layout = Layout(steps=2, books=2, index_bits=4)
    indices = np.array([[1, 2], [3, 4]])
    assert layout.pack(indices) == bytes([0x12, 0x34])
    np.testing.assert_array_equal(layout.unpack(layout.pack(indices)), indices)


def loud(indices: Indices) -> Pcm:
    """A stand-in for a model: as loud as its only index says."""
    return np.full(160, indices[0, 0] / 16, np.float32)


def test_a_lost_frame_is_the_last_one_again_and_fades() -> None:
    spec = CodecSpec("loud", 1, 8000, 1, 160, 400, 0, 1)
    decoder = Decoder(spec, Layout(1, 1, index_bits=8), loud)
    heard = [decoder.decode(Frame(bytes([8]), 0, 160))]
    heard += [decoder.decode(None) for _ in range(12)]
    levels = [level_db(pcm) for pcm in heard]
    assert levels[0] == pytest.approx(-6.02, abs=0.1) and levels[1] > -8
    assert levels[:11] == sorted(levels[:11], reverse=True) and levels[-1] < -100


def test_after_a_flush_it_codes_as_at_the_start() -> None:
    def counting() -> Analyse:
        steps = iter(range(9))
        return lambda pcm: np.array([[next(steps)]])

    spec = CodecSpec("counting", 1, 8000, 1, 160, 400, 0, 1)
    encoder = Encoder(spec, Layout(1, 1, index_bits=8), counting)
    pcm = np.zeros(160, np.float32)
    frames = [*encoder.encode(pcm), *encoder.encode(pcm), *encoder.flush(), *encoder.encode(pcm)]
    assert [frame.payload for frame in frames] == [b"\0", b"\1", b"\0"]
    assert [frame.start_sample for frame in frames] == [0, 160, 320]


@PEERS
def test_missing_weights_are_named(
    tmp_path: Path, peer: Peer, bitrate_bps: int, published_as: str
) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(WeightsMissing) as caught:
        peer(bitrate_bps, str(tmp_path))
    assert caught.value.reason == f"no weights of {published_as} in {tmp_path}"
    files = f"put config.json and model.safetensors of {published_as}"
    assert caught.value.remedy == f"{files} into {tmp_path}"


@PEERS
def test_damaged_weights_are_missing_ones(
    tmp_path: Path, encodec_folder: Path, peer: Peer, bitrate_bps: int, published_as: str
) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes((encodec_folder / name).read_bytes()[:100])
    with pytest.raises(WeightsMissing, match="cannot be read"):
        peer(bitrate_bps, str(tmp_path))


def test_weights_of_another_model_are_no_weights(mimi_folder: Path, encodec_folder: Path) -> None:
    with pytest.raises(WeightsMissing, match="facebook/encodec_24khz"):
        EnCodec(1500, str(mimi_folder))
    with pytest.raises(WeightsMissing, match="kyutai/mimi"):
        Mimi(550, str(encodec_folder))


def test_weights_with_a_hole_are_no_weights(tmp_path: Path, encodec_folder: Path) -> None:
    """The library would fill it with random numbers."""
    torch_files = pytest.importorskip("safetensors.torch")
    tensors = torch_files.load_file(encodec_folder / "model.safetensors")
    del tensors["decoder.layers.0.conv.bias"]
    torch_files.save_file(tensors, tmp_path / "model.safetensors", {"format": "pt"})
    shutil.copy(encodec_folder / "config.json", tmp_path)
    with pytest.raises(WeightsMissing, match="is not facebook/encodec_24khz"):
        EnCodec(1500, str(tmp_path))


def test_weights_for_another_rate_are_no_weights(tmp_path: Path, encodec_folder: Path) -> None:
    shutil.copy(encodec_folder / "model.safetensors", tmp_path)
    config = json.loads((encodec_folder / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"sampling_rate": 32_000}))
    with pytest.raises(WeightsMissing, match="is not facebook/encodec_24khz"):
        EnCodec(1500, str(tmp_path))


@PEERS
def test_a_missing_package_names_the_command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    peer: Peer,
    bitrate_bps: int,
    published_as: str,
) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes(b"")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(BackendUnavailable, match="the package torch is missing") as caught:
        peer(bitrate_bps, str(tmp_path))
    assert caught.value.remedy == "pip install '.[torch]'"
