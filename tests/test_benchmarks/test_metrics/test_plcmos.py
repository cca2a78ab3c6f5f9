"""PLCMOS: speechmos' figures but for its dice, and holes in the sound."""

import numpy as np
import pytest
from speechmos.plcmos import PLCMOS

from benchmarks.metrics.base import RATE_HZ, NotApplicable, Take
from benchmarks.metrics.plcmos import Plcmos
from sotto_codecs.base import Pcm

PACKET = RATE_HZ // 50


@pytest.fixture(scope="module")
def plcmos() -> Plcmos:
    return Plcmos()


def scored(plcmos: Plcmos, heard: Pcm) -> float:
    return plcmos.score(Take(heard, heard, "", same_timing=False))["plcmos"].value


def holed(pcm: Pcm, share: float) -> Pcm:
    """Silence instead of `share` of the packets of 20 ms."""
    lost = np.random.default_rng(2).random(-(-len(pcm) // PACKET)) < share
    return np.where(np.repeat(lost, PACKET)[: len(pcm)], np.float32(0), pcm)


def test_it_is_what_speechmos_says_within_its_dice(plcmos: Plcmos, sentence: Pcm) -> None:
    speechmos = PLCMOS()
    for heard in (holed(sentence, 0.2), sentence[: 2 * RATE_HZ + 77]):
        theirs = [speechmos(heard)["plcmos"] for _ in range(2)]
        assert scored(plcmos, heard) == pytest.approx(np.mean(theirs), abs=0.06)


def test_the_same_sound_gets_the_same_figure(plcmos: Plcmos, sentence: Pcm) -> None:
    start = sentence[:RATE_HZ]
    assert scored(plcmos, start) == scored(Plcmos(), start)


def test_more_holes_score_lower(plcmos: Plcmos, sentence: Pcm) -> None:
    values = [scored(plcmos, holed(sentence, share)) for share in (0.0, 0.1, 0.4)]
    assert values == sorted(values, reverse=True)
    assert values[0] - values[-1] > 1


def test_silence_and_sound_beyond_full_scale_have_figures(plcmos: Plcmos, sentence: Pcm) -> None:
    loud = sentence[:RATE_HZ] * np.float32(100)
    assert scored(plcmos, loud) == scored(plcmos, np.clip(loud, -1, 1))
    assert 1 <= scored(plcmos, np.zeros_like(loud)) <= 5


def test_no_sound_at_all_is_not_judged(plcmos: Plcmos) -> None:
    with pytest.raises(NotApplicable, match="nothing"):
        scored(plcmos, np.zeros(0, np.float32))
