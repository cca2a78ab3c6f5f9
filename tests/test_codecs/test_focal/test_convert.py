"""The search alone: frames in, frames of the voice out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_codecs.focal.convert import NEIGHBOURS, Features, matched

WIDTH = 6


def frames(count: int, seed: int) -> Features:
    return np.random.default_rng(seed).normal(0, 1, (count, WIDTH)).astype(np.float32)


def test_a_frame_becomes_the_mean_of_the_four_that_point_its_way() -> None:
    voice = np.concatenate([frames(1, 1) * length for length in (1, 2, 3, 6)] + [-frames(9, 1)])
    found = matched(frames(1, 1) * 0.01, voice)
    np.testing.assert_allclose(found, 3 * frames(1, 1), rtol=1e-5)


def test_four_of_each_frame_give_the_frames_again() -> None:
    said = frames(20, 2)
    voice = np.random.default_rng(3).permutation(np.repeat(said, NEIGHBOURS, axis=0))
    np.testing.assert_allclose(matched(said, voice), said, rtol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9), st.integers(NEIGHBOURS, 40), st.integers(0, 99))
def test_against_one_frame_at_a_time(count: int, size: int, seed: int) -> None:
    said, voice = frames(count, seed), frames(size, seed + 100)
    for frame, found in zip(said, matched(said, voice), strict=True):
        likeness = voice @ frame / np.linalg.norm(voice, axis=1)
        nearest = np.sort(likeness)[-NEIGHBOURS]
        np.testing.assert_allclose(found, voice[likeness >= nearest].mean(axis=0), atol=1e-5)


def test_frames_of_nothing_stay_finite() -> None:
    assert np.isfinite(matched(np.zeros((2, WIDTH), np.float32), frames(8, 4))).all()
    assert not matched(frames(2, 5), np.zeros((8, WIDTH), np.float32)).any()


@pytest.mark.parametrize("voice", [frames(NEIGHBOURS - 1, 6), np.ones((9, 5), np.float32)])
def test_a_voice_that_is_none_is_refused(voice: Features) -> None:
    with pytest.raises(ValueError, match="a voice of shape"):
        matched(frames(2, 7), voice)
