"""What every back-end that keeps no time promises: frames where something was said, sound as long
as it takes, captions that are the same at both ends. New ones go into EVENT_CASES of conftest.py.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sotto_codecs import registry
from sotto_codecs.base import Codec, Encoder, Frame, Pcm
from sotto_codecs.errors import BadAudio, BadFrame, BadSettings
from sotto_codecs.events import Caption, Captioned, Speaking, Writable
from tests.speech import Speech
from tests.test_codecs.conftest import EVENT_CASES, Case
from tests.test_codecs.streams import encoded, talk
from tests.test_codecs.test_contract import bad_audio

TALK_S, PAUSE_S = 5.0, 1.5
STREAMS = 4
GARBAGE = st.builds(
    Frame, st.binary(min_size=1, max_size=12), st.just(0), st.just(0), st.integers(0, STREAMS)
)
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True, eq=False)
class Said:
    """Some speech, as one end sends it and the other end says it."""

    pcm: Pcm
    frames: list[Frame]
    sent: list[Caption]
    heard: list[Caption]
    sounds: list[Pcm]


@pytest.fixture(scope="module", params=EVENT_CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return EVENT_CASES[request.param]


@pytest.fixture(scope="module")
def codec(case: Case) -> Codec:
    return registry.load(case.codec, case.settings)


@pytest.fixture(scope="module")
def said(codec: Codec, speech: Speech) -> Said:
    encoder, decoder = codec.encoder(), codec.decoder()
    pause = np.zeros(round(PAUSE_S * codec.spec.sample_rate_hz), np.float32)
    pcm = np.concatenate([talk(codec, speech, TALK_S), pause])
    frames = encoded(codec, pcm, encoder) + encoder.flush()
    sent = final(encoder)
    sounds = [decoder.decode(frame) for frame in frames]
    return Said(pcm, frames, sent, final(decoder), sounds)


def final(stream: object) -> list[Caption]:
    assert isinstance(stream, Captioned)
    return [caption for caption in stream.captions() if caption.is_final]


def written(encoder: Encoder, line: str) -> list[Frame]:
    assert isinstance(encoder, Writable)
    return encoder.write(line)


def test_it_keeps_no_time_and_says_so(codec: Codec) -> None:
    assert not codec.spec.keeps_time and codec.spec.frame_bytes is None
    assert codec.spec.delay_samples == 0 and not codec.spec.forkable
    with pytest.raises(NotImplementedError):
        codec.decoder().fork()


def test_what_was_understood_is_read_at_both_ends_and_heard(said: Said, codec: Codec) -> None:
    assert said.sent and said.heard == said.sent
    assert [caption.number for caption in said.sent] == list(range(len(said.sent)))
    assert not any(caption.is_written for caption in said.sent)
    spoken = np.concatenate(said.sounds)
    assert spoken.dtype == np.float32 and spoken.ndim == 1
    assert 0.5 * TALK_S < len(spoken) / codec.spec.sample_rate_hz < 2 * TALK_S
    assert 0.05 < np.abs(spoken).max() <= 1.0


def test_frames_say_when_they_were_said(said: Said) -> None:
    ends = [frame.start_sample + frame.samples for frame in said.frames]
    assert all(end <= frame.start_sample for end, frame in zip(ends, said.frames[1:], strict=False))
    assert 0 <= said.frames[0].start_sample and ends[-1] <= len(said.pcm)
    assert all(frame.payload and frame.stream < STREAMS for frame in said.frames)


def test_payload_stays_within_its_budget(said: Said, codec: Codec) -> None:
    payload_bps = 8 * sum(len(frame.payload) for frame in said.frames) / TALK_S
    assert 0.2 * codec.spec.payload_bps < payload_bps <= codec.spec.payload_bps


def test_silence_costs_nothing(codec: Codec) -> None:
    encoder = codec.encoder()
    silence = np.zeros(5 * codec.spec.sample_rate_hz, np.float32)
    assert encoded(codec, silence, encoder) + encoder.flush() + encoder.flush() == []
    assert final(encoder) == []


def test_what_is_lost_or_empty_is_no_sound(codec: Codec) -> None:
    decoder = codec.decoder()
    for frame in (None, Frame(b"", 0, codec.spec.frame_samples)):
        pcm = decoder.decode(frame)
        assert pcm.shape == (0,) and pcm.dtype == np.float32
    assert final(decoder) == []


def test_it_is_deterministic_and_one_stream_does_not_touch_another(
    codec: Codec, said: Said
) -> None:
    encoders = [codec.encoder(), codec.encoder()]
    quiet = np.zeros(codec.spec.frame_samples, np.float32)
    frames, lines = list[Frame](), list[Frame]()
    for start in range(0, len(said.pcm), len(quiet)):
        frames += encoders[0].encode(said.pcm[start : start + len(quiet)])
        assert encoders[1].encode(quiet) == []
        if start % (50 * len(quiet)) == 0:
            lines += written(encoders[1], f"line {start}")
    assert frames + encoders[0].flush() == said.frames
    decoder, other = codec.decoder(), codec.decoder()
    for frame, sound, line in zip(said.frames, said.sounds, lines, strict=False):
        other.decode(line)
        np.testing.assert_array_equal(decoder.decode(frame), sound)


def test_who_has_not_agreed_sends_nothing_of_the_voice_whoever_wants_it(
    codec: Codec, said: Said
) -> None:
    encoder, decoder = codec.encoder(), codec.decoder()
    assert isinstance(encoder, Writable) and isinstance(decoder, Speaking)
    encoder.want_sample(True)
    assert encoded(codec, said.pcm, encoder) + encoder.flush() == said.frames
    assert not any(frame.priority for frame in said.frames) and not decoder.wants_sample


def test_threads_with_their_own_streams(codec: Codec, said: Said) -> None:
    def call(frames: list[Frame]) -> Pcm:
        decoder = codec.decoder()
        return np.concatenate([decoder.decode(frame) for frame in frames])

    with ThreadPoolExecutor(2) as pool:
        for sound in pool.map(call, [said.frames] * 2):
            np.testing.assert_array_equal(sound, np.concatenate(said.sounds))


@pytest.mark.parametrize("kind", bad_audio(10))
def test_bad_audio_is_refused_and_forgotten(codec: Codec, kind: str) -> None:
    encoder = codec.encoder()
    with pytest.raises(BadAudio, match=codec.spec.name):
        encoder.encode(bad_audio(codec.spec.frame_samples)[kind])  # type: ignore[arg-type]  # the point
    assert encoder.encode(np.zeros(codec.spec.frame_samples, np.float32)) == []
    assert encoder.flush() == []


@pytest.mark.parametrize("line", ["ahoy", "Größe 12 m, rope! 🚢", " \n", "a" * 400, "\ud800"])
def test_any_line_that_is_written_is_read_as_it_was(codec: Codec, line: str) -> None:
    encoder, decoder = codec.encoder(), codec.decoder()
    for text in (line, "and on"):
        for frame in written(encoder, text):
            assert np.isfinite(decoder.decode(frame)).all()
    heard = final(decoder)
    assert [caption.words for caption in heard] == [line.replace("\ud800", "\ufffd"), "and on"]
    assert all(caption.is_written for caption in heard)


@pytest.mark.parametrize("line", ["", "a" * 401])
def test_a_line_without_end_is_refused(codec: Codec, line: str) -> None:
    with pytest.raises(ValueError, match="1 to 400"):
        written(codec.encoder(), line)


@FEW
@given(frames=st.lists(GARBAGE, max_size=4))
def test_foreign_frames_are_refused_or_spoken_and_the_stream_goes_on(
    codec: Codec, frames: list[Frame]
) -> None:
    decoder = codec.decoder()
    for frame in frames:
        try:
            pcm = decoder.decode(frame)
        except BadFrame as fault:
            assert "\n" not in str(fault)
            continue
        assert np.isfinite(pcm).all() and np.abs(pcm).max(initial=0.0) <= 1.0
    final(decoder)
    (line,) = written(codec.encoder(), "ahoy")
    assert len(decoder.decode(line)) and [it.words for it in final(decoder)] == ["ahoy"]


def test_a_part_of_a_frame_is_refused_or_spoken(codec: Codec, said: Said) -> None:
    frame = said.frames[0]
    for size in range(1, len(frame.payload), 5):
        try:
            pcm = codec.decoder().decode(replace(frame, payload=frame.payload[:size]))
        except BadFrame:
            continue
        assert np.isfinite(pcm).all()


def test_an_unknown_setting_is_refused_by_name(case: Case) -> None:
    with pytest.raises(BadSettings, match="loudness"):
        registry.load(case.codec, {**case.settings, "loudness": 11})
