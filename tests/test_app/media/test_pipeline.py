"""Two pipelines with their threads: who works where, and that both ends hear and stop."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from sotto_app.link.profile import LinkProfile
from sotto_app.media.downlink import OpusOut
from sotto_app.media.pipeline import Pipeline
from tests.speech import Speech
from tests.test_app.media.virtual_call import CATALOGUE, MODES, RATE_HZ, Browser


@contextmanager
def pipelines(mode: str, link: str) -> Iterator[tuple[Pipeline, Pipeline]]:
    profile: LinkProfile = CATALOGUE.links[link]
    pair = tuple(Pipeline(name, MODES, CATALOGUE.modes[mode], profile) for name in ("A", "B"))
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
