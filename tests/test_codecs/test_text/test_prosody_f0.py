from pathlib import Path

import numpy as np
import pytest

from sotto_codecs.base import Pcm
from sotto_codecs.text.prosody.dio import least_jumps
from sotto_codecs.text.prosody.f0 import RATE_HZ, Track, track
from tests.speech import spoken

pytest.importorskip("pyworld", reason="needs: pip install '.[text]'")

STEP_S = 0.01


def buzz(hertz: Track, missing: int = 0) -> Pcm:
    """Twelve harmonics that glide; the lowest `missing` left out."""
    phase = 2 * np.pi * np.cumsum(hertz) / RATE_HZ
    harmonics = sum(np.sin(number * phase) / number for number in range(1 + missing, 13))
    return np.asarray(0.2 * harmonics, np.float32)


@pytest.mark.parametrize("missing", [0, 1])
def test_a_glide_is_followed_even_where_its_fundamental_is_missing(missing: int) -> None:
    wanted = np.geomspace(110, 220, 2 * RATE_HZ)
    found = track(buzz(wanted, missing), STEP_S, "world")
    inner = slice(10, 190)
    truth = wanted[:: round(STEP_S * RATE_HZ)][inner]
    assert np.median(abs(12 * np.log2(found[inner] / truth))) < 0.1
    assert (abs(12 * np.log2(found[inner] / truth)) < 1).mean() > 0.97


def test_silence_and_the_shortest_sounds_have_no_pitch() -> None:
    assert not track(np.zeros(RATE_HZ, np.float32), STEP_S).any()
    assert track(np.ones(3, np.float32), STEP_S).tolist() == [0.0]
    assert track(np.zeros(0, np.float32), STEP_S).tolist() == [0.0]


def test_of_two_octaves_the_one_that_fits_its_neighbours_is_taken() -> None:
    right = np.linspace(100.0, 120.0, 50)
    right[40] = 0.0
    first, second = right.copy(), right.copy()
    first[20:23] *= 2
    second[30:32] /= 2
    assert least_jumps(np.stack([first, second])).tolist() == right.tolist()


def test_praat_and_world_hear_the_same_melody(tmp_path: Path) -> None:
    pytest.importorskip("parselmouth", reason="needs: pip install '.[praat]'")
    pcm = spoken("slt", "The birch canoe slid on the smooth planks.", tmp_path)
    praat, world = (track(pcm, STEP_S, name) for name in ("praat", "world"))
    assert len(praat) == len(world)
    both = (praat > 0) & (world > 0)
    assert both.sum() > 0.8 * (praat > 0).sum()
    apart = abs(12 * np.log2(praat[both] / world[both]))
    assert np.median(apart) < 0.2
    assert (apart < 1).mean() > 0.9
