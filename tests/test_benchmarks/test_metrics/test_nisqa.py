"""NISQA: torchmetrics' published example, noise, holes, and weights that are not there."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.metrics.base import RATE_HZ, InstrumentMissing, NotApplicable, Take
from benchmarks.metrics.nisqa import Nisqa
from sotto_codecs.base import Pcm

WEIGHTS = Path(__file__).resolve().parents[4] / "shared/instruments/nisqa"
EXAMPLE = [1.0433, 1.9545, 2.6087, 1.3460, 1.7117]  # of torch.manual_seed(42), torch.randn(16000)


@pytest.fixture(scope="module")
def nisqa(tmp_path_factory: pytest.TempPathFactory) -> Nisqa:
    """Loaded with an empty home, which must stay empty."""
    pytest.importorskip("torchmetrics", reason="NISQA needs torch: pip install '.[torch]'")
    if not WEIGHTS.is_dir():
        pytest.skip(f"NISQA's weights are not in {WEIGHTS}")
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        loaded = Nisqa(WEIGHTS)
    assert list(home.iterdir()) == []
    return loaded


def scored(nisqa: Nisqa, heard: Pcm) -> dict[str, float]:
    scores = nisqa.score(Take(heard, heard, "", same_timing=False))
    return {key: score.value for key, score in scores.items()}


def test_torchmetrics_example(nisqa: Nisqa) -> None:
    torch = pytest.importorskip("torch")
    drawn = torch.randn(16_000, generator=torch.Generator().manual_seed(42)).numpy()
    assert list(scored(nisqa, drawn).values()) == pytest.approx(EXAMPLE, abs=1e-3)


def test_every_dimension_hears_its_own_fault(nisqa: Nisqa, sentence: Pcm, noise: Pcm) -> None:
    clean = scored(nisqa, sentence)
    lost = np.random.default_rng(2).random(len(sentence) // 640) < 0.2
    holed = np.where(np.repeat(lost, 640), np.float32(0), sentence)
    for heard, key in (
        (sentence + noise * np.float32(0.2), "nisqa_noisiness"),
        (holed, "nisqa_discontinuity"),
        (sentence * np.float32(0.02), "nisqa_loudness"),
    ):
        faulty = scored(nisqa, heard)
        assert faulty["nisqa_mos"] < clean["nisqa_mos"] - 0.5, key
        assert faulty[key] < clean[key] - 0.5, key


@pytest.mark.parametrize("seconds", [0.0, 0.2, 60.0])
def test_what_does_not_fit_the_model_is_not_judged(nisqa: Nisqa, seconds: float) -> None:
    with pytest.raises(NotApplicable, match=f"not {seconds}"):
        scored(nisqa, np.zeros(round(seconds * RATE_HZ), np.float32))


@pytest.mark.parametrize("seconds", [0.3, 50.0])
def test_the_longest_and_the_shortest_fit(nisqa: Nisqa, seconds: float) -> None:
    silence = np.zeros(round(seconds * RATE_HZ), np.float32)
    assert all(0 < value < 6 for value in scored(nisqa, silence).values())


def test_missing_weights_are_told_with_where_to_get_them(tmp_path: Path) -> None:
    for weights in (None, tmp_path):
        with pytest.raises(InstrumentMissing, match=r"BY-NC-SA.*gabrielmittag/NISQA"):
            Nisqa(weights)


def test_broken_weights_are_told(tmp_path: Path) -> None:
    pytest.importorskip("torchmetrics", reason="NISQA needs torch: pip install '.[torch]'")
    (tmp_path / "nisqa.tar").write_bytes(b"no weights")
    with pytest.raises(InstrumentMissing, match="is broken"):
        Nisqa(tmp_path)
