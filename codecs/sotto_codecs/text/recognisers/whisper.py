"""Whisper through faster-whisper, from a folder on disk: hears some 99 languages, far better than
pocketsphinx. Nothing is ever fetched.

It hears whole windows, not streams: the phrase so far is heard again with every HOP_S of sound,
and what two windows agree on is final.
"""

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable, WeightsMissing
from sotto_codecs.models import Models, pull
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.recognising import Agreement, Hypothesis, known
from sotto_codecs.text.talkspurt import RATE_HZ

FILES = ("model.bin", "config.json", "tokenizer.json")  # without the last one would be fetched
HOP_S = 2.0  # a window of any length takes as long as one of 30 s, 0.75 s (tiny) to 2.1 s (small)
SETTLE_S = 0.5
_FETCH = pull("whisper-small")
_INSTALL = "pip install 'sotto-call[whisper]'"
_EVENT = re.compile(r"[\[(*♪](.+?)[\])*♪]")


class Whisper:
    """The loaded model, shared by all talkers; one thread for each of them."""

    def __init__(self, models: Models) -> None:
        """Takes the largest of several. Raises BackendUnavailable, WeightsMissing."""
        folder = _found(models)
        try:
            from faster_whisper import WhisperModel
        except ImportError as error:
            raise BackendUnavailable(f"faster-whisper is not here ({error})", _INSTALL) from error
        try:
            self._model = WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
            )
        except (RuntimeError, ValueError) as error:
            raise WeightsMissing(f"the Whisper in {folder} is damaged: {error}", _FETCH) from error
        self.name = f"faster-whisper {version('faster-whisper')}, {folder.name}"
        self.languages = tuple(self._model.supported_languages)

    def recogniser(self, language: str) -> "WhisperRecogniser":
        return WhisperRecogniser(self._model, known(language, self.languages, self.name))


class WhisperRecogniser:
    """One per talker. Other threads run while it listens."""

    def __init__(self, model: Any, language: str) -> None:
        self._model, self._language = model, language
        self.start()

    def start(self) -> None:
        self._sound = np.empty(0, np.float32)
        self._heard_samples = 0  # at the last window
        self._agreement = Agreement(SETTLE_S)
        self._so_far = Hypothesis(())

    def feed(self, pcm: Pcm) -> Hypothesis:
        self._sound = np.concatenate([self._sound, pcm])
        if len(self._sound) - self._heard_samples >= HOP_S * RATE_HZ:
            self._heard_samples = len(self._sound)
            self._so_far = self._agreement.heard(self._window(), len(self._sound) / RATE_HZ)
        return self._so_far

    def finish(self) -> tuple[Word, ...]:
        return self._agreement.last(self._window() if len(self._sound) else ())

    def close(self) -> None:
        """The model is everybody's."""

    def _window(self) -> list[Word]:
        """Temperature 0: the library's fall-backs draw at random, and take time."""
        segments, _ = self._model.transcribe(
            self._sound,
            language=self._language,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        found = [
            Word(spelt(word.word), float(word.start), float(word.end))
            for segment in segments
            for word in segment.words or ()
        ]
        return [word for word in found if word.text]


def spelt(word: str) -> str:
    """As it is sent: small, without punctuation around; `[laughter]` for an event of one word."""
    bare = word.strip().lower()
    event = _EVENT.fullmatch(bare)
    return f"[{event[1]}]" if event else re.sub(r"^[^\w&%$€£]+|[^\w&%$€£'’]+$", "", bare)


def _found(models: Models) -> Path:
    """Raises WeightsMissing."""
    folders = models.here("*whisper*")
    whole = [it for it in folders if all((it / name).is_file() for name in FILES)]
    if not whole:
        torn = f", only parts in {', '.join(it.name for it in folders)}" if folders else ""
        raise WeightsMissing(f"no Whisper in {models.place}{torn}", _FETCH)
    return max(whole, key=lambda it: (it / FILES[0]).stat().st_size)
