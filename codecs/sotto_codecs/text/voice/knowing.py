"""Is this a known caller, and does still the same person talk into the microphone?"""

import warnings
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable, WeightsMissing
from sotto_codecs.models import NO_MODELS, Models, pull
from sotto_codecs.text.speaking import RATE_HZ
from sotto_codecs.text.voice.measuring import VoiceMeter

Embedding = npt.NDArray[np.float32]
Name = TypeVar("Name")

PIECE_S = 6.0  # of sound, looked at together
UNLIKE_FOR = 2  # pieces in a row, before the talker has changed: a laugh is no new person
MEMORY = 8  # pieces; what is known of a talker follows slowly


class Encoder(Protocol):
    """Voices as points: near ones are of one talker."""

    @property
    def radius(self) -> float:
        """Two points of one talker are no farther apart."""

    @property
    def sure(self) -> float:
        """Two points that are as near as this are of one talker."""

    def embed(self, pcm: Pcm) -> Embedding | None:
        """Of PIECE_S at 16 kHz or more; None where there is too little speech."""


def encoder(models: Models = NO_MODELS) -> Encoder:
    """The best that is here, with its weights."""
    if models.here("ecapa") and find_spec("speechbrain"):
        return Ecapa(models)
    return Resemblyzer() if find_spec("resemblyzer") and find_spec("torch") else Statistics()


class Ecapa:
    """ECAPA-TDNN (arXiv 2005.07143) as speechbrain stores it, its hyperparams.yaml included, which
    is run like a programme. Needs torch. Its radius is speechbrain's own threshold, a cosine of
    0.25; without its weights it was not measured here.
    """

    radius = 1.22
    sure = 1.0

    def __init__(self, models: Models) -> None:
        """Raises BackendUnavailable, WeightsMissing."""
        folder = next(iter(models.here("ecapa")), None)
        if folder is None or not (folder / "hyperparams.yaml").is_file():
            raise WeightsMissing(f"no hyperparams.yaml in {models.place}/ecapa", pull("ecapa"))
        try:
            import torch
            from speechbrain.inference.classifiers import EncoderClassifier
            from speechbrain.utils.fetching import FetchConfig, LocalStrategy
        except (ImportError, OSError) as fault:  # OSError: a torchaudio that wants CUDA
            raise BackendUnavailable(
                f"no speechbrain: {fault}", "pip install speechbrain"
            ) from fault
        torch.set_num_threads(1)  # two stall as soon as anything else wants a core
        self._network = EncoderClassifier.from_hparams(
            source=str(folder),
            savedir=str(folder),
            local_strategy=LocalStrategy.NO_LINK,
            fetch_config=FetchConfig(allow_network=False),
            overrides={"pretrained_path": str(folder)},
            overrides_must_match=False,
        )
        self._tensor: Callable[[Pcm], Any] = torch.from_numpy

    def embed(self, pcm: Pcm) -> Embedding | None:
        if not pcm.any():
            return None
        raw = self._network.encode_batch(self._tensor(pcm)[None])[0, 0].cpu().numpy()
        embedding: Embedding = raw / np.linalg.norm(raw)
        return embedding


class Resemblyzer:
    """A network trained to tell talkers apart (GE2E, arXiv 1710.10467); needs torch.

    On 55 pieces of 6 s and more by 13 talkers, no pair was on the wrong side of the radius.
    """

    radius = 0.70
    sure = 0.65

    def __init__(self) -> None:
        """Raises BackendUnavailable."""
        try:
            import torch

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # retired corners of scipy and setuptools
                from resemblyzer import VoiceEncoder, preprocess_wav
        except ImportError as fault:
            remedy = "pip install 'sotto-call[torch]'"
            raise BackendUnavailable(f"{fault.name} is missing", remedy) from fault
        torch.set_num_threads(1)  # two stall as soon as anything else wants a core
        self._network, self._prepare = VoiceEncoder("cpu", verbose=False), preprocess_wav

    def embed(self, pcm: Pcm) -> Embedding | None:
        power = float(np.mean(pcm.astype(np.float64) ** 2)) if len(pcm) else 0.0
        if not power:
            return None
        level = np.float32(10 ** (-30 / 20) / power**0.5)  # that of its training
        speech = self._prepare(np.clip(pcm * level, -1, 1))  # takes long pauses out
        if len(speech) < PIECE_S / 2 * RATE_HZ:
            return None
        embedding: Embedding = self._network.embed_utterance(speech)
        return embedding


class Statistics:
    """Envelope, pitch and tract of a card, each in units of how much people differ in it.

    It knows the microphone as well as the talker. On the same pieces as Resemblyzer 9 % of one
    talker's pairs were outside the radius, 4 % of two talkers' inside: enough to see a change. Of
    those who are as near as `sure`, 0.2 % were two: they may have each other's card.
    """

    radius = 1.3
    sure = 0.9

    def embed(self, pcm: Pcm) -> Embedding | None:
        meter = VoiceMeter()
        meter.add(pcm)
        card = meter.card()
        if card is None:
            return None
        envelope = np.array(card.voiced_db) / 5.0 / (len(card.voiced_db) / 2) ** 0.5
        return np.array([*envelope, card.pitch_st / 4.0, card.tract_cm], np.float32)


def known(voice: Embedding, callers: Mapping[Name, Embedding], radius: float) -> Name | None:
    """The nearest of the callers, where one is within the radius."""
    apart = {name: float(np.linalg.norm(it - voice)) for name, it in callers.items()}
    nearest = min(apart, key=lambda name: apart[name], default=None)
    return nearest if nearest is not None and apart[nearest] <= radius else None


class Watch:
    """Of one microphone. After a change, what it knows is the new talker."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._piece = np.zeros(0, np.float32)
        self._voice: Embedding | None = None
        self._pieces = 0
        self._unlike: list[Embedding] = []

    @property
    def voice(self) -> Embedding | None:
        """Of the talker, so far."""
        return self._voice

    def add(self, pcm: Pcm) -> bool:
        """Another phrase at 16 kHz; whether by now somebody else talks."""
        self._piece = np.concatenate([self._piece, np.nan_to_num(pcm)])
        if len(self._piece) < PIECE_S * RATE_HZ:
            return False
        voice, self._piece = self._encoder.embed(self._piece), np.zeros(0, np.float32)
        return voice is not None and self._heard(voice)

    def knows(self, pcm: Pcm) -> bool:
        """Whether PIECE_S and more are surely of the talker, and of nobody else.

        Of 29 samples by 13 talkers Resemblyzer knew all after 16 s of each, and Statistics 22; of
        348 that were another's, none and 1."""
        voice = self._encoder.embed(pcm)
        if voice is None or self._voice is None:
            return False
        return float(np.linalg.norm(voice - self._voice)) <= self._encoder.sure

    def _heard(self, voice: Embedding) -> bool:
        if self._voice is None:
            self._learn(voice)
        elif float(np.linalg.norm(voice - self._voice)) <= self._encoder.radius:
            self._unlike.clear()
            self._learn(voice)
        else:
            self._unlike.append(voice)
            if len(self._unlike) >= UNLIKE_FOR:
                self._voice, self._pieces = np.mean(self._unlike, axis=0), len(self._unlike)
                self._unlike.clear()
                return True
        return False

    def _learn(self, voice: Embedding) -> None:
        self._pieces = min(self._pieces + 1, MEMORY)
        before = voice if self._voice is None else self._voice
        self._voice = before + (voice - before) / np.float32(self._pieces)
