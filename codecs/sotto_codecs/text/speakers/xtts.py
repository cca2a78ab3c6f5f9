"""XTTS-v2 of coqui-tts: 17 languages and many voices, that of any talker among them, far from real
time without a GPU.

Its weights may not be used commercially (the Coqui Public Model License): the operator has to
accept that, and to fetch them.
"""

from collections.abc import Iterator
from copy import copy
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable, BadSettings, Unspeakable, WeightsMissing
from sotto_codecs.models import Models, pull
from sotto_codecs.text.language import primary
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.speakers.program import at_rate
from sotto_codecs.text.speakers.sharing import shared
from sotto_codecs.text.speaking import RATE_HZ, Spoken, pieces

FILES = ("config.json", "model.pth", "vocab.json", "speakers_xtts.pth")
FETCH = pull("xtts-v2")
NETWORK_HZ = 24_000
TALKER = "the talker"  # the voice of a sample


class Xtts:
    """A voice is a language and a speaker, such as "en/Claribel Dervla". `Cloning` as well."""

    name = "xtts"

    def __init__(self, models: Models) -> None:
        """Raises BackendUnavailable, WeightsMissing. Takes half a minute."""
        folder = next(iter(models.here("xtts*")), None)
        missing = [it for it in FILES if folder is None or not (folder / it).is_file()]
        if folder is None or missing:
            reason = f"XTTS-v2 wants {', '.join(missing)} in {folder or models.place}"
            raise WeightsMissing(reason, FETCH)
        if not models.xtts_licence_accepted:
            reason = "the licence of XTTS-v2 (not for commercial use) is not accepted"
            remedy = "set text.xtts_licence_accepted = true, if you accept it"
            raise BackendUnavailable(reason, remedy)
        if find_spec("TTS") is None:
            raise BackendUnavailable("coqui-tts is missing", "pip install coqui-tts")
        self._network = _loaded(folder)
        self._languages: tuple[str, ...] = tuple(self._network.config.languages)
        self._speakers: dict[str, dict[str, Any]] = self._network.speaker_manager.speakers

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted({primary(it) for it in self._languages}))

    def voices(self, language: str) -> tuple[str, ...]:
        known = next((it for it in self._languages if primary(it) == primary(language)), None)
        return tuple(f"{known}/{speaker}" for speaker in self._speakers) if known else ()

    def speak(self, text: str, voice: str = "") -> Iterator[Spoken]:
        voice = voice or self.voices("en")[0]
        language, _, speaker = voice.partition("/")
        if language not in self._languages or speaker not in self._speakers:
            raise BadSettings(f"xtts: a voice is like {self.voices('en')[0]!r}, not {voice!r}")
        said = ([it for it in words if any(map(str.isalnum, it))] for words in pieces(text))
        return (self._spoken(words, language, speaker) for words in said if words)

    def like(self, sample: Pcm) -> Self:
        try:
            heard = _tensor(sample)
            latents = {
                "gpt_cond_latent": self._network.get_gpt_cond_latents(heard, RATE_HZ),
                "speaker_embedding": self._network.get_speaker_embedding(heard, RATE_HZ),
            }
        except Exception as fault:  # of the network: one sample must not end the speaker
            raise Unspeakable(f"xtts: {fault}") from fault
        alike = copy(self)
        alike._speakers = {TALKER: latents}
        return alike

    def _spoken(self, words: list[str], language: str, speaker: str) -> Spoken:
        pcm = self._sound(" ".join(words), language, self._speakers[speaker])
        spans = shared(pcm, [len(word) for word in words])  # it tells nothing of its phonemes
        placed = zip(words, spans, strict=True)
        return Spoken(pcm, tuple(Word(word, *span) for word, span in placed))

    def _sound(self, text: str, language: str, speaker: dict[str, Any]) -> Pcm:
        """Raises Unspeakable."""
        latents = speaker["gpt_cond_latent"], speaker["speaker_embedding"]
        try:
            sound = self._network.inference(text, language, *latents)["wav"]
        except Exception as fault:  # of the network: one text must not end the speaker
            raise Unspeakable(f"xtts: {fault}") from fault
        return at_rate(np.asarray(sound, np.float32), NETWORK_HZ)


def _tensor(pcm: Pcm) -> Any:
    """(1, samples): coqui's own way is a file, and no voice is to lie on a disk."""
    import torch

    return torch.from_numpy(pcm)[None]


def _loaded(folder: Path) -> Any:
    """Raises BackendUnavailable, WeightsMissing."""
    try:
        from TTS.tts.configs.xtts_config import XttsConfig
        from TTS.tts.models.xtts import Xtts as Network
    except (ImportError, OSError) as fault:  # OSError: a torchaudio that wants CUDA
        remedy = "pip install coqui-tts torch torchaudio"
        raise BackendUnavailable(f"coqui-tts does not load: {fault}", remedy) from fault
    try:
        config = XttsConfig()
        config.load_json(folder / "config.json")
        network = Network.init_from_config(config)
        network.load_checkpoint(config, checkpoint_dir=folder, eval=True)
    except Exception as fault:  # of torch, json or coqui: a broken download
        raise WeightsMissing(f"{folder} holds no XTTS-v2: {fault}", FETCH) from fault
    return network
