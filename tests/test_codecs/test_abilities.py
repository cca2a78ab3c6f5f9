"""Modes of one network that go on in each other's streams: no gap, no click, nothing forgotten."""

from itertools import pairwise

import numpy as np
import pytest

from sotto_codecs import registry
from sotto_codecs.abilities import Continuing
from sotto_codecs.base import Codec, Frame, Pcm
from sotto_codecs.registry import Settings
from tests.hearing import distance_db
from tests.speech import Speech
from tests.test_codecs.streams import decoded, encoded, talk

PAIRS: list[tuple[str, Settings, Settings]] = [
    ("tiny", {"stages": 16}, {"stages": 8}),
    ("tiny", {"stages": 3}, {"stages": 12}),
    ("focal", {"rate": "800"}, {"rate": "600"}),
    ("focal", {"rate": "600"}, {"rate": "550"}),
    ("focal", {"rate": "550"}, {"rate": "800"}),
]
SWITCH_S = 1.92  # whole frames of all of them, in the middle of a word
Both = tuple[Codec, Codec]


@pytest.fixture(params=PAIRS, ids=str)
def both(request: pytest.FixtureRequest) -> Both:
    name, old, new = request.param
    return registry.load(name, old), registry.load(name, new)


def switched(codecs: Both, pcm: Pcm) -> tuple[list[Frame], Pcm]:
    """Coded and decoded in the first until SWITCH_S, and from then on in the second."""
    old, new = codecs
    assert isinstance(new, Continuing)
    at = round(SWITCH_S * old.spec.sample_rate_hz)
    encoder, decoder = old.encoder(), old.decoder()
    frames = encoded(old, pcm[:at], encoder)
    sound = [decoder.decode(frame) for frame in frames]
    later = encoded(new, pcm[at:], new.encoder_after(encoder))
    decoder = new.decoder_after(decoder)
    sound += [decoder.decode(frame) for frame in later]
    return frames + later, np.concatenate(sound)


def test_frames_follow_one_another_in_both_modes(both: Both, speech: Speech) -> None:
    frames, sound = switched(both, talk(both[1], speech, 4.8))
    assert all(it.start_sample + it.samples == next_.start_sample for it, next_ in pairwise(frames))
    assert len(sound) == frames[-1].start_sample + frames[-1].samples
    sizes = [len(it.payload) for it in frames]
    assert sizes == sorted(sizes, reverse=sizes[0] > sizes[-1])


def test_a_switch_is_heard_at_once_and_makes_no_click(both: Both, speech: Speech) -> None:
    old, new = both
    pcm, rate_hz = talk(new, speech, 4.8), new.spec.sample_rate_hz
    _, sound = switched(both, pcm)
    at = round(SWITCH_S * rate_hz)
    alone = [decoded(codec, encoded(codec, pcm)) for codec in both]
    np.testing.assert_array_equal(sound[:at], alone[0][:at])
    near = slice(at - rate_hz // 50, at + rate_hz // 10)
    between = distance_db(alone[0][near], alone[1][near], rate_hz)
    for other in alone:
        assert distance_db(sound[near], other[near], rate_hz) < between + 1
    edge = np.abs(np.diff(sound[at - 2 : at + 2])).max()
    usual = max(np.abs(np.diff(other[near])).max() for other in alone)
    assert edge <= usual
    assert distance_db(sound[at + rate_hz // 2 :], alone[1][at + rate_hz // 2 :], rate_hz) < 0.5


def test_what_is_of_another_codec_is_not_gone_on_with(both: Both, speech: Speech) -> None:
    other = registry.load("codec2", {"rate": "3200"})
    codec = both[1]
    assert isinstance(codec, Continuing)
    pcm = talk(codec, speech, 1)
    frames = encoded(codec, pcm, codec.encoder_after(other.encoder()))
    assert frames == encoded(codec, pcm)
    decoder = codec.decoder_after(other.decoder())
    sound = np.concatenate([decoder.decode(frame) for frame in frames])
    np.testing.assert_array_equal(sound, decoded(codec, frames))


def test_fewer_stages_after_a_switch_are_the_first_of_what_all_would_have_been(
    speech: Speech,
) -> None:
    both = registry.load("tiny", {"stages": 16}), registry.load("tiny", {"stages": 8})
    pcm = talk(both[0], speech, 4)
    _, sound = switched(both, pcm)
    frames, at_s = encoded(both[0], pcm), SWITCH_S * both[0].spec.sample_rate_hz
    cut = [
        it if it.start_sample < at_s else Frame(it.payload[:10], it.start_sample, it.samples)
        for it in frames
    ]
    np.testing.assert_array_equal(sound, decoded(both[0], cut))
