"""A recogniser in a process of its own: the same words, and an end with whoever asks."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from sotto_codecs.errors import BadSettings
from sotto_codecs.text import listening
from sotto_codecs.text.listening import Listener
from sotto_codecs.text.recognisers import aside as asides
from sotto_codecs.text.recognisers.aside import Aside, AsideRecogniser, RecogniserGone
from sotto_codecs.text.recognisers.sphinx import Sphinx
from sotto_codecs.text.recognising import Recogniser, beside
from sotto_codecs.text.talkspurt import RATE_HZ, Talkspurts
from tests.counting import Counting, Engine, Loudness, halves, stream, texts
from tests.speech import Speech

COUNTING = f"{Engine.__module__}:{Engine.__name__}"


class Talkative(Engine):
    """Its library prints, and so does what it starts."""

    def recogniser(self, language: str) -> Recogniser:
        os.system("echo from a library")
        print("from Python", flush=True)  # noqa: T201  # that is what it is about
        return super().recogniser(language)


@pytest.fixture
def engine() -> Iterator[Aside]:
    made = Aside(COUNTING, "counting", ("en",))
    yield made
    made.close()


@pytest.fixture
def recogniser(engine: Aside) -> Iterator[AsideRecogniser]:
    made = engine.recogniser("en")
    yield made
    made.close()


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_hears_what_it_hears_without_a_process(recogniser: AsideRecogniser) -> None:
    sound, alone = stream([("loud", 5)]), Counting()
    for block in np.split(sound, 50):
        assert recogniser.feed(block) == alone.feed(block)
    assert recogniser.finish() == alone.finish()
    recogniser.start()
    assert recogniser.finish() == ()


def test_pocketsphinx_listens_aside_in_calls(speech: Speech) -> None:
    here = Sphinx()
    there = beside(here)
    assert isinstance(there, Aside) and beside(Sphinx()) is there
    assert (there.name, there.languages) == (here.name, here.languages)
    recogniser, alone = there.recogniser("en"), here.recogniser("en")
    assert recogniser.feed(speech.at_16k[: 3 * RATE_HZ]).words
    alone.feed(speech.at_16k[: 3 * RATE_HZ])
    assert recogniser.finish() == alone.finish()
    recogniser.close()
    there.close()


def test_an_engine_that_lets_others_run_needs_no_process() -> None:
    engine = Engine()
    assert beside(engine) is engine


def test_an_unknown_language_is_refused_at_once(engine: Aside) -> None:
    with pytest.raises(BadSettings, match='does not know "tlh"'):
        engine.recogniser("tlh")


def test_what_a_library_prints_is_no_answer() -> None:
    engine = Aside(f"{__name__}:{Talkative.__name__}", "talkative", ("en",))
    recogniser = engine.recogniser("en")
    recogniser.start()
    assert recogniser.feed(stream([("loud", 1)])).words
    recogniser.close()
    engine.close()


def test_one_stands_by_and_both_end_when_they_are_told(engine: Aside) -> None:
    one, other = engine.recogniser("en"), engine.recogniser("en")
    one.start()
    other.start()
    assert is_there(one.pid) and is_there(other.pid) and one.pid != other.pid
    one.close()
    assert not is_there(one.pid) and is_there(other.pid)
    with pytest.raises(RecogniserGone):
        one.start()
    one.close()
    other.close()
    engine.close()
    assert not is_there(other.pid)


def test_a_spare_that_was_killed_is_not_given_away(engine: Aside) -> None:
    engine.recogniser("en").close()
    killed = engine._spares["en"].pid
    os.kill(killed, signal.SIGKILL)
    os.waitid(os.P_PID, killed, os.WEXITED | os.WNOWAIT)
    recogniser = engine.recogniser("en")
    recogniser.start()
    assert recogniser.pid != killed and not is_there(killed)
    recogniser.close()


def test_a_process_that_is_killed_in_a_phrase_costs_no_word_that_was_heard(engine: Aside) -> None:
    one = Listener(engine, "en", Talkspurts(Loudness()))
    one.feed(stream([("loud", 3)]))
    recogniser = one._recogniser
    assert isinstance(recogniser, AsideRecogniser)
    os.kill(recogniser.pid, signal.SIGKILL)
    found = one.feed(stream([("loud", 6), ("quiet", 1)])[3 * RATE_HZ :]) + one.finish()
    assert texts(found)[:5] == halves(0, 5) and texts(found)[-5:] == halves(7, 12)
    assert +one.counts == {listening.FAILED: 1}
    assert not is_there(recogniser.pid)
    one.close()


def test_one_that_hangs_is_given_up(
    recogniser: AsideRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    recogniser.start()
    os.kill(recogniser.pid, signal.SIGSTOP)
    monkeypatch.setattr(asides, "ANSWER_S", 0.1)
    with pytest.raises(RecogniserGone, match="no answer"):
        recogniser.feed(np.zeros(100 * RATE_HZ, np.float32))  # more than a pipe takes
    recogniser.close()
    assert not is_there(recogniser.pid)


def test_it_ends_when_the_process_that_asks_is_killed() -> None:
    program = f"""
from sotto_codecs.text.recognisers.aside import Aside
engine = Aside({COUNTING!r}, "counting", ("en",))
recogniser = engine.recogniser("en")
recogniser.start()
print(recogniser.pid, engine._spares["en"].pid, flush=True)
input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2 and all(is_there(pid) for pid in pids)
        parent.kill()
    until = time.monotonic() + 20
    while any(is_there(pid) for pid in pids):
        assert time.monotonic() < until
        time.sleep(0.01)  # they end by themselves
