"""Its weights are 2 GB and its package is in no extra: what is said where they lack, and what is
asked of its network."""

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sotto_codecs.errors import BackendUnavailable, Unspeakable, WeightsMissing
from sotto_codecs.models import Models
from sotto_codecs.text.speakers.xtts import FILES, Xtts
from sotto_codecs.text.speaking import RATE_HZ, Cloning, Synthesiser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = tmp_path / "xtts-v2"
    model.mkdir()
    for name in FILES:
        (model / name).write_bytes(b"{}")
    return tmp_path


def test_without_weights_the_sentence_says_how_to_fetch_them(folder: Path) -> None:
    with pytest.raises(WeightsMissing, match="none is set; to mend it: sotto models pull xtts-v2"):
        Xtts(Models())
    (folder / "xtts-v2" / "vocab.json").unlink()
    with pytest.raises(WeightsMissing, match=r"wants vocab\.json"):
        Xtts(Models(folder, xtts_licence_accepted=True))


def test_nothing_is_loaded_before_the_licence_is_accepted(folder: Path) -> None:
    with pytest.raises(BackendUnavailable, match="xtts_licence_accepted"):
        Xtts(Models(folder))


def test_without_the_package_the_sentence_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sotto_codecs.text.speakers.xtts.find_spec", lambda name: None)
    with pytest.raises(BackendUnavailable, match="pip install coqui-tts"):
        Xtts(Models(folder, xtts_licence_accepted=True))


class SmallNetwork:
    """coqui's, as far as it is used: what it says begins with what it was conditioned on."""

    config = SimpleNamespace(languages=["en", "zh-cn"])
    speaker_manager = SimpleNamespace(
        speakers={"Ada": {"gpt_cond_latent": 0.1, "speaker_embedding": 0.2}}
    )

    def load_checkpoint(self, config: object, checkpoint_dir: Path, eval: bool) -> None:
        assert eval and (checkpoint_dir / "model.pth").is_file()

    def get_gpt_cond_latents(self, audio: Any, sr: int) -> float:
        assert audio.shape[0] == 1 and audio.shape[1] >= 3 * sr
        return float(audio.mean())

    def get_speaker_embedding(self, audio: Any, sr: int) -> float:
        return float(audio.std())

    def inference(self, text: str, language: str, latent: float, embedding: float) -> Any:
        sound = np.full(24_000, 0.3, np.float32)
        sound[:12_000] = latent
        sound[12_000:] = embedding
        return {"wav": sound}


class SmallConfig:
    def load_json(self, path: Path) -> None:
        assert path.read_bytes() == b"{}"


@pytest.fixture
def xtts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Xtts:
    network = SimpleNamespace(init_from_config=lambda config: SmallNetwork())
    for name in ("TTS", "TTS.tts", "TTS.tts.configs", "TTS.tts.models"):
        package = ModuleType(name)
        package.__spec__ = ModuleSpec(name, None)
        monkeypatch.setitem(sys.modules, name, package)
    config = SimpleNamespace(XttsConfig=SmallConfig)
    monkeypatch.setitem(sys.modules, "TTS.tts.configs.xtts_config", config)
    monkeypatch.setitem(sys.modules, "TTS.tts.models.xtts", SimpleNamespace(Xtts=network))
    return Xtts(Models(folder, xtts_licence_accepted=True))


def levels(engine: Synthesiser, language: str) -> list[float]:
    (spoken,) = engine.speak("so it goes", engine.voices(language)[0])
    assert [word.text for word in spoken.words] == ["so", "it", "goes"]
    return [round(float(np.median(it)), 2) for it in np.split(spoken.pcm, 2)]


def test_it_speaks_like_a_sample_in_every_language_and_nobody_else_does(xtts: Xtts) -> None:
    pytest.importorskip("torch")
    assert isinstance(xtts, Cloning)
    sample = np.full(3 * RATE_HZ, 0.5, np.float32)
    sample[::2] = 0.3
    alike = xtts.like(sample)
    assert (alike.name, alike.languages, alike.voices("nl")) == ("xtts", ("en", "zh"), ())
    assert levels(alike, "en") == levels(alike, "zh") == [0.4, 0.1]
    assert levels(xtts, "en") == [0.1, 0.2] and xtts.voices("en") == ("en/Ada",)


def test_a_sample_that_it_fails_over_is_unspeakable(xtts: Xtts) -> None:
    pytest.importorskip("torch")
    with pytest.raises(Unspeakable, match="xtts"):
        xtts.like(np.zeros(RATE_HZ, np.float32))
