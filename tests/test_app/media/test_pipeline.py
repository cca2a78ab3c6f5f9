"""Two pipelines with their threads: who works where, and that both ends hear and stop."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from sotto_app.catalogue import Modes
from sotto_app.link.profile import LinkProfile
from sotto_app.media.downlink import OpusOut
from sotto_app.media.pipeline import Pipeline
from sotto_codecs import registry
from sotto_codecs.backends.stcts import Stcts
from sotto_codecs.text.recognisers.aside import Aside, AsideRecogniser
from tests.counting import Ticking
from tests.speech import Speech
from tests.test_app.media.virtual_call import CATALOGUE, MODES, RATE_HZ, Browser


@contextmanager
def pipelines(mode: str, link: str, modes: Modes = MODES) -> Iterator[tuple[Pipeline, Pipeline]]:
    profile: LinkProfile = CATALOGUE.links[link]
    pair = tuple(Pipeline(name, modes, CATALOGUE.modes[mode], profile) for name in ("A", "B"))
    one, other = pair
    one.connect(other)
    other.connect(one)
    try:
        yield one, other
    finally:
        for pipeline in pair:
            pipeline.stop()
        for pipeline in pair:
            pipeline.join()


def say(speech: Speech, mode: str, link: str) -> list[int]:
    """Two seconds of speech in real time; the threads on which its packets came out."""
    threads, browser = list[int](), Browser(mode)

    def play(packet: OpusOut) -> None:
        threads.append(threading.get_ident())

    with pipelines(mode, link) as (one, other):
        other.listening.play = play
        size = browser.frame_samples
        for at in range(RATE_HZ, 3 * RATE_HZ, size):
            if packet := browser.packet(speech.at(RATE_HZ)[at : at + size]):
                one.talking.receive(packet)
            time.sleep(size / RATE_HZ)  # a real thread keeps real time
        now = time.monotonic()
        bits, reception = one.talking.bits(now), other.listening.reception(now)
        assert reception.mode == mode and reception.delay_ms is not None
        assert bits.total_bytes == other.listening.bits(now).total_bytes > 500 or link != "perfect"
    return threads


def test_what_passes_undecoded_stays_on_the_thread_that_brought_it(speech: Speech) -> None:
    threads = say(speech, "opus-24k", "perfect")
    assert len(threads) > 80
    assert np.mean([thread == threading.get_ident() for thread in threads]) > 0.5


@pytest.mark.parametrize(("mode", "link"), [("codec2-1200", "perfect"), ("opus-24k", "lossy-wifi")])
def test_all_else_is_done_on_another_thread(mode: str, link: str, speech: Speech) -> None:
    threads = say(speech, mode, link)
    assert len(threads) > 60
    assert threading.get_ident() not in threads


def test_a_call_has_one_thread_for_each_direction_and_ends_them() -> None:
    before = threading.active_count()
    with pipelines("codec2-700c", "perfect"):
        assert threading.active_count() == before + 2
    assert threading.active_count() == before


class Watched(Aside):
    """Knows the processes that it gave away."""

    def __init__(self) -> None:
        super().__init__(f"{Ticking.__module__}:{Ticking.__name__}", "ticking", ("en",))
        self.pids = list[int]()

    def recogniser(self, language: str) -> AsideRecogniser:
        made = super().recogniser(language)
        self.pids.append(made.pid)
        return made


def test_many_calls_in_text_mode_leave_no_thread_and_no_process(speech: Speech) -> None:
    codec = registry.load("stcts", {"prosody": "none", "stt": "pocketsphinx", "tts": "flite"})
    assert isinstance(codec, Stcts)
    codec.engine = engine = Watched()
    modes = replace(MODES, codecs={**MODES.codecs, "text": codec})
    before = threading.active_count()
    for _ in range(6):
        browser = Browser("text")
        size = browser.frame_samples
        with pipelines("text", "perfect", modes) as (one, _):
            for at in range(0, RATE_HZ, size):
                if packet := browser.packet(speech.at(RATE_HZ)[at : at + size]):
                    one.talking.receive(packet)
    engine.close()
    assert threading.active_count() == before
    assert len(set(engine.pids)) == 6
    for pid in engine.pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
