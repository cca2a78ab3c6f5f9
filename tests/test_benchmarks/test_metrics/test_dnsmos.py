"""DNSMOS: the same figures as speechmos', the right order, and sound that speechmos refuses."""

import numpy as np
import pytest

from benchmarks.metrics.base import RATE_HZ, NotApplicable, Take
from benchmarks.metrics.dnsmos import Dnsmos, windows
from sotto_codecs.base import Pcm
from tests.speech import Speech


@pytest.fixture(scope="module")
def dnsmos() -> Dnsmos:
    return Dnsmos()


def scored(dnsmos: Dnsmos, heard: Pcm) -> list[float]:
    scores = dnsmos.score(Take(heard, heard, "", same_timing=False))
    return [scores[f"dnsmos_{key}"].value for key in ("sig", "bak", "ovr")]


@pytest.mark.parametrize("seconds", [4.0, 11.2])
def test_it_is_what_speechmos_itself_says(dnsmos: Dnsmos, speech: Speech, seconds: float) -> None:
    pytest.importorskip("librosa", reason="speechmos.dnsmos needs librosa: pip install '.[torch]'")
    from speechmos import dnsmos as speechmos

    heard = speech.at_16k[: round(seconds * RATE_HZ)]
    theirs = speechmos.run(heard, RATE_HZ)
    expected = [theirs[f"{key}_mos"] for key in ("sig", "bak", "ovrl")]
    assert scored(dnsmos, heard) == pytest.approx(expected, abs=1e-3)


def test_windows_from_the_eighth_are_left_out_as_speechmos_does() -> None:
    counts = [len(windows(np.zeros(round(s * RATE_HZ), np.float32))) for s in (9.5, 10.9, 16, 20)]
    assert counts == [1, 1, 7, 7]


def test_noise_costs_the_background_most(dnsmos: Dnsmos, sentence: Pcm, noise: Pcm) -> None:
    clean = scored(dnsmos, sentence)
    noisy = scored(dnsmos, sentence + noise * np.float32(0.2))
    sig, bak, ovr = np.subtract(clean, noisy)
    assert bak > max(sig, ovr) > 0
    assert bak > 1


def test_noise_alone_scores_near_the_floor(dnsmos: Dnsmos, noise: Pcm) -> None:
    assert scored(dnsmos, noise) == pytest.approx([1.1, 1.1, 1.1], abs=0.15)


def test_sound_beyond_full_scale_is_clipped(dnsmos: Dnsmos, sentence: Pcm) -> None:
    loud = sentence * np.float32(100)
    assert scored(dnsmos, loud) == scored(dnsmos, np.clip(loud, -1, 1))


def test_no_sound_at_all_is_not_judged(dnsmos: Dnsmos) -> None:
    with pytest.raises(NotApplicable, match="nothing"):
        scored(dnsmos, np.zeros(0, np.float32))
