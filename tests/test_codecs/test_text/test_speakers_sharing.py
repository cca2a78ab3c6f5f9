import numpy as np
import pytest

from sotto_codecs.text.speakers.sharing import shared

LOUD, SILENT = np.full(1600, 0.5, np.float32), np.zeros(1600, np.float32)


def test_words_share_what_is_heard_by_their_weight() -> None:
    pcm = np.concatenate([SILENT, LOUD, LOUD, LOUD, LOUD, SILENT])
    assert shared(pcm, [1, 3]) == [pytest.approx((0.1, 0.2)), pytest.approx((0.2, 0.5))]


def test_a_pause_has_no_share() -> None:
    pcm = np.concatenate([LOUD, SILENT, SILENT, LOUD])
    assert shared(pcm, [1, 1]) == [pytest.approx((0.0, 0.1)), pytest.approx((0.3, 0.4))]


@pytest.mark.parametrize("pcm", [SILENT, SILENT[:0], SILENT[:3]])
def test_in_silence_words_have_no_length(pcm: np.ndarray) -> None:
    assert shared(pcm, [1, 2]) == [(0.0, 0.0)] * 2


def test_more_words_than_sound_stay_inside_it() -> None:
    spans = shared(LOUD[:320], [1] * 9)
    assert [edge for span in spans for edge in span if not 0 <= edge <= 0.02] == []
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
