"""Two pipelines in text mode: who agrees is spoken like where an engine can, and not any more when
that is taken back."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from sotto_app.media.pipeline import Pipeline
from sotto_codecs.backends.stcts import Stcts
from sotto_codecs.base import Pcm
from sotto_codecs.text.speaking import SYNTHESISERS
from sotto_codecs.text.voice.knowing import Embedding
from sotto_codecs.text.voice.sending import Voices
from tests.cloning import CLONER, Cloner
from tests.counting import Ticking
from tests.speech import Speech
from tests.test_app.media.test_pipeline import pipelines
from tests.test_app.media.virtual_call import MODES, RATE_HZ, Browser

pytest.importorskip("pyworld")

NEUTRAL, WOMAN = "rms", "slt"  # who talks is a woman
PATIENCE_S = 60.0
MOST_TRIES = 100


class Anybody:
    """Takes everybody for the same."""

    radius = sure = 1.0

    def embed(self, pcm: Pcm) -> Embedding | None:
        return np.zeros(1, np.float32)


@dataclass
class Call:
    """Ada talks, Bo listens."""

    ada: Pipeline
    cloner: Cloner
    woman: Pcm  # a sentence at RATE_HZ
    browser: Browser = field(default_factory=lambda: Browser("text"))

    def say(self) -> str:
        """The sentence, as fast as it is understood. The voice that has spoken it."""
        size, before = self.browser.frame_samples, len(self.cloner.spoke)
        for at in range(0, len(self.woman) - size, size):
            while self.ada.talking.behind_s > 2.0:
                time.sleep(0.005)
            if packet := self.browser.packet(self.woman[at : at + size]):
                self.ada.talking.receive(packet)
            time.sleep(0.001)
        wait_for(lambda: len(self.cloner.spoke) > before)
        return self.cloner.spoke[-1]

    def until(self, voice: str) -> list[str]:
        """Says it until that voice speaks. Those that did before."""
        before = list[str]()
        while (spoke := self.say()) != voice:
            before.append(spoke)
            assert len(before) < MOST_TRIES
        return before


def wait_for(done: Callable[[], bool]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < until_s
        time.sleep(0.01)


@pytest.fixture
def call(speech: Speech, monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    monkeypatch.setitem(SYNTHESISERS, "cloner", CLONER)
    codec = Stcts(prosody="none", stt="pocketsphinx", tts="cloner")
    codec.engine, codec.voices = Ticking("moon"), Voices(Anybody)
    modes = replace(MODES, codecs={**MODES.codecs, "text": codec})
    woman = np.concatenate([speech.at(RATE_HZ)[: 4 * RATE_HZ], np.zeros(RATE_HZ, np.float32)])
    before = threading.active_count()
    cloner = codec.speaker("en")
    assert isinstance(cloner, Cloner)
    with pipelines("text", "perfect", modes) as (ada, _):
        yield Call(ada, cloner, woman)
    assert threading.active_count() == before


def test_who_agrees_is_spoken_like_until_that_is_taken_back(call: Call) -> None:
    assert call.say() == NEUTRAL
    call.ada.talking.share_voice(True)
    before = call.until(WOMAN)
    assert len(before) > 2 and set(before) == {NEUTRAL}
    call.ada.talking.share_voice(False)
    call.until(NEUTRAL)
    assert {call.say() for _ in range(4)} == {NEUTRAL}
