"""What was told, on its way to words and sound, on the thread of the speech."""

import queue
from collections.abc import Iterator

import pytest

from sotto_app.media.speech import Speech
from sotto_app.media.told import told
from sotto_codecs import registry
from sotto_codecs.backends.stcts import Stcts
from sotto_codecs.base import Codec, Frame
from sotto_codecs.errors import Unspeakable
from sotto_codecs.text.coding.text import TextEncoder, text_model
from sotto_codecs.text.speaking import SYNTHESISERS, Spoken
from sotto_codecs.text.streams import ABOUT, PLAIN
from sotto_codecs.text.voice.bases import CARDS
from tests.cloning import CLONER

CARD = b"\0" + bytes.fromhex(CARDS["slt"])


@pytest.fixture(scope="module")
def codec() -> Codec:
    return registry.load("stcts", {"stt": "pocketsphinx", "tts": "flite"})


def phrase(words: str) -> bytes:
    return told(7, Frame(TextEncoder(text_model()).encode(words), 0, 0, PLAIN)).data


def test_a_language_that_nobody_speaks_is_known_until_another_talks(codec: Codec) -> None:
    sounds, unspoken = queue.Queue[int](), list[str]()

    def codec_of(mode: int) -> Codec:
        unspoken.append(speech.unspoken)  # before each that was told
        return codec

    speech = Speech(codec_of, lambda mode, pcm, rate_hz: sounds.put(len(pcm)))
    try:
        speech.say(told(7, Frame(b"\x02tlh", 0, 0, ABOUT)).data)
        speech.say(phrase("nuqneh"))
        speech.restart()
        speech.say(phrase("hello"))
        assert sounds.get(timeout=30) > 0
    finally:
        speech.stop()
        speech.join()
    assert unspoken == ["", "tlh", ""] and speech.unspoken == ""
    assert [caption.words for caption in speech.captions()] == ["nuqneh", "hello"]


def test_a_sample_is_wished_for_where_an_engine_can_speak_like_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(SYNTHESISERS, "cloner", CLONER)
    cloner, wishes = Stcts(prosody="none", stt="pocketsphinx", tts="cloner"), queue.Queue[bool]()
    speech = Speech(
        lambda mode: cloner,
        lambda mode, pcm, rate_hz: None,
        lambda: wishes.put(speech.wants_sample),
    )
    try:
        for payload in (CARD, b"\1 no sample", CARD, b"\0", CARD):
            speech.say(told(7, Frame(payload, 0, 0, ABOUT)).data)
        speech.restart()
        assert [wishes.get(timeout=30) for _ in range(4)] == [True, False, True, False]
        assert speech.dropped == {"BadFrame": 1} and wishes.empty()
    finally:
        speech.stop()
        speech.join()


def test_words_can_be_read_while_they_are_being_spoken() -> None:
    read = queue.Queue[list[str]]()

    class Slow:
        """A synthesiser that fails in the end."""

        name = "slow"

        def voices(self, language: str) -> tuple[str, ...]:
            return ("one",)

        def speak(self, text: str, voice: str = "") -> Iterator[Spoken]:
            read.put([caption.words for caption in speech.captions()])
            raise Unspeakable("nobody is there")
            yield

    class Mute(Stcts):
        def speaker(self, language: str) -> Slow:  # type: ignore[override]
            return Slow()

    slow = Mute(stt="pocketsphinx", tts="flite")
    speech = Speech(lambda mode: slow, lambda mode, pcm, rate_hz: None)
    try:
        speech.say(phrase("hello"))
        assert read.get(timeout=30) == ["hello"]
    finally:
        speech.stop()
        speech.join()
    assert speech.captions() == []
