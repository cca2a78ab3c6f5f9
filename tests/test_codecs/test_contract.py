"""What every back-end promises (docs/codecs.md). New back-ends go into CASES of conftest.py."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import numpy as np
import pytest

from sotto_codecs import registry
from sotto_codecs.base import Codec, Frame, Pcm
from sotto_codecs.errors import BadAudio, BadFrame, BadSettings
from tests.hearing import distance_db, lag_s
from tests.speech import Speech
from tests.test_codecs.conftest import CASES, EVENT_CASES, Case
from tests.test_codecs.streams import (
    assert_same_sound,
    decoded,
    encoded,
    level_db,
    pieces,
    talk,
)

DELAY_TOLERANCE_S = 0.007  # vocoders keep no waveform, only levels to compare
INAUDIBLE_DB = -60.0
QUIET_DB = -45.0  # speech is at -20; Opus goes on with comfort noise
HEALED_DB = 1.0


def test_every_back_end_is_held_to_the_contract(ulaw_installed: None) -> None:
    assert set(registry.known()) == {
        case.codec for case in [*CASES.values(), *EVENT_CASES.values()]
    }


def test_frames_follow_one_another(codec: Codec, speech: Speech) -> None:
    frames = encoded(codec, talk(codec, speech, 2))
    ends = [frame.start_sample + frame.samples for frame in frames]
    assert [frame.start_sample for frame in frames] == [0, *ends[:-1]]
    assert ends[-1] == len(talk(codec, speech, 2))


def test_decoded_sound_has_the_shape_of_a_frame(codec: Codec, speech: Speech) -> None:
    decoder = codec.decoder()
    for frame in [None, *encoded(codec, talk(codec, speech, 1)), None]:
        pcm = decoder.decode(frame)
        assert pcm.shape == (codec.spec.frame_samples,) and pcm.dtype == np.float32
        assert np.abs(pcm).max() <= 1.0


def test_it_is_the_same_speech(codec: Codec, speech: Speech) -> None:
    pcm, delay = talk(codec, speech, 4), codec.spec.delay_samples
    rate_hz = codec.spec.sample_rate_hz
    heard = decoded(codec, encoded(codec, pcm))[delay:]
    other = talk(codec, speech, 4, start_s=8)[: len(heard)]
    assert distance_db(pcm[: len(heard)], heard, rate_hz) < distance_db(other, heard, rate_hz) / 2


def test_one_stream_does_not_touch_another(codec: Codec, speech: Speech) -> None:
    talks = [talk(codec, speech, 2), talk(codec, speech, 2, start_s=8)]
    encoders = [codec.encoder(), codec.encoder()]
    decoders = [codec.decoder(), codec.decoder()]
    frames: list[list[Frame]] = [[], []]
    sounds: list[list[Pcm]] = [[], []]
    for both in zip(*(pieces(codec, pcm) for pcm in talks), strict=True):
        for who, piece in enumerate(both):
            new = encoders[who].encode(piece)
            frames[who] += new
            sounds[who] += [decoders[who].decode(frame) for frame in new]
    for who, pcm in enumerate(talks):
        assert frames[who] == encoded(codec, pcm)
        assert_same_sound(codec, np.concatenate(sounds[who]), decoded(codec, frames[who]))


def test_streaming_equals_offline_and_is_deterministic(codec: Codec, speech: Speech) -> None:
    pcm = talk(codec, speech, 3)
    encoder, decoder = codec.encoder(), codec.decoder()
    frames, sounds = [], []
    for piece in pieces(codec, pcm):
        new = encoder.encode(piece)
        frames += new
        sounds += [decoder.decode(frame) for frame in new]
    offline = encoded(codec, pcm)
    assert frames == offline
    streamed = np.concatenate(sounds)
    assert_same_sound(codec, streamed, decoded(codec, offline))


def test_the_future_does_not_change_the_past(codec: Codec, speech: Speech) -> None:
    past = talk(codec, speech, 1)
    futures = [talk(codec, speech, 1, start_s=9), np.zeros_like(past)]
    both = [encoded(codec, np.concatenate([past, future])) for future in futures]
    count = len(encoded(codec, past))
    assert both[0][:count] == both[1][:count] and both[0][count:] != both[1][count:]
    sounds = [decoded(codec, frames)[: len(past)] for frames in both]
    assert_same_sound(codec, *sounds)


def test_payload_stays_within_its_budget(codec: Codec, speech: Speech) -> None:
    frames = encoded(codec, talk(codec, speech, 60))
    payload_bps = 8 * sum(len(frame.payload) for frame in frames) / 60
    assert 0.5 * codec.spec.payload_bps < payload_bps <= codec.spec.payload_bps


def test_frame_bytes_are_true(codec: Codec, speech: Speech) -> None:
    sizes = {len(frame.payload) for frame in encoded(codec, talk(codec, speech, 5))}
    if codec.spec.frame_bytes is None:
        assert len(sizes) > 1, "sizes do not vary: spec.frame_bytes can say so"
    else:
        assert sizes == {codec.spec.frame_bytes}


def test_frames_cut_to_their_core_are_the_same_speech(codec: Codec, speech: Speech) -> None:
    if codec.spec.core_bytes is None:
        pytest.skip("its frames cannot be cut")
    assert 0 < codec.spec.core_bytes < (codec.spec.frame_bytes or 0)
    pcm = talk(codec, speech, 4)
    frames = encoded(codec, pcm)
    cut = [replace(frame, payload=frame.payload[: codec.spec.core_bytes]) for frame in frames]
    heard, other = decoded(codec, cut), decoded(codec, encoded(codec, talk(codec, speech, 4, 8)))
    whole, rate_hz = decoded(codec, frames), codec.spec.sample_rate_hz
    assert len(heard) == len(whole)
    assert distance_db(whole, heard, rate_hz) < distance_db(whole, other, rate_hz) / 2


def test_delay_is_as_promised(codec: Codec, speech: Speech) -> None:
    pcm, rate_hz = talk(codec, speech, 10), codec.spec.sample_rate_hz
    measured_s = lag_s(pcm, decoded(codec, encoded(codec, pcm)), rate_hz)
    assert measured_s == pytest.approx(codec.spec.delay_samples / rate_hz, abs=DELAY_TOLERANCE_S)


@pytest.mark.parametrize("lost_in_a_row", [1, 3])
def test_any_loss_heals(codec: Codec, speech: Speech, lost_in_a_row: int) -> None:
    frames = encoded(codec, talk(codec, speech, 3))
    whole = decoded(codec, frames)
    tail = slice(-codec.spec.sample_rate_hz // 2, None)
    most = len(frames) - round(1.5 / codec.spec.frame_s)
    for first in range(0, most, max(1, most // 8)):
        holed: list[Frame | None] = [*frames]
        holed[first : first + lost_in_a_row] = [None] * lost_in_a_row
        heard = decoded(codec, holed)
        assert np.isfinite(heard).all() and np.abs(heard).max() <= 1.0
        assert distance_db(whole[tail], heard[tail], codec.spec.sample_rate_hz) < HEALED_DB


@pytest.mark.parametrize("heard_s", [0.0, 0.5, 1.0, 1.5])
def test_a_long_loss_ends_in_silence(codec: Codec, speech: Speech, heard_s: float) -> None:
    frames = encoded(codec, talk(codec, speech, 2))[: round(heard_s / codec.spec.frame_s)]
    lost = [None] * round(2 / codec.spec.frame_s)
    heard = decoded(codec, [*frames, *lost])
    assert np.isfinite(heard).all()
    assert level_db(heard[-codec.spec.sample_rate_hz // 2 :]) < QUIET_DB


def test_recover_is_at_least_as_good_as_concealment(codec: Codec, speech: Speech) -> None:
    frames = encoded(codec, talk(codec, speech, 6))
    lost = range(5, len(frames) - 1, 5)
    whole = decoded(codec, frames)
    distances = []
    for use_following in (False, True):
        decoder = codec.decoder()
        sounds = []
        for index, frame in enumerate(frames):
            if index in lost and use_following:
                sounds.append(decoder.recover(frames[index + 1]))
            else:
                sounds.append(decoder.decode(None if index in lost else frame))
        distances.append(distance_db(whole, np.concatenate(sounds), codec.spec.sample_rate_hz))
    assert distances[1] <= distances[0] + 0.1


def test_an_empty_payload_is_silence_going_on(codec: Codec, speech: Speech) -> None:
    frames = encoded(codec, talk(codec, speech, 1))
    samples = codec.spec.frame_samples
    quiet = [Frame(b"", 0, samples)] * round(2 / codec.spec.frame_s)
    heard = decoded(codec, [*frames, *quiet])
    assert len(heard) == samples * (len(frames) + len(quiet))
    assert level_db(heard[-codec.spec.sample_rate_hz // 2 :]) < QUIET_DB


def test_silence_is_quiet(codec: Codec, speech: Speech) -> None:
    heard = decoded(codec, encoded(codec, np.zeros_like(talk(codec, speech, 2))))
    assert level_db(heard[len(heard) // 2 :]) < INAUDIBLE_DB


def test_sound_beyond_full_scale_is_clipped(codec: Codec, speech: Speech) -> None:
    loud = talk(codec, speech, 2) * np.float32(50)
    assert encoded(codec, loud) == encoded(codec, np.clip(loud, -1, 1))
    heard = decoded(codec, encoded(codec, loud))
    assert np.isfinite(heard).all() and np.abs(heard).max() <= 1.0


def bad_audio(samples: int) -> dict[str, object]:
    good = np.zeros(samples, np.float32)
    return {
        "empty": good[:0],
        "too short": good[:-1],
        "too long": np.append(good, np.float32(0)),
        "stereo": np.stack([good, good], axis=1),
        "float64": good.astype(np.float64),
        "int16": good.astype(np.int16),
        "a list": good.tolist(),
        "NaN": np.where(np.arange(samples) == 7, np.float32("nan"), good),
        "infinite": np.where(np.arange(samples) == 7, np.float32("inf"), good),
    }


@pytest.mark.parametrize("kind", bad_audio(10))
def test_bad_audio_is_refused_and_forgotten(codec: Codec, speech: Speech, kind: str) -> None:
    encoder = codec.encoder()
    with pytest.raises(BadAudio, match=codec.spec.name):
        encoder.encode(bad_audio(codec.spec.frame_samples)[kind])  # type: ignore[arg-type]  # the point
    pcm = talk(codec, speech, 0.5)
    assert encoded(codec, pcm, encoder) == encoded(codec, pcm)


def test_a_view_of_other_memory_is_read_as_it_looks(codec: Codec, speech: Speech) -> None:
    pcm = talk(codec, speech, 0.5)
    stereo = np.stack([pcm, -pcm], axis=1)
    assert encoded(codec, stereo[:, 0]) == encoded(codec, pcm)


def test_foreign_bytes_are_refused_or_sound(codec: Codec, speech: Speech) -> None:
    frames = encoded(codec, talk(codec, speech, 0.5))
    rng = np.random.default_rng(1)
    foreign = [rng.bytes(size) for size in rng.integers(1, 200, 300)]
    foreign += [frames[-1].payload[:size] for size in range(1, len(frames[-1].payload))]
    decoder, samples = codec.decoder(), codec.spec.frame_samples
    for payload in foreign:
        for take in (decoder.decode, decoder.recover):
            try:
                pcm = take(Frame(payload, 0, samples))
            except BadFrame as fault:
                assert "\n" not in str(fault)
                continue
            assert pcm.shape == (samples,) and np.isfinite(pcm).all()
    assert decoder.decode(frames[0]).shape == (samples,)


def test_threads_with_their_own_streams(codec: Codec, speech: Speech) -> None:
    talks = [talk(codec, speech, 3, start_s=start) for start in (0, 5, 10)]
    together = Barrier(len(talks))

    def call(pcm: Pcm) -> tuple[list[Frame], Pcm]:
        together.wait(timeout=10)
        frames = encoded(codec, pcm)
        return frames, decoded(codec, frames)

    with ThreadPoolExecutor(len(talks)) as pool:
        results = list(pool.map(call, talks))
    for pcm, (frames, sound) in zip(talks, results, strict=True):
        assert frames == encoded(codec, pcm)
        assert_same_sound(codec, sound, decoded(codec, frames))


def test_fork_goes_on_as_the_original_and_apart(codec: Codec, speech: Speech) -> None:
    frames = encoded(codec, talk(codec, speech, 2))
    half = len(frames) // 2
    decoder = codec.decoder()
    for frame in frames[:half]:
        decoder.decode(frame)
    if not codec.spec.forkable:
        with pytest.raises(NotImplementedError):
            decoder.fork()
        return
    fork, astray = decoder.fork(), decoder.fork()
    for _ in range(10):
        astray.decode(None)
    expected = decoded(codec, frames)[half * codec.spec.frame_samples :]
    for each in (decoder, fork):
        heard = np.concatenate([each.decode(frame) for frame in frames[half:]])
        np.testing.assert_array_equal(heard, expected)


def test_after_a_flush_a_new_listener_understands(codec: Codec, speech: Speech) -> None:
    encoder, rate_hz = codec.encoder(), codec.spec.sample_rate_hz
    before = encoded(codec, talk(codec, speech, 1, start_s=9), encoder) + encoder.flush()
    pcm = talk(codec, speech, 2)
    frames = encoded(codec, pcm, encoder)
    assert frames[0].start_sample == sum(frame.samples for frame in before)
    usual = decoded(codec, encoded(codec, pcm))
    assert distance_db(usual, decoded(codec, frames), rate_hz) < 1.0


def test_an_unknown_setting_is_refused_by_name(case: Case, ulaw_installed: None) -> None:
    with pytest.raises(BadSettings, match="loudness"):
        registry.load(case.codec, {**case.settings, "loudness": 11})
