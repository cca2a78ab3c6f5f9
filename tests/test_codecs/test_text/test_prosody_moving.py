from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sotto_codecs.base import Pcm
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.prosody import world
from sotto_codecs.text.prosody.curves import Curve
from sotto_codecs.text.prosody.f0 import RATE_HZ, track
from sotto_codecs.text.prosody.measuring import Prosody, levels
from sotto_codecs.text.prosody.moving import (
    LIFT,
    LONGEST_PAUSE_S,
    LONGEST_SHARE,
    SHORTEST_SHARE,
    TAIL_S,
    apply,
    pairs,
    timetable,
)
from tests.speech import spoken

pytest.importorskip("pyworld", reason="needs: pip install '.[text]'")

OWN = (Word("nine", 0.2, 0.6), Word("moons", 0.6, 1.0))
SAID = (Word("nine", 0.0, 0.4), Word("moons", 0.8, 1.6))
STEPS = 160
RISING = np.linspace(-4.0, 4.0, STEPS)
FLAT = np.zeros(STEPS)


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Pcm:
    """Voiced almost throughout."""
    return spoken("slt", "Nine moons.", tmp_path_factory.mktemp("flite"))


def prosody(pitch: np.ndarray[tuple[int], np.dtype[np.float64]] = FLAT) -> Prosody:
    sure = np.ones(STEPS)
    return Prosody(SAID, Curve(pitch, sure), Curve(FLAT, sure))


def test_the_melody_is_the_talkers(voice: Pcm) -> None:
    rising, falling = (apply(voice, OWN, prosody(sign * RISING))[0] for sign in (1, -1))
    for sound, sign in ((rising, 1), (falling, -1)):
        hertz = track(sound, 0.01, "world")
        steps = np.flatnonzero(hertz)
        assert np.corrcoef(steps, np.log(hertz[steps]))[0, 1] * sign > 0.9


def test_a_low_voice_is_lifted_where_it_is_nobodys(voice: Pcm, tmp_path: Path) -> None:
    def mean_hz(sound: Pcm) -> float:
        hertz = track(sound, 0.01, "world")
        return float(np.median(hertz[hertz > 0]))

    low = spoken("rms", "Nine moons.", tmp_path)
    own = mean_hz(apply(low, OWN, prosody(), voice=lambda it: it)[0])
    neutral, high = (mean_hz(apply(pcm, OWN, prosody())[0]) for pcm in (low, voice))
    assert own < 90 and neutral / own == pytest.approx(LIFT, rel=0.03) and high > 150


def test_words_are_heard_when_they_were_said_and_pauses_are_silent(voice: Pcm) -> None:
    sound, heard = apply(voice, OWN, prosody())
    assert [it.text for it in heard] == ["nine", "moons"]
    marks_s = [mark for it in heard for mark in (it.start_s, it.end_s)]
    assert marks_s == pytest.approx([0.0, 0.4, 0.8, 1.6], abs=1e-4)
    assert len(sound) / RATE_HZ == pytest.approx(1.6 + TAIL_S, abs=0.02)
    loud = levels(sound)
    assert loud[50:70].max() < loud[10:30].max() - 40


def test_loudness_follows_and_nothing_clips(voice: Pcm) -> None:
    sure, swell = np.ones(STEPS), np.where(np.arange(STEPS) < 60, -8.0, 8.0)
    swelling = replace(prosody(), level=Curve(swell, sure))
    even, louder = (levels(apply(voice, OWN, it)[0]) for it in (prosody(), swelling))
    gained = louder - even
    assert np.median(gained[90:150]) - np.median(gained[5:35]) > 8
    shouted = replace(prosody(), level=Curve(np.full(STEPS, 60.0), sure))
    assert abs(apply(voice, OWN, shouted)[0]).max() <= 1


def test_another_voice_is_laid_under_it(voice: Pcm) -> None:
    def lower(spoken: world.Spoken) -> world.Spoken:
        return replace(spoken, hertz=spoken.hertz / 1.5)

    own, changed = (
        track(apply(voice, OWN, prosody(), it)[0], 0.01, "world") for it in (None, lower)
    )
    assert np.median(own[own > 0]) / np.median(changed[changed > 0]) == pytest.approx(1.5, rel=0.03)


def test_words_are_drawn_out_and_pressed_only_so_far() -> None:
    said = (Word("a", 0.0, 0.05), Word("b", 0.05, 5.0), Word("c", 99.0, 99.1))
    own = (Word("a", 0.0, 0.4), Word("b", 0.4, 0.8), Word("c", 0.8, 1.0))
    marks = [it.heard_s for it in timetable(own, said, 1.0)]
    assert marks[1] == pytest.approx(0.4 * SHORTEST_SHARE)
    assert marks[3] - marks[2] == pytest.approx(0.4 * LONGEST_SHARE)
    assert marks[4] - marks[3] == pytest.approx(LONGEST_PAUSE_S)


def test_words_that_the_synthesiser_left_out_are_passed_over() -> None:
    said = (Word("[cough]", 0.0, 0.2), *SAID)
    assert pairs(OWN, said) == list(zip(OWN, SAID, strict=True))
    other = (Word("9", 0.2, 0.6), OWN[1])
    assert pairs(other, SAID) == [(Word("", 0.2, 1.0), Word("", 0.0, 1.6))]


def test_what_cannot_be_moved_comes_back_as_it_is(voice: Pcm) -> None:
    silent, short, long = 0 * voice, voice[:800], np.tile(voice, 60)
    for pcm, words, said in (
        (silent, OWN, prosody()),
        (short, OWN, prosody()),
        (long, OWN, prosody()),
        (voice, (), prosody()),
        (voice, OWN, replace(prosody(), words=())),
    ):
        assert apply(pcm, words, said)[0] is pcm


def test_whispered_and_wild_melodies_do_no_harm(voice: Pcm) -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.05, len(voice)).astype(np.float32)
    for pcm, pitch in ((noise, RISING), (voice, np.full(STEPS, 1e3)), (voice, -1e3 + FLAT)):
        sound, _ = apply(pcm, OWN, prosody(pitch))
        assert sound.dtype == np.float32 and np.isfinite(sound).all() and abs(sound).max() <= 1
