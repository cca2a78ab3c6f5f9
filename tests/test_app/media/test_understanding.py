"""What is said becomes words on another thread: all of it, in order, and no thread stays."""

import logging
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from sotto_app.media import understanding
from sotto_app.media.understanding import Understanding
from sotto_codecs import registry
from sotto_codecs.backends.stcts import Stcts
from sotto_codecs.base import Frame, Pcm
from sotto_codecs.events import Caption, Deferrable
from sotto_codecs.text import listening
from sotto_codecs.text.coding.text import TextDecoder, text_model
from sotto_codecs.text.recognising import Engine as AnyEngine
from sotto_codecs.text.streams import FRAME_SAMPLES, PLAIN, WRITTEN
from sotto_codecs.text.talkspurt import RATE_HZ
from tests.counting import PATIENCE_S, Engine, Gated, Loudness, halves, stream


class Talk:
    """One talker's encoder aside, and what came of it so far."""

    def __init__(self, engine: AnyEngine) -> None:
        codec = registry.load("stcts", {"prosody": "none", "stt": "pocketsphinx", "tts": "flite"})
        assert isinstance(codec, Stcts)
        codec.engine = engine
        encoder = codec.encoder()
        assert isinstance(encoder, Deferrable)
        self.frames, self.captions = list[Frame](), list[Caption]()
        self._woken = threading.Event()
        self.aside = Understanding(encoder, RATE_HZ, self._woken.set)

    def say(self, pcm: Pcm) -> None:
        for block in np.split(pcm, len(pcm) // FRAME_SAMPLES):
            assert self.aside.encode(block) == []

    def heed(self) -> None:
        """Until something is there to take."""
        assert self._woken.wait(PATIENCE_S)
        self._woken.clear()
        self._take()

    def _take(self) -> None:
        frames, captions = self.aside.take()
        self.frames += frames
        self.captions += captions

    def end(self) -> list[str]:
        """All words, when all is over."""
        self.aside.end()
        while not self.aside.is_over:
            self.heed()
        self._take()
        self.aside.join()
        return self.words(PLAIN)

    def words(self, kind: int) -> list[str]:
        decoder = TextDecoder(text_model())
        texts = [(it.stream, decoder.decode(it.payload)) for it in self.frames]
        return [word for stream, text in texts if stream == kind for word in text.split()]


@pytest.fixture(autouse=True)
def no_thread_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(listening, "SileroActivity", Loudness)
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def test_words_come_while_the_talker_goes_on_and_the_last_ones_at_the_end() -> None:
    talk = Talk(Engine())
    talk.say(stream([("loud", 2), ("quiet", 1)]))
    while not talk.frames:
        talk.heed()
    assert talk.words(PLAIN) == halves(0, 4)
    talk.say(stream([("quiet", 3), ("loud", 2)])[3 * RATE_HZ :])
    assert talk.end() == [*halves(0, 4), *halves(6, 10)]
    final = [caption.words for caption in talk.captions if caption.is_final]
    assert [word for words in final for word in words.split()] == [*halves(0, 4), *halves(6, 10)]
    assert any(not caption.is_final for caption in talk.captions)
    assert talk.aside.behind_s == 0.0


def test_ten_minutes_without_a_pause_lose_no_word() -> None:
    talk, sound = Talk(Engine()), stream([("loud", 600)])
    for minute in np.split(sound, 60):
        talk.say(minute)
        while talk.aside.behind_s > 5.0:
            talk.heed()
    assert talk.end() == halves(0, 1200)
    assert talk.aside.dropped == 0


def test_one_that_falls_behind_says_so_keeps_a_bounded_part_and_catches_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    engine = Gated()
    talk = Talk(engine)
    talk.say(stream([("loud", 100)]))
    most_s = understanding.MOST_WAITING_S + listening.QUEUE_S
    assert 3.0 < talk.aside.behind_s <= most_s
    kept = 100 * RATE_HZ - talk.aside.dropped
    assert 3.0 * RATE_HZ < kept <= most_s * RATE_HZ
    engine.gate.set()
    assert talk.end() == halves(0, round(2 * kept / RATE_HZ))
    assert talk.aside.behind_s == 0.0
    assert f"{talk.aside.dropped} {understanding.DROPPED}" in caplog.text


def test_a_written_line_does_not_wait_for_all_that_was_said() -> None:
    engine = Gated()
    talk = Talk(engine)
    talk.say(stream([("loud", 20), ("quiet", 1)]))
    talk.aside.write("rope")
    engine.gate.set()
    assert talk.end() == halves(0, 40)
    streams = [frame.stream for frame in talk.frames]
    assert streams.index(WRITTEN) == 0 and talk.words(WRITTEN) == ["rope"]


def test_a_line_that_cannot_be_is_given_up_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    talk = Talk(Engine())
    talk.aside.write("")
    talk.aside.write("rope")
    talk.end()
    assert talk.words(WRITTEN) == ["rope"]
    assert "not understood" in caplog.text


def test_who_gives_up_waits_for_nothing_that_was_said() -> None:
    talk = Talk(Engine())
    talk.say(stream([("loud", 25)]))
    talk.aside.give_up()
    talk.aside.join()
    assert talk.aside.is_over
