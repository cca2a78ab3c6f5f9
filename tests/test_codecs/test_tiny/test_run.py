from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs: pip install '.[torch]'")

import torch

from sotto_codecs.backends.tiny import Tiny as Codec
from sotto_codecs.tiny.config import TinyConfig
from tests.test_codecs.streams import decoded, encoded
from training.tiny.batches import Batches, Surroundings
from training.tiny.corpus import Corpus
from training.tiny.evaluate import spoken
from training.tiny.export import export
from training.tiny.run import Pace, Run, saved_config

QUICK = Pace(rate=3e-3, warm_up=5)


@pytest.fixture
def batches(hummed: Corpus, small: TinyConfig) -> Batches:
    return Batches(hummed, small, Surroundings())


def taught(run: Run, batches: Batches, steps: int) -> list[float]:
    return [
        run.learn(batches.batch(0, run.step, 4, 12), mixed=False).spectral.item()
        for _ in range(steps)
    ]


def test_thirty_steps_lower_the_loss_and_what_they_make_runs_in_a_call(
    batches: Batches, small: TinyConfig, tmp_path: Path
) -> None:
    run = Run(small, QUICK)
    losses = taught(run, batches, 30)
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])
    export(run.averaged.eval(), tmp_path, "dynamic")
    codec = Codec(2, str(tmp_path))
    pcm = np.random.default_rng(1).normal(0, 0.1, 4 * codec.spec.frame_samples)
    heard = decoded(codec, encoded(codec, pcm.astype(np.float32)))
    assert np.isfinite(heard).all() and heard.any()


def test_a_resumed_run_is_the_run_that_went_on(
    batches: Batches, small: TinyConfig, tmp_path: Path
) -> None:
    straight, broken = Run(small, QUICK), Run(small, QUICK)
    taught(straight, batches, 6)
    taught(broken, batches, 3)
    broken.save(tmp_path / "last.pt")
    resumed = Run(small, QUICK, seed=0)
    resumed.load(tmp_path / "last.pt")
    taught(resumed, batches, 3)
    assert resumed.step == straight.step and resumed.heard_s == straight.heard_s
    for name, value in straight.network.state_dict().items():
        torch.testing.assert_close(resumed.network.state_dict()[name], value, atol=0, rtol=0)
    for name, value in straight.averaged.state_dict().items():
        torch.testing.assert_close(resumed.averaged.state_dict()[name], value, atol=0, rtol=0)
    assert [path.name for path in tmp_path.iterdir()] == ["last.pt"]
    assert saved_config(tmp_path / "last.pt") == small


def test_a_warm_start_takes_what_fits(small: TinyConfig, tmp_path: Path) -> None:
    from dataclasses import replace

    Run(small, QUICK).save_averaged(tmp_path / "averaged.pt")
    wider = Run(replace(small, filter_blocks=3), QUICK, seed=9)
    new = wider.warm(tmp_path / "averaged.pt")
    assert new and all("filter_blocks.blocks.2" in name for name in new)


def test_the_rate_warms_up_and_anneals() -> None:
    pace = Pace(rate=1e-3, warm_up=10, until=1000, anneal=100)
    assert pace.at(0) == pytest.approx(1e-4)
    assert pace.at(10) == pytest.approx(1e-3, rel=0.01)
    assert pace.at(950) == pytest.approx(0.5 * pace.at(900), rel=0.01)
    assert pace.at(1000) == 0


def test_a_clip_comes_back_with_its_delay_taken_off(small: TinyConfig) -> None:
    sound = np.zeros(5000, np.float32)
    assert spoken(Run(small, QUICK).averaged, sound, 2).shape == (5000,)
