"""One listener: whose voice speaks, and what of a voice is refused while the words go on."""

from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_codecs.backends.stcts import Stcts
from sotto_codecs.base import Frame, Pcm
from sotto_codecs.errors import BadFrame, CodecError, Unspeakable
from sotto_codecs.text.coding.text import TextEncoder, text_model
from sotto_codecs.text.decoding import Decoder
from sotto_codecs.text.speaking import RATE_HZ, SYNTHESISERS
from sotto_codecs.text.streams import ABOUT, PLAIN
from sotto_codecs.text.voice import sample as voice_sample
from sotto_codecs.text.voice.bases import CARDS
from tests.cloning import CLONER, pitch_hz
from tests.speech import Speech

pytest.importorskip("pyworld")

CARD, OTHER_CARD = (bytes([0]) + bytes.fromhex(CARDS[name]) for name in ("slt", "awb"))
NEUTRAL, GERMAN, ENGLISH = b"\0", b"\2de", b"\2en"
LOW_HZ, HIGH_HZ = 130, 145  # the neutral voice is below, the woman of the sample above


@pytest.fixture(scope="module")
def codec() -> Iterator[Stcts]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SYNTHESISERS, "cloner", CLONER)
        yield Stcts(prosody="none", stt="pocketsphinx", tts="cloner")


@pytest.fixture
def decoder(codec: Stcts) -> Decoder:
    return codec.decoder()


@pytest.fixture(scope="module")
def sample(speech: Speech) -> bytes:
    """Of a woman."""
    return voice_sample.encode(speech.at(RATE_HZ)[: 3 * RATE_HZ])


def learn(decoder: Decoder, *payloads: bytes) -> None:
    for payload in payloads:
        assert len(decoder.decode(Frame(payload, 0, 0, ABOUT))) == 0


def spoken(decoder: Decoder) -> Pcm:
    """The first words that it hears."""
    payload = TextEncoder(text_model()).encode("the boy was there when the sun rose")
    return decoder.decode(Frame(payload, 0, 0, PLAIN))


def test_the_next_phrase_is_spoken_like_the_sample(decoder: Decoder, sample: bytes) -> None:
    learn(decoder, CARD)
    assert pitch_hz(spoken(decoder)) < LOW_HZ
    learn(decoder, sample)
    assert pitch_hz(spoken(decoder)) > HIGH_HZ


def test_it_is_wanted_of_whom_a_card_is_known_where_an_engine_can(
    decoder: Decoder, sample: bytes
) -> None:
    seen = [decoder.wants_sample]
    for payload in (CARD, sample, GERMAN, ENGLISH, NEUTRAL):
        learn(decoder, payload)
        seen.append(decoder.wants_sample)
    assert seen == [False, True, True, False, True, False]


def test_an_engine_that_cannot_wants_none_and_is_not_moved_by_one(sample: bytes) -> None:
    flite = Stcts(prosody="none", stt="pocketsphinx", tts="flite")
    one, other = flite.decoder(), flite.decoder()
    learn(one, CARD)
    learn(other, CARD, sample)
    assert not one.wants_sample and not other.wants_sample
    np.testing.assert_array_equal(spoken(one), spoken(other))


@pytest.mark.parametrize("forgets", [NEUTRAL, OTHER_CARD])
def test_it_is_forgotten_with_the_talker(decoder: Decoder, sample: bytes, forgets: bytes) -> None:
    learn(decoder, CARD, sample, forgets)
    assert pitch_hz(spoken(decoder)) < LOW_HZ


@pytest.mark.parametrize("between", [(CARD,), (GERMAN, ENGLISH)])
def test_it_is_kept_while_the_talker_is_the_same(
    decoder: Decoder, sample: bytes, between: tuple[bytes, ...]
) -> None:
    learn(decoder, CARD, sample, *between)
    assert pitch_hz(spoken(decoder)) > HIGH_HZ


def test_of_an_engine_that_fails_over_it_the_own_voice_speaks(
    decoder: Decoder, sample: bytes
) -> None:
    short = sample[:2] + bytes([50]) + sample[3:253]
    learn(decoder, CARD)
    with pytest.raises(Unspeakable, match="too little"):
        learn(decoder, short)
    assert pitch_hz(spoken(decoder)) < LOW_HZ


def test_a_cut_or_foreign_sample_is_refused_and_the_voice_stays(
    decoder: Decoder, sample: bytes
) -> None:
    learn(decoder, CARD, sample)
    for broken in (sample[:-1], sample[:-5], sample[:2], sample + sample, b"\3" + sample[1:]):
        with pytest.raises(BadFrame):
            learn(decoder, broken)
    assert pitch_hz(spoken(decoder)) > HIGH_HZ


@settings(max_examples=8, deadline=None)
@given(size=st.integers(0, 900), tail=st.binary(max_size=20), head=st.binary(max_size=3))
def test_whatever_stands_there_the_call_goes_on(
    codec: Stcts, sample: bytes, size: int, tail: bytes, head: bytes
) -> None:
    decoder = codec.decoder()
    with suppress(CodecError):
        learn(decoder, CARD, head + sample[len(head) : size] + tail)
    pcm = spoken(decoder)
    assert len(pcm) > RATE_HZ // 2 and np.isfinite(pcm).all()
