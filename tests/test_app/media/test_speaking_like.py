"""Two pipelines in text mode: who agrees is spoken like where an engine can, and not any more when
that is taken back."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from sotto_app.media.downlink import OpusOut
from sotto_app.media.pipeline import Pipeline
from sotto_codecs.backends.libopus import OpusDecoder
from sotto_codecs.backends.stcts import Stcts
from sotto_codecs.base import Pcm
from sotto_codecs.text.speaking import RATE_HZ as SAMPLE_HZ
from sotto_codecs.text.speaking import SYNTHESISERS
from sotto_codecs.text.voice.knowing import Embedding
from sotto_codecs.text.voice.sending import Voices
from tests.cloning import CLONER, pitch_hz
from tests.counting import Ticking
from tests.speech import Speech
from tests.test_app.media.test_pipeline import pipelines
from tests.test_app.media.virtual_call import MODES, RATE_HZ, Browser

pytest.importorskip("pyworld")

LOW_HZ, HIGH_HZ = 130, 145  # the neutral voice is below, the woman who talks above
PATIENCE_S = 60.0
MOST_TRIES = 40


class Anybody:
    """Takes everybody for the same."""

    radius = sure = 1.0

    def embed(self, pcm: Pcm) -> Embedding | None:
        return np.zeros(1, np.float32)


@dataclass
class Call:
    """Ada talks, Bo listens."""

    ada: Pipeline
    bo: Pipeline
    woman: Pcm  # a sentence at RATE_HZ
    browser: Browser = field(default_factory=lambda: Browser("text"))
    heard: list[OpusOut] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bo.listening.play = self.heard.append

    def say(self) -> float:
        """The sentence, as fast as it is understood. The pitch of what Bo heard of it, if any."""
        self.heard.clear()
        size = self.browser.frame_samples
        for at in range(0, len(self.woman) - size, size):
            while self.ada.talking.behind_s > 2.0:
                time.sleep(0.005)
            if packet := self.browser.packet(self.woman[at : at + size]):
                self.ada.talking.receive(packet)
            time.sleep(0.001)
        wait_for(lambda: len(self.heard) > 40)
        return self.pitch_hz()

    def until(self, is_so: Callable[[float], bool]) -> list[float]:
        """Says it until it is heard so. How it was heard before: playing takes its own time."""
        before_hz = list[float]()
        while not is_so(hertz := self.say()):
            before_hz.append(hertz)
            assert len(before_hz) < MOST_TRIES, before_hz
        return before_hz

    def pitch_hz(self) -> float:
        decoder = OpusDecoder(RATE_HZ, 1)
        sound = np.concatenate([decoder.decode(it.payload) for it in list(self.heard)])
        return pitch_hz(sound[:: RATE_HZ // SAMPLE_HZ])


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
    with pipelines("text", "perfect", modes) as (ada, bo):
        yield Call(ada, bo, woman)
    assert threading.active_count() == before


def test_who_agrees_is_spoken_like_until_that_is_taken_back(call: Call) -> None:
    assert call.say() < LOW_HZ
    call.ada.talking.share_voice(True)
    before_hz = call.until(lambda hertz: hertz > HIGH_HZ)
    assert len(before_hz) > 2 and max(before_hz) < HIGH_HZ
    call.ada.talking.share_voice(False)
    call.until(lambda hertz: hertz < LOW_HZ)
