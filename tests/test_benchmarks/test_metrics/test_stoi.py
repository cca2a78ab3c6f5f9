"""STOI and ESTOI: ceiling, floor, order, and what is too short for one window."""

import numpy as np
import pytest

from benchmarks.metrics.base import RATE_HZ, NotApplicable, Take
from benchmarks.metrics.stoi import Stoi
from sotto_codecs.base import Pcm


@pytest.fixture(scope="module")
def stoi() -> Stoi:
    return Stoi()


def scored(stoi: Stoi, said: Pcm, heard: Pcm) -> tuple[float, float]:
    scores = stoi.score(Take(said, heard, ""))
    return scores["stoi"].value, scores["estoi"].value


def test_what_is_unchanged_scores_one_at_any_level(stoi: Stoi, sentence: Pcm) -> None:
    for level in (1.0, 0.1):
        heard = sentence * np.float32(level)
        assert scored(stoi, sentence, heard) == pytest.approx((1.0, 1.0), abs=1e-6)


def test_less_noise_scores_higher(stoi: Stoi, sentence: Pcm, noise: Pcm) -> None:
    both = [
        scored(stoi, sentence, sentence + noise * np.float32(10 ** (-snr_db / 20)))
        for snr_db in (-5, 5, 15, 25)
    ]
    for values in zip(*both, strict=True):
        assert list(values) == sorted(set(values))


def test_noise_and_silence_score_the_floor(stoi: Stoi, sentence: Pcm, noise: Pcm) -> None:
    # STOI itself rises with the mere loudness of frames: noise never reaches 0 there
    plain, extended = scored(stoi, sentence, noise)
    assert plain < 0.5
    assert extended == pytest.approx(0, abs=0.05)
    silence = scored(stoi, sentence, np.zeros_like(sentence))
    assert silence == pytest.approx((0, 0), abs=0.01)


@pytest.mark.parametrize("said_s", [0.0, 0.3])
def test_too_short_for_one_window_is_said(stoi: Stoi, sentence: Pcm, said_s: float) -> None:
    short = sentence[RATE_HZ : RATE_HZ + round(said_s * RATE_HZ)]
    with pytest.raises(NotApplicable, match=r"0\.4 s"):
        scored(stoi, short, short)


def test_too_little_speech_between_pauses_is_said_instead_of_a_number(
    stoi: Stoi, sentence: Pcm
) -> None:
    said = np.zeros_like(sentence)
    said[RATE_HZ : RATE_HZ + RATE_HZ // 5] = sentence[RATE_HZ : RATE_HZ + RATE_HZ // 5]
    with pytest.raises(NotApplicable, match="of speech"):
        scored(stoi, said, said)


def test_nothing_said_is_not_judged(stoi: Stoi, sentence: Pcm) -> None:
    with pytest.raises(NotApplicable, match="silent"):
        scored(stoi, np.zeros_like(sentence), sentence)
