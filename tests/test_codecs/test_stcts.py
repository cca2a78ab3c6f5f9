"""Text mode as a codec: what is said is heard as words, each phrase once, in the talker's way."""

from functools import partial

import numpy as np
import pytest

from sotto_codecs import registry
from sotto_codecs.backends.stcts import Stcts
from sotto_codecs.backends.tiny import Tiny
from sotto_codecs.base import Codec, Encoder, Frame, Pcm
from sotto_codecs.errors import BadFrame, BadSettings
from sotto_codecs.events import Captioned, Speaking, Writable
from sotto_codecs.text.coding.text import TextEncoder, text_model
from sotto_codecs.text.decoding import prompt
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.prosody import coding as prosody_coding
from sotto_codecs.text.prosody.curves import Curve
from sotto_codecs.text.prosody.measuring import Prosody
from sotto_codecs.text.streams import ABOUT, FRAME_SAMPLES, PLAIN, RATE_HZ, WITH_PROSODY, WRITTEN
from sotto_codecs.text.voice.bases import CARDS
from sotto_codecs.text.voice.sample import STAGES
from tests.speech import Speech

PAUSE = np.zeros(RATE_HZ, np.float32)


@pytest.fixture(scope="module")
def codec() -> Codec:
    return registry.load("stcts", {"prosody": "sparse", "stt": "pocketsphinx", "tts": "flite"})


@pytest.fixture(scope="module")
def said(speech: Speech, codec: Codec) -> list[Frame]:
    return encoded(codec.encoder(), np.concatenate([speech.at(RATE_HZ), PAUSE]))


