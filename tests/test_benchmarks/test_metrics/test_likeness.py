"""Likeness of voices: to itself, to the same voice, to another; and where there is no voice."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.metrics.base import RATE_HZ, InstrumentMissing, NotApplicable, Take
from benchmarks.metrics.likeness import KEPT, Likeness
from sotto_codecs.base import Pcm
from tests.speech import spoken

for package in ("torch", "resemblyzer"):
    pytest.importorskip(package, reason=f"no {package}: pip install '.[torch]'")

CANOE = "The birch canoe slid on the smooth planks."
CHICKEN = "These days a chicken leg is a rare dish."
SPEECHBRAIN = """
pretrained_path: somebody/something
compute_features: !new:speechbrain.lobes.features.Fbank
    n_mels: 40
mean_var_norm: !new:speechbrain.processing.features.InputNormalization
    norm_type: sentence
    std_norm: False
embedding_model: !new:speechbrain.lobes.models.ECAPA_TDNN.ECAPA_TDNN
    input_size: 40
    channels: [16, 16, 16, 16, 48]
    attention_channels: 8
    lin_neurons: 12
modules:
    compute_features: !ref <compute_features>
    mean_var_norm: !ref <mean_var_norm>
    embedding_model: !ref <embedding_model>
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
    loadables:
        embedding_model: !ref <embedding_model>
    paths:
        embedding_model: !ref <pretrained_path>/embedding_model.ckpt
"""


@pytest.fixture(scope="module")
def likeness() -> Likeness:
    return Likeness()


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pcm]:
    folder = tmp_path_factory.mktemp("voices")
    return {
        f"{voice} {name}": spoken(voice, words, folder)
        for voice in ("slt", "rms")
        for name, words in (("canoe", CANOE), ("chicken", CHICKEN))
    }


def between(likeness: Likeness, said: Pcm, heard: Pcm) -> float:
    return likeness.score(Take(said, heard, "", same_timing=False))["likeness"].value


def test_a_sentence_is_like_itself(likeness: Likeness, voices: dict[str, Pcm]) -> None:
    for pcm in voices.values():
        assert between(likeness, pcm, pcm.copy()) == pytest.approx(1, abs=1e-5)


def test_the_level_does_not_matter(likeness: Likeness, voices: dict[str, Pcm]) -> None:
    said = voices["slt canoe"]
    for gain in (0.03, 0.3, 1.5):
        assert between(likeness, said, np.asarray(said * gain, np.float32)) > 0.98


def test_the_voice_counts_and_not_the_words(likeness: Likeness, voices: dict[str, Pcm]) -> None:
    for voice, other in (("slt", "rms"), ("rms", "slt")):
        same_voice = between(likeness, voices[f"{voice} canoe"], voices[f"{voice} chicken"])
        same_words = between(likeness, voices[f"{voice} canoe"], voices[f"{other} canoe"])
        assert same_voice > 0.8 > 0.7 > same_words


def test_noise_is_like_nobody(likeness: Likeness, voices: dict[str, Pcm]) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, 2 * RATE_HZ).astype(np.float32)
    assert between(likeness, voices["slt canoe"], noise) < 0.65


@pytest.mark.parametrize("samples", [0, 400, RATE_HZ // 2])
def test_an_original_without_speech_has_no_likeness(likeness: Likeness, samples: int) -> None:
    for pcm in (np.zeros(samples, np.float32), np.full(samples, 0.3, np.float32)):
        with pytest.raises(NotApplicable, match="speech"):
            between(likeness, pcm, pcm)


def test_who_says_nothing_is_like_nobody(likeness: Likeness, voices: dict[str, Pcm]) -> None:
    said = voices["rms canoe"]
    assert between(likeness, said, np.zeros_like(said)) == 0
    assert between(likeness, said, said[: RATE_HZ // 4]) == 0


def test_what_is_remembered_is_bounded_and_changes_nothing(
    likeness: Likeness, voices: dict[str, Pcm]
) -> None:
    said, heard = voices["slt canoe"], voices["slt chicken"]
    first = between(likeness, said, heard)
    for number in range(KEPT + 1):
        with pytest.raises(NotApplicable):
            between(likeness, np.full(number + 1, 0.1, np.float32), np.zeros(0, np.float32))
    assert len(likeness._known) <= KEPT
    assert between(likeness, said, heard) == first


def test_a_name_or_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='no encoder of voices "parrot"'):
        Likeness("parrot")
    with pytest.raises(InstrumentMissing, match=r"no hyperparams.yaml .*hf download"):
        Likeness(f"ecapa:{tmp_path}")


def test_an_ecapa_on_disk_is_loaded_with_its_weights(
    tmp_path: Path, voices: dict[str, Pcm]
) -> None:
    """A small one with random weights: its likeness means little, but is its own."""
    said, heard = voices["slt canoe"], voices["rms canoe"]
    found = []
    for seed in (1, 2):
        folder = tmp_path / f"ecapa-{seed}"
        small_ecapa(folder, seed)
        ecapa = Likeness(f"ecapa:{folder}")
        assert ecapa.name.endswith(f"ecapa-{seed}")
        assert between(ecapa, said, said.copy()) == pytest.approx(1, abs=1e-5)
        assert between(ecapa, said, np.zeros_like(said)) == 0
        found.append(between(ecapa, said, heard))
    assert 0 < found[0] < 0.9999
    assert found[0] != pytest.approx(found[1], abs=1e-5)
    (folder / "embedding_model.ckpt").unlink()
    with pytest.raises(InstrumentMissing, match="hf download"):
        Likeness(f"ecapa:{folder}")


def small_ecapa(folder: Path, seed: int) -> None:
    import torch

    try:
        from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN
    except (ImportError, OSError) as why:  # OSError: a torchaudio that wants CUDA
        pytest.skip(f"no speechbrain that works ({why}): pip install speechbrain")
    folder.mkdir()
    (folder / "hyperparams.yaml").write_text(SPEECHBRAIN)
    torch.manual_seed(seed)
    network = ECAPA_TDNN(40, channels=[16, 16, 16, 16, 48], attention_channels=8, lin_neurons=12)
    torch.save(network.state_dict(), folder / "embedding_model.ckpt")
