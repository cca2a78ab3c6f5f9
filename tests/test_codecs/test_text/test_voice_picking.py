"""Only what is clean speech is put together, to the length and the level of a sample."""

import numpy as np
import pytest

from sotto_codecs.base import Pcm
from sotto_codecs.text.speaking import RATE_HZ
from sotto_codecs.text.voice.picking import SAMPLE_S, Picking, clean
from tests.speech import Speech

pytest.importorskip("pyworld")


@pytest.fixture(scope="module")
def phrases(speech: Speech) -> list[Pcm]:
    """Of 2.5 s."""
    whole = speech.at(RATE_HZ)
    return [whole[at : at + 40_000] for at in range(0, len(whole) - 40_000, 40_000)]


def noise(like: Pcm, db: float) -> Pcm:
    drawn = np.random.default_rng(1).standard_normal(len(like)).astype(np.float32)
    return drawn * np.float32(np.sqrt(np.mean(like**2)) * 10 ** (db / 20))


def test_phrases_become_a_sample_and_the_next_ones_another(phrases: list[Pcm]) -> None:
    picking = Picking()
    found = [picking.add(it) for it in phrases * 2]
    samples = [it for it in found if it is not None]
    assert 2 <= len(samples) <= len(found) * 2.5 / SAMPLE_S
    for sample in samples:
        assert len(sample) == SAMPLE_S * RATE_HZ and sample.dtype == np.float32


def test_what_is_around_a_phrase_is_left_out(phrases: list[Pcm]) -> None:
    pause = np.zeros(RATE_HZ // 2, np.float32)
    bare, around = clean(phrases[0]), clean(np.concatenate([pause, phrases[0], pause]))
    assert bare is not None and around is not None
    assert abs(len(around) - len(bare)) <= RATE_HZ // 20


def test_what_is_not_clean_is_left_out(phrases: list[Pcm]) -> None:
    pcm = phrases[0] / np.abs(phrases[0]).max()
    assert clean(pcm * np.float32(0.9)) is not None
    assert clean(np.clip(4 * pcm, -1, 1)) is None  # clipped
    assert clean(pcm * np.float32(0.005)) is None  # hardly to be heard
    assert clean(0.5 * pcm + noise(0.5 * pcm, -6)) is None  # drowned
    assert clean(0.5 * pcm + noise(0.5 * pcm, -40)) is not None
    assert clean(pcm[: RATE_HZ // 2]) is None  # too short to tell
    assert clean(np.zeros_like(pcm)) is None
    assert clean(np.full_like(pcm, np.nan)) is None
    assert clean(pcm[:0]) is None


def test_bursts_without_a_voice_are_left_out(phrases: list[Pcm]) -> None:
    bursts = noise(phrases[0], 0) * (np.sin(np.arange(len(phrases[0])) / 2500) > 0)
    assert clean(bursts.astype(np.float32)) is None
