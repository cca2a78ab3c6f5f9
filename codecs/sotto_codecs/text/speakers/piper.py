"""piper-tts: VITS networks in ONNX, in real time on one core, from voices on disk.

A voice is two files, NAME.onnx and NAME.onnx.json, in a model's folder piper*, and NAME is what it
is called here. The package brings its own copy of espeak-ng for the phonemes: hence ours runs as a
program.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable, BadSettings, Unspeakable, WeightsMissing
from sotto_codecs.models import Models, pull
from sotto_codecs.text.language import primary
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.speakers.espeak import MOST_PHONEMES
from sotto_codecs.text.speakers.program import at_rate
from sotto_codecs.text.speakers.sharing import shared
from sotto_codecs.text.speaking import Spoken, pieces

if TYPE_CHECKING:
    from piper import PiperVoice

FETCH = pull("piper-en_US-ljspeech-medium")
KEPT = 4  # voices in memory
LEVEL = 0.5  # piper brings the loudest sample to 1
SILENT = " .,;:!?'ˈˌ"


class Piper:
    name = "piper"

    def __init__(self, models: Models) -> None:
        """Raises BackendUnavailable, WeightsMissing."""
        if find_spec("piper") is None:
            remedy = "pip install 'sotto-call[piper]'"
            raise BackendUnavailable("the package piper-tts is missing", remedy)
        self._files = _files(models)
        if not self._files:
            raise WeightsMissing(f"piper wants a voice in {models.place}", FETCH)
        self._languages = {name: _language(file) for name, file in self._files.items()}
        self._loaded = lru_cache(KEPT)(_loaded)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted({primary(it) for it in self._languages.values()}))

    def voices(self, language: str) -> tuple[str, ...]:
        """Those of the very region first."""
        wanted = language.lower().replace("_", "-")
        able = [name for name, it in self._languages.items() if primary(it) == primary(wanted)]
        return tuple(sorted(able, key=lambda name: (self._languages[name] != wanted, name)))

    def speak(self, text: str, voice: str = "") -> Iterator[Spoken]:
        voice = voice or next(iter(self.voices("en")), next(iter(self._files)))
        if voice not in self._files:
            raise BadSettings(f"piper: a voice is one of {', '.join(self._files)}, not {voice!r}")
        return self._spoken(text, self._files[voice])

    def _spoken(self, text: str, file: Path) -> Iterator[Spoken]:
        for words in pieces(text):
            network = self._loaded(file)
            said = [(word, count) for word in words if (count := _phonemes(network, word))]
            if said:
                pcm = _sound(network, " ".join(word for word, _ in said))
                spans = shared(pcm, [count for _, count in said])
                placed = zip(said, spans, strict=True)
                yield Spoken(pcm, tuple(Word(word, *span) for (word, _), span in placed))


def _files(models: Models) -> dict[str, Path]:
    """Networks that have their description beside them, by name."""
    networks = [it for folder in models.here("piper*") for it in sorted(folder.glob("*.onnx"))]
    return {it.stem: it for it in networks if it.with_name(it.name + ".json").is_file()}


def _description(file: Path) -> dict[str, Any]:
    """Raises WeightsMissing."""
    try:
        described: dict[str, Any] = json.loads(file.with_name(file.name + ".json").read_bytes())
        described["espeak"]["voice"].lower()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise WeightsMissing(f"{file}.json describes no voice: {fault!r}", FETCH) from fault
    return described


def _language(file: Path) -> str:
    described: str = _description(file)["espeak"]["voice"]
    return described.lower()


def _loaded(file: Path) -> "PiperVoice":
    """On one thread: two stall as soon as anything else wants a core. Raises WeightsMissing."""
    import onnxruntime
    from piper import PiperVoice
    from piper.config import PiperConfig

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        config = PiperConfig.from_dict(_description(file))
        session = onnxruntime.InferenceSession(str(file), options, ["CPUExecutionProvider"])
    except Exception as fault:  # onnxruntime's own, which share no base; a broken download
        raise WeightsMissing(f"{file} is no voice: {fault}", FETCH) from fault
    return PiperVoice(session=session, config=config)


def _phonemes(network: "PiperVoice", word: str) -> int:
    """How many a word has, spoken alone; those that the network was not taught are silent."""
    if not any(map(str.isalnum, word)):
        return 0
    taught = network.config.phoneme_id_map
    found = [it for sentence in network.phonemize(word) for it in sentence]
    count = sum(it in taught and it not in SILENT for it in found)
    return 0 if not word.isascii() and count > MOST_PHONEMES * len(word) else count


def _sound(network: "PiperVoice", text: str) -> Pcm:
    """Raises Unspeakable."""
    try:
        sounds = [at_rate(it.audio_float_array, it.sample_rate) for it in network.synthesize(text)]
    except Exception as fault:  # of the network or the phonemes: one text must not end the speaker
        raise Unspeakable(f"piper: {fault}") from fault
    return np.concatenate([np.zeros(0, np.float32), *sounds]) * np.float32(LEVEL)
