from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.peers.encodec import EnCodec, Synthesis
from sotto_codecs.base import Codec, Frame
from sotto_codecs.errors import BadFrame, BadSettings
from tests.speech import Speech
from tests.test_benchmarks.test_peers.test_tokens import unpacked
from tests.test_codecs.streams import encoded, talk
from tests.test_codecs.test_contract import (  # noqa: F401  # collected here, with our `codec`
    test_a_long_loss_ends_in_silence,
    test_a_view_of_other_memory_is_read_as_it_looks,
    test_an_empty_payload_is_silence_going_on,
    test_bad_audio_is_refused_and_forgotten,
    test_decoded_sound_has_the_shape_of_a_frame,
    test_foreign_bytes_are_refused_or_sound,
    test_fork_goes_on_as_the_original_and_apart,
    test_frame_bytes_are_true,
    test_frames_follow_one_another,
    test_one_stream_does_not_touch_another,
    test_streaming_equals_offline_and_is_deterministic,
    test_the_future_does_not_change_the_past,
    test_threads_with_their_own_streams,
)


@pytest.fixture(scope="module")
def codec(encodec_folder: Path) -> Codec:
    return EnCodec(6000, str(encodec_folder))


@pytest.fixture(scope="module")
def library(encodec_folder: Path) -> Any:
    transformers = pytest.importorskip("transformers")
    return transformers.EncodecModel.from_pretrained(encodec_folder).eval()


def test_steps_code_as_the_library_codes_the_whole(
    codec: Codec, library: Any, speech: Speech
) -> None:
    torch = pytest.importorskip("torch")
    pcm = talk(codec, speech, 2)
    with torch.inference_mode():
        whole = library.encode(torch.from_numpy(pcm)[None, None], bandwidth=6.0)
    codes = whole.audio_codes[0, 0].numpy().T
    assert len(np.unique(codes, axis=0)) > len(codes) / 2
    np.testing.assert_array_equal(unpacked(encoded(codec, pcm), books=8, bits=10), codes)


def test_steps_sound_as_the_library_decodes_the_whole(library: Any) -> None:
    torch = pytest.importorskip("torch")
    indices = np.random.default_rng(1).integers(0, 1024, (100, 8))
    synthesis = Synthesis(library)
    steps = np.concatenate([synthesis(indices[at : at + 2]) for at in range(0, 100, 2)])
    with torch.inference_mode():
        whole = library.decode(torch.from_numpy(indices.T[None, None].copy()), [None])
    expected = whole.audio_values[0, 0].numpy()
    np.testing.assert_allclose(steps, expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize(("bitrate_bps", "frame_bytes"), [(1500, 5), (3000, 10), (6000, 20)])
def test_a_frame_costs_what_the_rate_says(
    encodec_folder: Path, speech: Speech, bitrate_bps: int, frame_bytes: int
) -> None:
    encodec = EnCodec(bitrate_bps, str(encodec_folder))
    frames = encoded(encodec, talk(encodec, speech, 1))
    assert {len(frame.payload) for frame in frames} == {frame_bytes}
    assert 8 * frame_bytes / encodec.spec.frame_s == pytest.approx(bitrate_bps)


def test_a_frame_of_another_size_is_refused(codec: Codec) -> None:
    with pytest.raises(BadFrame, match="encodec: 19 bytes for 16 indices of 10 bits"):
        codec.decoder().decode(Frame(bytes(19), 0, 640))


@pytest.mark.parametrize("bitrate_bps", [0, 2000, "1500"])
def test_another_rate_is_refused(tmp_path: Path, bitrate_bps: int) -> None:
    with pytest.raises(BadSettings, match="1500, 3000, 6000"):
        EnCodec(bitrate_bps, str(tmp_path))
