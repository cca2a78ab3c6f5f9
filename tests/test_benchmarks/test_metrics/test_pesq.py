"""PESQ: its ceilings, its floor, and the order in between."""

import numpy as np
import pytest

from benchmarks.metrics.base import RATE_HZ, NotApplicable, Take
from benchmarks.metrics.pesq import Pesq
from sotto_codecs.base import Pcm


@pytest.fixture(scope="module")
def pesq() -> Pesq:
    return Pesq()


def scored(pesq: Pesq, said: Pcm, heard: Pcm) -> tuple[float, float]:
    scores = pesq.score(Take(said, heard, ""))
    return scores["pesq_wb"].value, scores["pesq_nb"].value


def test_what_is_unchanged_scores_the_ceiling_at_any_level(pesq: Pesq, sentence: Pcm) -> None:
    # P.862.2 and P.862.1 map the best raw score, 4.5, to these
    for level in (1.0, 0.1):
        assert scored(pesq, sentence, sentence * np.float32(level)) == pytest.approx(
            (4.644, 4.549), abs=0.002
        )


def test_less_noise_scores_higher(pesq: Pesq, sentence: Pcm, noise: Pcm) -> None:
    wide, narrow = zip(
        *(
            scored(pesq, sentence, sentence + noise * np.float32(10 ** (-snr_db / 20)))
            for snr_db in (0, 10, 20, 30, 40)
        ),
        strict=True,
    )
    assert list(wide) == sorted(set(wide))
    assert list(narrow) == sorted(set(narrow))


def test_noise_alone_scores_near_the_floor(pesq: Pesq, sentence: Pcm, noise: Pcm) -> None:
    wide, narrow = scored(pesq, sentence, noise)
    assert wide < 1.3
    assert narrow < 1.8  # its loudness alone is half right


def test_what_lies_above_the_telephone_band_is_no_matter_in_narrow_band(
    pesq: Pesq, sentence: Pcm
) -> None:
    rng = np.random.default_rng(3)
    hiss = np.fft.rfft(rng.standard_normal(len(sentence)))
    hiss[: round(len(hiss) * 4_400 / 8_000)] = 0
    heard = sentence + np.asarray(0.05 * np.fft.irfft(hiss, len(sentence)), np.float32)
    wide, narrow = scored(pesq, sentence, heard)
    assert wide < 3.5
    assert narrow > 4.5


def test_a_codec_that_emits_silence_gets_the_floor(pesq: Pesq, sentence: Pcm) -> None:
    assert scored(pesq, sentence, np.zeros_like(sentence)) == (1.0, 1.0)


@pytest.mark.parametrize("said_s", [0.0, 0.2])
def test_too_short_is_said(pesq: Pesq, sentence: Pcm, said_s: float) -> None:
    short = sentence[RATE_HZ : RATE_HZ + round(said_s * RATE_HZ)]
    with pytest.raises(NotApplicable, match=r"0\.25 s"):
        scored(pesq, short, short)


def test_nothing_said_is_not_judged(pesq: Pesq, sentence: Pcm) -> None:
    with pytest.raises(NotApplicable, match="silent"):
        scored(pesq, np.zeros_like(sentence), sentence)


def test_its_name_says_which_recommendation(pesq: Pesq) -> None:
    assert "P.862.2" in pesq.name
