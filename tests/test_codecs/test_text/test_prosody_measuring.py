import numpy as np
import pytest

from sotto_codecs.base import Pcm
from sotto_codecs.text.phrase import Phrase, Word
from sotto_codecs.text.prosody.f0 import RATE_HZ
from sotto_codecs.text.prosody.measuring import Talker, measure, ordered

pytest.importorskip("pyworld", reason="needs: pip install '.[text]'")

TWO_WORDS = (Word("one", 0.0, 0.5), Word("two", 0.5, 1.0))


def hum(hertz: float, loud: float = 0.1, seconds: float = 1.0) -> Pcm:
    times = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    waves = sum(np.sin(2 * np.pi * hertz * it * times) / it for it in range(1, 13))
    return np.asarray(loud * waves, np.float32)


def phrase(words: tuple[Word, ...] = TWO_WORDS) -> Phrase:
    return Phrase(words, "en", 0.0, 1.0)


def test_melody_and_loudness_are_relative_to_what_is_usual() -> None:
    _, talker = measure(hum(120), phrase(), Talker())
    assert talker.pitch_st == pytest.approx(12 * np.log2(120), abs=0.1)
    higher, later = measure(hum(120 * 2 ** (4 / 12), loud=0.2), phrase(), talker)
    assert np.median(higher.pitch.values[higher.pitch.weights > 0]) == pytest.approx(2, abs=0.2)
    assert np.median(higher.level.values[higher.level.weights > 0]) == pytest.approx(3, abs=0.5)
    assert later.voiced_s == pytest.approx(2, abs=0.2)


def test_what_was_long_ago_is_forgotten() -> None:
    talker = Talker(12 * np.log2(120), -20.0, 1e6)
    for _ in range(60):
        _, talker = measure(hum(240), phrase(), talker)
    assert talker.pitch_st > 12 * np.log2(120) + 11


@pytest.mark.parametrize("pcm", [hum(120)[:0], hum(120)[:50], 0 * hum(120)])
def test_without_voice_nothing_is_learnt(pcm: Pcm) -> None:
    known = Talker(80.0, -30.0, 5.0)
    prosody, talker = measure(pcm, phrase(), known)
    assert talker == known
    assert not prosody.pitch.weights.any()
    assert [word.text for word in prosody.words] == ["one", "two"]


def test_samples_that_are_not_finite_do_no_harm() -> None:
    pcm = hum(120)
    pcm[3000:3010] = np.nan
    prosody, talker = measure(pcm, phrase(), Talker())
    assert np.isfinite(prosody.pitch.values).all() and np.isfinite(prosody.level.values).all()
    assert np.isfinite(talker.pitch_st)


def test_times_that_make_no_sense_are_put_in_order() -> None:
    words = (Word("a", -1.0, 0.3), Word("b", 0.1, 0.2), Word("c", float("nan"), float("inf")))
    assert [(it.start_s, it.end_s) for it in ordered(words)] == [(0, 0.3), (0.3, 0.3), (0.3, 0.3)]
    assert measure(hum(120), phrase(words), Talker())[0].words == ordered(words)


def test_a_phrase_without_words_has_no_prosody() -> None:
    prosody, _ = measure(hum(120), phrase(()), Talker())
    assert prosody.words == ()
    assert not prosody.pitch.weights.any()
