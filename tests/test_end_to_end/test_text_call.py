"""Text mode between two browsers: what is said is read at both ends and spoken again at the other;
Opus before and behind it is heard as ever.
"""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from playwright.sync_api import Locator, expect

from benchmarks.metrics.base import RATE_HZ as NEAR_HZ
from benchmarks.metrics.recognisers import PocketSphinx
from tests.browsers import PER_S, Talker
from tests.recording import RATE_HZ, passage
from tests.speech import spoken
from tests.test_end_to_end.conftest import Pair
from tests.test_end_to_end.test_access import expect_accessible
from tests.voices import LOOP_S

OPUS, TEXT = "Opus 24", "Text"
SENTENCES = (
    ("rms", "The box was thrown beside the parked truck."),
    ("slt", "Two blue fish swam in the tank."),
)
READ_WITHIN_S = 20.0  # the words, from the change of the mode on
SPOKEN_S = 1.5  # of the 6 s: a short sentence, and then quiet
LOUD = 0.02
UNDERSTOOD = 0.4  # of the words that were told; flite's speech through Opus, by pocketsphinx
CLEAR = 0.8  # STOI of Opus
CHANCES = 3
LATE_S = 1.5
NOISE = 0.002


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Each says a sentence and is quiet, again and again."""
    folder = tmp_path_factory.mktemp("sentences")
    one, other = (sentence(*it, folder) for it in SENTENCES)
    return one, other


def sentence(voice: str, words: str, folder: Path) -> Path:
    wav = folder / f"{voice}-in-6-s.wav"
    chance = np.random.default_rng(1)  # a room, for what is quite silent cannot be compared
    loop = NOISE * chance.standard_normal(round(LOOP_S * NEAR_HZ)).astype(np.float32)
    pcm = spoken(voice, words, folder)
    loop[: len(pcm)] += pcm
    soundfile.write(wav, soxr.resample(loop, NEAR_HZ, RATE_HZ), RATE_HZ, subtype="PCM_16")
    return wav


def test_a_call_changes_from_opus_to_text_and_back(
    call: Pair, record_property: Callable[[str, object], None]
) -> None:
    ada, bo = call
    expect_clear(ada, bo)
    ada.choose_mode(TEXT)
    expect(under_way(ada)).to_be_visible(timeout=READ_WITHIN_S * PER_S)
    own, others = finished(ada, "You"), finished(bo, "Ada")
    expect(others.first).to_be_visible(timeout=READ_WITHIN_S * PER_S)
    expect(bo.lane("in")).to_contain_text(TEXT)
    expect(own.nth(1)).to_be_visible(timeout=READ_WITHIN_S * PER_S)
    expect(others.nth(1)).to_be_visible(timeout=READ_WITHIN_S * PER_S)
    assert words_of(others)[:2] == words_of(own)[:2]
    share = max(understood_by(bo, ada, others) for _ in range(CHANCES))
    record_property("understood of what was told", share)
    assert share >= UNDERSTOOD
    expect_accessible(ada.page)

    ada.choose_mode(OPUS)
    expect(bo.lane("in")).to_contain_text(OPUS)
    expect_clear(ada, bo)


def under_way(talker: Talker) -> Locator:
    """Words that may still change."""
    return talker.page.get_by_role("group", name="Lines so far").locator("[data-final=false]")


def finished(talker: Talker, who: str) -> Locator:
    lines = talker.page.get_by_role("group", name="Lines so far").get_by_role("listitem")
    return lines.and_(talker.page.locator("[data-final=true]")).filter(
        has_text=re.compile(f"^{who}")
    )


def words_of(lines: Locator) -> list[str]:
    return lines.locator("bdi").all_inner_texts()


def understood_by(listener: Talker, talker: Talker, told: Locator) -> float:
    """The share of a line's words that a recogniser finds in the sound while it is said once,
    wherever it begins: of that line of which it finds most, for each is misheard in its own way.
    """
    listener.record()
    talker.wait_s(LOOP_S)
    heard = listener.take().heard.pcm[: round((LOOP_S - 0.5) * RATE_HZ)]
    assert (np.abs(heard) > LOUD).reshape(-1, RATE_HZ // 100).any(axis=1).sum() > 100 * SPOKEN_S
    found = set(PocketSphinx().words(soxr.resample(heard, RATE_HZ, NEAR_HZ)).split())
    lines = [set(line.split()) for line in words_of(told)]
    return max(len(found & line) / len(line) for line in lines)


def expect_clear(talker: Talker, listener: Talker) -> None:
    """Soon: a browser's own buffer takes its time after what came late."""
    for _ in range(CHANCES):
        for person in (talker, listener):
            person.record()
        talker.wait_s(LOOP_S + LATE_S)
        through = passage(talker.take().said, listener.take().heard, LOOP_S - 1, LATE_S)
        if through.stoi > CLEAR:
            return
    raise AssertionError(through)
