import numpy as np
import pytest

from sotto_codecs.tiny.config import TinyConfig
from training.tiny.batches import Batches, Surroundings, in_room, pitch_rows
from training.tiny.corpus import Corpus


@pytest.fixture
def batches(hummed: Corpus, small: TinyConfig) -> Batches:
    chance = np.random.default_rng(0)
    noise = 0.01 * chance.standard_normal(40_000).astype(np.float32)
    room = np.exp(-np.arange(800) / 100).astype(np.float32)
    return Batches(hummed, small, Surroundings((room,), (noise,)))


def test_seed_and_step_say_it_all(batches: Batches) -> None:
    one, again, other = (batches.batch(7, step, 4, 10) for step in (3, 3, 4))
    for name in ("sound", "said", "pitch", "carried"):
        np.testing.assert_array_equal(getattr(one, name), getattr(again, name))
    assert not np.array_equal(one.sound, other.sound)


def test_what_is_to_be_said_is_what_was_heard_a_delay_before(
    batches: Batches, small: TinyConfig
) -> None:
    batch = batches.batch(0, 0, 4, 10)
    assert batch.sound.shape == batch.said.shape == (4, 10 * small.step)
    np.testing.assert_array_equal(batch.said[:, small.delay :], batch.sound[:, : -small.delay])
    assert np.abs(batch.sound).max() <= 1


def test_clips_carry_what_they_may(batches: Batches, small: TinyConfig) -> None:
    carried = np.concatenate([batches.batch(0, step, 8, 20).carried for step in range(30)])
    assert carried.min() == 0 and carried.max() == small.stages
    assert (carried[::8] == small.stages).all()  # the first clip of each batch
    lost = (carried == 0).mean()
    assert 0.005 < lost < 0.08


def test_pitch_belongs_to_the_end_of_the_excitation_of_its_row(small: TinyConfig) -> None:
    rising = np.linspace(100, 200, 84, dtype=np.float32)  # 84 * 80 samples: 40 rows and the delay
    rows = pitch_rows(rising, small)
    assert len(rows) == 40
    np.testing.assert_allclose(rows[:3], np.log2(rising[[3, 5, 7]]), rtol=1e-6)


def test_a_room_keeps_level_and_time() -> None:
    click = np.zeros(4000, np.float32)
    click[1000] = 1
    response = np.concatenate([np.zeros(50), [0.9], np.zeros(99), [0.3]]).astype(np.float32)
    wet = in_room(click, response)
    assert int(np.abs(wet).argmax()) == 1000
    assert np.sum(wet**2) == pytest.approx(1, rel=1e-4)
