"""pocketsphinx in a stream: words with times, the same each time, and better than it began."""

import numpy as np
import pytest

from sotto_codecs.text.phrase import Word
from sotto_codecs.text.recognisers.sphinx import Sphinx, spelt
from sotto_codecs.text.recognising import Hypothesis, Recogniser
from sotto_codecs.text.talkspurt import RATE_HZ
from tests.speech import Speech

BLOCK = 1536


@pytest.fixture(scope="module")
def sphinx() -> Sphinx:
    return Sphinx()


def phrase(recogniser: Recogniser, pcm: np.typing.NDArray[np.float32]) -> tuple[Word, ...]:
    recogniser.start()
    for start in range(0, len(pcm), BLOCK):
        recogniser.feed(pcm[start : start + BLOCK])
    return recogniser.finish()


def texts(words: tuple[Word, ...]) -> list[str]:
    return [word.text for word in words]


def test_words_come_while_they_are_said_and_have_their_times(
    sphinx: Sphinx, speech: Speech
) -> None:
    pcm = speech.at_16k[5 * RATE_HZ : 10 * RATE_HZ]
    recogniser = sphinx.recogniser("en")
    heard = [recogniser.feed(pcm[start : start + BLOCK]) for start in range(0, len(pcm), BLOCK)]
    words = recogniser.finish()
    assert {"tell", "depths", "chicken", "rare"} <= set(texts(words))
    assert any(3 <= len(it.words) < len(words) for it in heard)
    assert all(it.final == 0 for it in heard)
    assert all(word.start_s < word.end_s <= 5.0 for word in words)
    starts = [word.start_s for word in words]
    assert starts == sorted(starts)


def test_two_talkers_do_not_touch_each_other(sphinx: Sphinx, speech: Speech) -> None:
    one, other = speech.at_16k[: 3 * RATE_HZ], speech.at_16k[6 * RATE_HZ : 9 * RATE_HZ]
    alone = phrase(sphinx.recogniser("en"), one)
    first, second = sphinx.recogniser("en"), sphinx.recogniser("en")
    phrase(second, other)
    assert len(alone) > 3
    assert phrase(first, one) == alone


def test_a_phrase_that_was_broken_off_is_forgotten(sphinx: Sphinx, speech: Speech) -> None:
    recogniser = sphinx.recogniser("en")
    recogniser.feed(speech.at_16k[6 * RATE_HZ : 9 * RATE_HZ])
    alone = phrase(sphinx.recogniser("en"), speech.at_16k[: 3 * RATE_HZ])
    assert phrase(recogniser, speech.at_16k[: 3 * RATE_HZ]) == alone


@pytest.mark.parametrize("samples", [0, 1, 399, 401, RATE_HZ, 3 * RATE_HZ])
def test_silence_and_clicks_have_no_words(sphinx: Sphinx, samples: int) -> None:
    recogniser = sphinx.recogniser("en")
    assert recogniser.feed(np.zeros(samples, np.float32)) == Hypothesis(())
    assert recogniser.finish() == ()
    assert recogniser.feed(np.full(min(samples, 401), 0.5, np.float32)).words == ()


def test_a_long_phrase_and_those_after_it_need_no_second_hearing(
    sphinx: Sphinx, speech: Speech
) -> None:
    recogniser, other = sphinx.recogniser("en"), sphinx.recogniser("en")
    first = phrase(recogniser, speech.at_16k[: 7 * RATE_HZ])
    assert phrase(other, speech.at_16k[: 7 * RATE_HZ]) == first
    recogniser.start()
    soon = recogniser.feed(speech.at_16k[5 * RATE_HZ : 6 * RATE_HZ])
    assert soon.words  # of a talker it knows nothing is held back
    other = sphinx.recogniser("en")
    assert other.feed(speech.at_16k[5 * RATE_HZ : 6 * RATE_HZ]).words == ()


def test_what_is_no_word_is_not_sent() -> None:
    assert spelt("read(2)") == "read"
    assert spelt("don't") == "don't"
    assert [spelt(it) for it in ("<sil>", "<s>", "[NOISE]", "[SPEECH]", "++BREATH++")] == [""] * 5


def test_it_keeps_quiet(sphinx: Sphinx, capfd: pytest.CaptureFixture[str]) -> None:
    recogniser = sphinx.recogniser("en")
    recogniser.finish()
    recogniser.feed(np.full(100, 0.5, np.float32))
    recogniser.finish()
    assert capfd.readouterr() == ("", "")
