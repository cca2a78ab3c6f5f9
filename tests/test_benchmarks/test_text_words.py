"""The bench of recognisers: errors against what was said, and delays as on a core of its own."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.codecs.results import Sentence
from benchmarks.text.words import Heard, in_phrases, row, table, together, whole
from sotto_codecs.text.recognisers.sphinx import Sphinx
from tests.speech import spoken

SAID = "these days a chicken leg is a rare dish"


def test_a_sentence_is_heard_whole_and_in_phrases(tmp_path: Path) -> None:
    sound, hears = spoken("rms", SAID, tmp_path), Sphinx()
    at_once, streamed = whole(hears, [sound]), in_phrases(hears, [sound, sound])
    assert "chicken leg" in at_once.texts[0]
    assert all("chicken leg" in text for text in streamed.texts)
    assert streamed.phrases == len(streamed.final_s) == len(streamed.first_s) == 2
    assert min(streamed.final_s) > 0.35  # the pause has to be heard
    assert streamed.worked_s > 0.0


def test_errors_are_of_all_words_and_delays_are_medians() -> None:
    said = [Sentence("a", "1", 1.0, "one two three", ""), Sentence("b", "1", 1.0, "four", "")]
    sounds = [np.zeros(16_000, np.float32)] * 2
    heard = together(
        [Heard(["one too three"], 1, 0.5, [0.4], [0.5]), Heard(["four"], 2, 0.5, [], [0.7])]
    )
    found = row("phrases", said, sounds, heard)
    assert (found.wer, found.phrases, found.realtime, found.first_s) == (25.0, 3, 0.5, 0.4)
    assert found.final_s == pytest.approx(0.6)
    assert table([found]).splitlines()[-1] == ("| phrases | 25.0 | 3 | 0.50 | 0.40 | 0.60 | 0.68 |")
