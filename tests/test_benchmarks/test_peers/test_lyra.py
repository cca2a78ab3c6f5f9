"""Lyra is held to the contract of every back-end (tests/test_codecs/test_contract.py) as well."""

import sys
from pathlib import Path

import numpy as np
import pytest
from pystoi import stoi

from benchmarks.peers.lyra import GRAPHS, Lyra
from sotto_codecs.base import Codec, Frame
from sotto_codecs.errors import BackendUnavailable, BadFrame, BadSettings, WeightsMissing
from tests.hearing import distance_db
from tests.speech import Speech
from tests.test_codecs.streams import decoded, encoded, level_db, talk
from tests.test_codecs.test_contract import (  # noqa: F401  # collected here, with our `codec`
    test_a_long_loss_ends_in_silence,
    test_a_view_of_other_memory_is_read_as_it_looks,
    test_after_a_flush_a_new_listener_understands,
    test_an_empty_payload_is_silence_going_on,
    test_any_loss_heals,
    test_bad_audio_is_refused_and_forgotten,
    test_decoded_sound_has_the_shape_of_a_frame,
    test_delay_is_as_promised,
    test_foreign_bytes_are_refused_or_sound,
    test_fork_goes_on_as_the_original_and_apart,
    test_frame_bytes_are_true,
    test_frames_follow_one_another,
    test_it_is_the_same_speech,
    test_one_stream_does_not_touch_another,
    test_recover_is_at_least_as_good_as_concealment,
    test_silence_is_quiet,
    test_sound_beyond_full_scale_is_clipped,
    test_streaming_equals_offline_and_is_deterministic,
    test_the_future_does_not_change_the_past,
    test_threads_with_their_own_streams,
)

FOLDER = Path(__file__).parents[4] / "shared" / "instruments" / "lyra"


@pytest.fixture(scope="module")
def codec() -> Codec:
    return loaded(3200)


def loaded(bitrate_bps: int) -> Lyra:
    if not FOLDER.is_dir():
        pytest.skip("needs the graphs of Lyra v2 in ../shared/instruments/lyra")
    pytest.importorskip("ai_edge_litert", reason="needs: pip install '.[bench]'")
    return Lyra(bitrate_bps, str(FOLDER))


@pytest.mark.parametrize(("bitrate_bps", "frame_bytes"), [(3200, 8), (6000, 15), (9200, 23)])
def test_a_frame_costs_what_the_rate_says(
    speech: Speech, bitrate_bps: int, frame_bytes: int
) -> None:
    lyra = loaded(bitrate_bps)
    frames = encoded(lyra, talk(lyra, speech, 1))
    assert {len(frame.payload) for frame in frames} == {frame_bytes}
    assert 8 * frame_bytes / lyra.spec.frame_s == bitrate_bps == lyra.spec.payload_bps


def test_what_it_makes_is_understood_and_more_bits_are_better(speech: Speech) -> None:
    scores = []
    for bitrate_bps in (3200, 6000, 9200):
        lyra = loaded(bitrate_bps)
        pcm = talk(lyra, speech, 10)
        scores.append(stoi(pcm, decoded(lyra, encoded(lyra, pcm)), lyra.spec.sample_rate_hz))
    assert 0.8 < scores[0] < scores[1] < scores[2]


def test_one_lost_frame_is_bridged(codec: Codec, speech: Speech) -> None:
    """By something nearer to the lost sound than silence is."""
    frames = encoded(codec, talk(codec, speech, 8))
    whole = decoded(codec, frames)
    samples, rate_hz = codec.spec.frame_samples, codec.spec.sample_rate_hz
    lost = range(10, len(frames) - 10, 10)
    heard = decoded(codec, [None if at in lost else frame for at, frame in enumerate(frames)])
    gaps = [slice(at * samples, (at + 1) * samples) for at in lost]
    loud = [gap for gap in gaps if level_db(whole[gap]) > -35]
    silence = np.zeros(samples, np.float32)
    assert len(loud) > 20
    bridged = np.mean([distance_db(whole[gap], heard[gap], rate_hz) for gap in loud])
    muted = np.mean([distance_db(whole[gap], silence, rate_hz) for gap in loud])
    assert bridged < 0.6 * muted


def test_after_a_flush_it_codes_as_at_the_start(codec: Codec, speech: Speech) -> None:
    encoder, pcm = codec.encoder(), talk(codec, speech, 1)
    before = encoded(codec, pcm, encoder) + encoder.flush()
    again = encoded(codec, pcm, encoder)
    assert [frame.payload for frame in again] == [frame.payload for frame in before]


def test_a_frame_of_another_size_is_refused() -> None:
    with pytest.raises(BadFrame, match="15 bytes in a frame of 8"):
        loaded(3200).decoder().decode(Frame(bytes(15), 0, 320))


@pytest.mark.parametrize("bitrate_bps", [0, 3000, "3200"])
def test_another_rate_is_refused(tmp_path: Path, bitrate_bps: int) -> None:
    with pytest.raises(BadSettings, match="3200, 6000, 9200"):
        Lyra(bitrate_bps, str(tmp_path))


def test_missing_graphs_are_named(tmp_path: Path) -> None:
    (tmp_path / "lyragan.tflite").write_bytes(b"")
    with pytest.raises(WeightsMissing, match="soundstream_encoder.tflite") as caught:
        Lyra(3200, str(tmp_path))
    assert str(tmp_path) in caught.value.reason and "--lyra" in caught.value.remedy


def test_a_missing_runtime_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in GRAPHS:
        (tmp_path / f"{name}.tflite").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(BackendUnavailable) as caught:
        Lyra(3200, str(tmp_path))
    assert caught.value.remedy == "pip install '.[bench]'"