def encoded(encoder: Encoder, pcm: Pcm) -> list[Frame]:
    whole = pcm[: len(pcm) // FRAME_SAMPLES * FRAME_SAMPLES]
    frames = [
        it for piece in np.split(whole, len(whole) // FRAME_SAMPLES) for it in encoder.encode(piece)
    ]
    return frames + encoder.flush()


def captions(stream: object) -> list[str]:
    assert isinstance(stream, Captioned)
    return [caption.words for caption in stream.captions() if caption.is_final]


def test_the_far_end_has_each_phrase_that_was_recognised_and_speaks_it(
    codec: Codec, speech: Speech
) -> None:
    encoder, decoder = codec.encoder(), codec.decoder()
    frames = encoded(encoder, np.concatenate([speech.at(RATE_HZ), PAUSE]))
    sounds = [decoder.decode(frame) for frame in frames]
    recognised = captions(encoder)
    assert len(recognised) >= 4 and captions(decoder) == recognised
    assert "chicken leg" in " ".join(recognised)
    assert all(len(it) > RATE_HZ / 4 and np.abs(it).max() > 0.05 for it in sounds)
    assert all(np.isfinite(it).all() for it in sounds)
    spoken_s, said_s = sum(map(len, sounds)) / RATE_HZ, len(speech.at(RATE_HZ)) / RATE_HZ
    assert 0.6 < spoken_s / said_s < 1.4


def test_two_who_talk_at_once_spoil_those_words_and_none_that_come_after(
    codec: Codec, speech: Speech
) -> None:
    one, other = np.split(speech.at(RATE_HZ)[: len(speech.at(RATE_HZ)) // 2 * 2], 2)
    encoder, decoder = codec.encoder(), codec.decoder()
    for frame in encoded(encoder, np.concatenate([0.5 * (one + other), PAUSE, one, PAUSE])):
        decoder.decode(frame)
    read = captions(decoder)
    assert read == captions(encoder) and "chicken leg" in " ".join(read)


def test_prosody_is_heard(codec: Codec) -> None:
    coder = TextEncoder(text_model())
    plain = Frame(coder.encode("when the sun rose"), 0, 0, PLAIN)
    coder = TextEncoder(text_model())
    payload = coder.encode("when the sun rose", partial(prosody_coding.write, SUN_ROSE, "sparse"))
    own, moved = (
        codec.decoder().decode(frame) for frame in (plain, Frame(payload, 0, 0, WITH_PROSODY))
    )
    assert len(moved) != len(own) or np.abs(moved - own).max() > 0.05


def test_a_voice_is_described_once_and_only_where_its_owner_agrees(
    codec: Codec, said: list[Frame], speech: Speech
) -> None:
    assert not any(frame.stream == ABOUT for frame in said)
    encoder = codec.encoder()
    assert isinstance(encoder, Writable)
    encoder.share_voice(True)
    frames = encoded(encoder, np.concatenate([speech.at(RATE_HZ), PAUSE]))
    (card,) = (frame for frame in frames if frame.stream == ABOUT)
    assert len(card.payload) <= 64 and card.samples == 0
    neutral, alike = codec.decoder(), codec.decoder()
    assert len(alike.decode(card)) == 0
    phrase = next(frame for frame in frames if frame.stream == WITH_PROSODY)
    own, warped = neutral.decode(phrase), alike.decode(phrase)
    both = min(len(own), len(warped))
    assert np.abs(own[:both] - warped[:both]).max() > 0.05


TEXT_MODEL = "f96d2571"  # what texts are coded by
GOLDEN = {  # one stream, in this order
    "a line": (WRITTEN, "fffc722fa597e9c383816621ee2c64c72237", "rope, 12 m!"),
    "a phrase": (PLAIN, "01f1c79a", "the boy was there"),
    "how it was said": (WITH_PROSODY, "3eff92a7daa080", "when the sun rose"),
    "a card": (ABOUT, f"00 {CARDS['awb']}", None),
    "no card": (ABOUT, "00", None),
    "a sample": (ABOUT, f"01 {Tiny(STAGES).spec.version:02x} 32" + 50 * " 0001020304", None),
    "a language": (ABOUT, "02 6465", None),
}
SUN_ROSE = Prosody(
    (Word("when", 0, 0.25), Word("the", 0.25, 0.5), Word("sun", 0.5, 1), Word("rose", 1.25, 1.75)),
    Curve(3 * np.cos(np.pi * np.arange(176) / 176), np.ones(176)),
    Curve(np.zeros(176), np.ones(176)),
)


def test_golden_frames_of_every_kind(codec: Codec) -> None:
    assert codec.spec.version.to_bytes(4).hex() == TEXT_MODEL
    decoder, coder = codec.decoder(), TextEncoder(text_model())
    for stream, golden, words in GOLDEN.values():
        payload = bytes.fromhex(golden)
        heard = decoder.decode(Frame(payload, 0, 0, stream))
        assert captions(decoder) == ([words] if words else [])
        assert bool(len(heard)) == bool(words)
        if words:
            write = partial(prosody_coding.write, SUN_ROSE, "sparse")
            assert coder.encode(words, write if stream == WITH_PROSODY else None) == payload
            coder.acknowledged(coder.number)


def test_a_written_line_comes_as_it_was(codec: Codec) -> None:
    encoder, decoder = codec.encoder(), codec.decoder()
    assert isinstance(encoder, Writable)
    (frame,) = encoder.write("Größe 12 m, rope! 🚢")
    assert frame.stream == WRITTEN
    decoder.decode(frame)
    assert isinstance(decoder, Captioned)
    (caption,) = decoder.captions()
    assert (caption.words, caption.is_written) == ("Größe 12 m, rope! 🚢", True)
    with pytest.raises(ValueError, match="1 to 400"):
        encoder.write("")


def test_the_language_is_told_once_before_the_first_words() -> None:
    encoder = registry.load("stcts", {"language": "en-GB", "stt": "pocketsphinx"}).encoder()
    assert isinstance(encoder, Writable)
    frames = [*encoder.write("hello"), *encoder.write("again")]
    assert [frame.stream for frame in frames] == [ABOUT, WRITTEN, WRITTEN]
    assert frames[0].payload == b"\x02en-GB" and frames[0].priority == 0


def test_english_costs_nothing_and_is_what_is_spoken_first(codec: Codec, said: list[Frame]) -> None:
    assert not any(frame.stream == ABOUT for frame in said)


def test_the_voice_that_is_wanted_speaks_what_it_can() -> None:
    flite, espeak = (Stcts(stt="pocketsphinx", tts=name) for name in ("flite", "espeak-ng"))
    speakers = [
        flite.speaker("en"),
        espeak.speaker("en"),
        flite.speaker("de"),
        flite.speaker("tlh"),
    ]
    assert [it and it.name for it in speakers] == ["flite", "espeak-ng", "espeak-ng", None]


def test_a_language_that_somebody_speaks_is_spoken_by_another_voice(codec: Codec) -> None:
    hello = Frame(TextEncoder(text_model()).encode("guten morgen"), 0, 0, PLAIN)
    english, german = codec.decoder(), codec.decoder()
    assert len(german.decode(Frame(b"\x02de", 0, 0, ABOUT))) == 0
    one, other = english.decode(hello), german.decode(hello)
    assert len(one) and len(other) and len(one) != len(other)
    assert isinstance(german, Speaking) and german.unspoken == ""


def test_a_language_that_nobody_speaks_is_read_and_said_to_be_so(codec: Codec) -> None:
    coder, decoder = TextEncoder(text_model()), codec.decoder()
    decoder.decode(Frame(b"\x02tlh", 0, 0, ABOUT))
    assert len(decoder.decode(Frame(coder.encode("nuqneh"), 0, 0, PLAIN))) == 0
    assert isinstance(decoder, Speaking)
    assert (captions(decoder), decoder.unspoken) == (["nuqneh"], "tlh")
    with pytest.raises(BadFrame):
        decoder.decode(Frame(b"\x02..", 0, 0, ABOUT))
    assert decoder.unspoken == "tlh"
    decoder.decode(Frame(b"\x02en", 0, 0, ABOUT))
    coder.acknowledged(coder.number)
    assert len(decoder.decode(Frame(coder.encode("hello"), 0, 0, PLAIN)))
    assert decoder.unspoken == ""


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(BadSettings, match="'Deutsch' is no language; one is like en, de or pt-BR"):
        registry.load("stcts", {"language": "Deutsch"})
    with pytest.raises(BadSettings, match='pocketsphinx .* does not know "de"; it knows en'):
        registry.load("stcts", {"language": "de", "stt": "pocketsphinx"})
    with pytest.raises(BadSettings, match="prosody is none, sparse, dense"):
        registry.load("stcts", {"prosody": "much"})


def test_a_phrase_begins_at_once_and_with_its_weakest_consonant() -> None:
    quiet, weak = np.zeros(RATE_HZ // 2, np.float32), np.full(800, 0.004, np.float32)
    loud = np.full(800, 0.5, np.float32)
    begun = prompt(np.concatenate([quiet, weak, loud]))
    np.testing.assert_array_equal(begun, np.concatenate([weak, loud]))
    np.testing.assert_array_equal(prompt(quiet), quiet)
    assert len(prompt(quiet[:0])) == 0
