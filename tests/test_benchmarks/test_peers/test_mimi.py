from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.peers.mimi import Mimi, Synthesis
from sotto_codecs.base import Codec, Frame
from sotto_codecs.errors import BadFrame, BadSettings
from tests.speech import Speech
from tests.test_benchmarks.test_peers.test_tokens import unpacked
from tests.test_codecs.streams import encoded, talk
from tests.test_codecs.test_contract import (  # noqa: F401  # collected here, with our `codec`
    test_a_long_loss_ends_in_silence,
    test_an_empty_payload_is_silence_going_on,
    test_bad_audio_is_refused_and_forgotten,
    test_decoded_sound_has_the_shape_of_a_frame,
    test_foreign_bytes_are_refused_or_sound,
    test_fork_goes_on_as_the_original_and_apart,
    test_frame_bytes_are_true,
    test_one_stream_does_not_touch_another,
    test_streaming_equals_offline_and_is_deterministic,
    test_the_future_does_not_change_the_past,
    test_threads_with_their_own_streams,
)


@pytest.fixture(scope="module", params=[550, 1100])
def codec(request: pytest.FixtureRequest, mimi_folder: Path) -> Codec:
    return Mimi(request.param, str(mimi_folder))


@pytest.fixture(scope="module")
def library(mimi_folder: Path) -> Any:
    transformers = pytest.importorskip("transformers")
    return transformers.MimiModel.from_pretrained(mimi_folder).eval()


def test_steps_code_as_the_library_codes_the_whole(
    codec: Codec, library: Any, speech: Speech
) -> None:
    torch = pytest.importorskip("torch")
    pcm = talk(codec, speech, 3.2)
    books = round(codec.spec.payload_bps / 137.5)
    with torch.inference_mode():
        whole = library.encode(torch.from_numpy(pcm)[None, None], num_quantizers=books)
    codes = whole.audio_codes[0].numpy().T
    assert len(np.unique(codes, axis=0)) > len(codes) / 2
    np.testing.assert_array_equal(unpacked(encoded(codec, pcm), books, bits=11), codes)


def test_steps_sound_as_the_library_decodes_the_whole(library: Any) -> None:
    torch = pytest.importorskip("torch")
    indices = np.random.default_rng(1).integers(0, 2048, (40, 8))
    synthesis = Synthesis(library)
    steps = np.concatenate([synthesis(step[None]) for step in indices])
    with torch.inference_mode():
        whole = library.decode(torch.from_numpy(indices.T[None].copy()))
    expected = whole.audio_values[0, 0].numpy()
    np.testing.assert_allclose(steps, expected, atol=1e-4 * np.abs(expected).max())


def test_a_frame_costs_what_the_rate_says(codec: Codec, speech: Speech) -> None:
    frames = encoded(codec, talk(codec, speech, 1.6))
    assert {len(frame.payload) for frame in frames} == {11}
    assert 88 / codec.spec.frame_s == pytest.approx(codec.spec.payload_bps)


def test_a_frame_of_another_size_is_refused(codec: Codec) -> None:
    with pytest.raises(BadFrame, match="mimi: 12 bytes for 8 indices of 11 bits"):
        codec.decoder().decode(Frame(bytes(12), 0, codec.spec.frame_samples))


@pytest.mark.parametrize("bitrate_bps", [0, 1000, "1100"])
def test_another_rate_is_refused(tmp_path: Path, bitrate_bps: int) -> None:
    with pytest.raises(BadSettings, match="550, 1100"):
        Mimi(bitrate_bps, str(tmp_path))
