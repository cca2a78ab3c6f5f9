import json
from collections import Counter

import numpy as np
import pytest

pytest.importorskip("soundfile", reason="needs: pip install '.[bench,media]'")

from benchmarks.text.alignment import cut, phrases
from benchmarks.text.prosody import Heard, row, verdict
from sotto_codecs.text.phrase import Word
from training.text.prosody import TOTAL, frequencies, laid_out


def test_phrases_end_at_pauses_and_before_they_get_long() -> None:
    words = [Word("a", 1.0, 1.5), Word("b", 1.6, 2.0), Word("c", 2.5, 6.0), Word("d", 6.0, 9.0)]
    first, second, third = phrases(words)
    assert (first.text, first.start_s, first.end_s) == ("a b", 1.0, 2.0)
    assert [it.text for it in (second, third)] == ["c", "d"]
    assert third.words == (Word("d", 0.0, 3.0),)
    assert len(cut(np.zeros(160_000, np.float32), second)) == 56_000
    assert phrases([]) == []


def test_a_row_weighs_time_and_takes_the_delay_out() -> None:
    heard = [
        Heard(2.0, 32, 0.2, 0.5, (0.30, 0.40)),
        Heard(2.0, 24, 0.2, None, (0.50,)),
    ]
    it = row(heard)
    assert [it["bps"], it["f0_corr"], it["taken"]] == pytest.approx([14.0, 0.5, 0.1])
    assert it["start_ms"] == pytest.approx(100)
    assert verdict(it) == (
        "sparse: at most 15 bit/s: met, F0 correlation at least 0.6: missed, "
        "word starts within 120 ms: met"
    )


def test_every_symbol_has_a_frequency_and_the_commonest_the_most() -> None:
    for counts in (Counter[int](), Counter({3: 10_000}), Counter({0: 1, 24: 5})):
        row = frequencies(counts, 25)
        assert min(row) >= 1 and sum(row) == TOTAL
        if counts:
            assert int(np.argmax(row)) == counts.most_common(1)[0][0]


def test_tables_are_laid_out_as_json() -> None:
    tables = {"sparse": {"pitch": [[1, 2], [3, 4]], "word_ms": [[5]]}}
    text = laid_out(tables)
    assert json.loads(text) == tables
    assert "      [1,2],\n" in text
