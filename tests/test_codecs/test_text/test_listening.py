"""A talker's stream to phrases: what was recognised is kept, whatever happens to the recogniser."""

from itertools import pairwise

import numpy as np
import pytest

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BadSettings
from sotto_codecs.text import listening
from sotto_codecs.text.listening import Listener, cut
from sotto_codecs.text.phrase import Phrase, Word
from sotto_codecs.text.recognisers.sphinx import Sphinx
from sotto_codecs.text.talkspurt import RATE_HZ, Talkspurts
from tests.counting import LOUD, Engine, Loudness, halves, level, stream, texts
from tests.speech import Speech


def listener(engine: Engine | None = None) -> Listener:
    return Listener(engine or Engine(), "en", Talkspurts(Loudness()))


def phrases(one: Listener, sound: Pcm, block: int = 320) -> list[Phrase]:
    blocks = [sound[start : start + block] for start in range(0, len(sound), block)]
    return [phrase for it in blocks for phrase in one.feed(it)] + one.finish()


def test_a_pause_ends_a_phrase_and_its_times_are_the_talkers() -> None:
    first, second = phrases(listener(), stream([("quiet", 2), ("loud", 2), ("quiet", 2)] * 2))
    assert first.language == "en"
    assert first.start_s == pytest.approx(2.0, abs=0.4)
    assert first.end_s == pytest.approx(4.0, abs=0.1)
    assert second.start_s - first.start_s == pytest.approx(6.0, abs=0.04)
    for phrase in (first, second):
        assert [word.text for word in phrase.words]
        assert phrase.start_s + phrase.words[-1].end_s <= phrase.end_s + 0.5


def test_words_stand_there_while_the_phrase_goes_on() -> None:
    one = listener()
    assert one.partial == ""
    one.feed(stream([("loud", 3)]))
    assert one.talking
    assert len(one.so_far.words) >= 4
    assert one.partial.split() == [word.text for word in one.so_far.words]
    one.finish()
    assert (one.partial, one.talking, one.behind_s) == ("", False, 0.0)


def test_the_length_of_blocks_changes_nothing() -> None:
    sound = stream([("loud", 9), ("quiet", 1), ("loud", 2)])
    assert phrases(listener(), sound, 320) == phrases(listener(), sound, 7777)


def test_ten_minutes_without_a_pause_lose_no_word() -> None:
    one = listener()
    found = phrases(one, stream([("loud", 600)]), block=RATE_HZ)
    assert texts(found) == halves(0, 1200)
    assert all(phrase.end_s - phrase.start_s <= listening.PHRASE_S + 0.1 for phrase in found)
    for before, after in pairwise(found):
        assert before.end_s == pytest.approx(after.start_s, abs=1e-4)
    assert not +one.counts


def test_silence_is_nothing_at_all() -> None:
    one = listener()
    assert phrases(one, stream([("quiet", 600)]), block=RATE_HZ) == []
    assert not +one.counts
    assert one.feed(np.empty(0, np.float32)) == []


def test_sound_without_words_is_counted() -> None:
    one = listener()
    hum = np.full(2 * RATE_HZ, LOUD - 0.1, np.float32)
    assert phrases(one, np.concatenate([hum, stream([("quiet", 1)])])) == []
    assert one.counts == {listening.WORDLESS: 1}


def test_a_recogniser_that_fails_once_costs_the_block_that_it_failed_on() -> None:
    engine = Engine(bad=level(3.5), heals=True)
    one = listener(engine)
    found = phrases(one, stream([("loud", 5), ("quiet", 1), ("loud", 2), ("quiet", 1)]))
    assert texts(found) == [*halves(0, 10), *halves(12, 16)]
    assert +one.counts == {listening.FAILED: 1}
    assert engine.made == 2


def test_what_a_recogniser_cannot_bear_is_passed_over() -> None:
    engine = Engine(bad=level(3.5))
    one = listener(engine)
    found = phrases(one, stream([("loud", 9)]))
    assert texts(found) == [*halves(0, 7), *halves(11, 18)]
    assert +one.counts == {listening.FAILED: 2}


def test_an_engine_that_is_gone_leaves_the_call_alone() -> None:
    one = listener(Engine(bad=level(1.5), lives=1))
    found = phrases(one, stream([("loud", 4), ("quiet", 1), ("loud", 4)]))
    assert texts(found) == halves(0, 3)
    assert 3 <= one.counts[listening.FAILED] <= 6
    assert one.behind_s == 0.0


def test_one_that_falls_behind_says_so_and_catches_up() -> None:
    one = listener()
    one.hear(stream([("loud", 5)]))
    assert one.behind_s == pytest.approx(5.0, abs=0.05)
    one.recognise(most_s=2.0)
    assert one.behind_s == pytest.approx(3.0, abs=0.1)
    one.hear_end()
    assert texts(one.recognise()) == halves(0, 10)
    assert one.behind_s == 0.0


def test_its_queue_is_bounded_and_what_is_dropped_is_counted() -> None:
    one = listener()
    one.hear(stream([("loud", 100)]))
    assert one.behind_s <= listening.QUEUE_S
    assert one.counts[listening.DROPPED] == pytest.approx(70 * RATE_HZ, rel=0.01)
    found = one.recognise()
    one.hear(stream([("quiet", 1), ("loud", 2), ("quiet", 1)]))
    found += one.recognise()
    assert len(texts(found)) == 64


def test_an_unknown_language_is_refused_at_once() -> None:
    with pytest.raises(BadSettings, match='does not know "tlh"'):
        Listener(Engine(), "tlh", Talkspurts(Loudness()))


def words_at(*spans: tuple[float, float]) -> tuple[Word, ...]:
    return tuple(Word("x", start_s, end_s) for start_s, end_s in spans)


def test_long_speech_is_cut_in_its_widest_late_gap() -> None:
    words = words_at((0.0, 1.0), (2.0, 3.1), (3.3, 4.0), (4.1, 5.0), (5.0, 5.8))
    assert cut(words, 0, 6.0) == (2, (3.1 + 3.3) / 2)
    assert cut(words, 3, 6.0) == (3, (4.0 + 4.1) / 2)
    assert cut(words[:1], 0, 6.0) == (1, 6.0)
    assert cut((), 0, 6.0) == (0, 6.0)


def test_speech_is_heard_by_pocketsphinx_in_time(speech: Speech) -> None:
    one = Listener(Sphinx())
    found = phrases(one, speech.at_16k)
    text = " ".join(phrase.text for phrase in found)
    assert {"background", "chicken", "often", "steady"} <= set(text.split())
    assert len(found) >= 3
    assert not one.counts[listening.FAILED]
