"""Does it still sound like the same person? The cosine of two embeddings of the voice.

Other people come to about 0.5, not to 0: read it against the likeness of the original to
itself, which is 1, and of one voice to another.
"""

import warnings
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from benchmarks.metrics.base import RATE_HZ, InstrumentMissing, Measure, NotApplicable, Score, Take
from sotto_codecs.base import Pcm

LEAST_S = 0.8  # half of the piece that resemblyzer's network looks at
LEVEL = 10 ** (-30 / 20)  # resemblyzer's own
KEPT = 256  # embeddings; the same original comes back with every system
_FETCH_ECAPA = "hf download speechbrain/spkrec-ecapa-voxceleb --local-dir FOLDER"

Embedding = npt.NDArray[np.float32]


class VoiceEncoder(Protocol):
    name: str

    def embed(self, pcm: Pcm) -> Embedding | None:
        """Of length 1. None where there is too little speech."""


class Likeness:
    """Any timing will do, and any words."""

    MEASURES: ClassVar[tuple[Measure, ...]] = (
        Measure("likeness", "Likeness", "", better="higher", worst=0, best=1, digits=3),
    )

    def __init__(self, encoder: str = "resemblyzer") -> None:
        """`encoder` is "resemblyzer" or "ecapa:FOLDER". Raises InstrumentMissing, ImportError,
        ValueError."""
        self._encoder = _load(encoder)
        self._known: dict[bytes, Embedding | None] = {}

    @property
    def name(self) -> str:
        return self._encoder.name

    def score(self, take: Take) -> dict[str, Score]:
        """A system that says nothing is like nobody: left out of the mean it would gain by it."""
        said, heard = self._remembered(take.said), self._encoder.embed(take.heard)
        if said is None:
            raise NotApplicable(f"the original has less than {LEAST_S} s of speech")
        cosine = 0.0 if heard is None else float(said @ heard)
        return {"likeness": Score(min(max(cosine, 0.0), 1.0))}

    def _remembered(self, pcm: Pcm) -> Embedding | None:
        key = sha256(pcm.tobytes()).digest()
        if key not in self._known:
            self._known[key] = self._encoder.embed(pcm)
            if len(self._known) > KEPT:
                del self._known[next(iter(self._known))]
        return self._known[key]


class Resemblyzer:
    """An LSTM trained with GE2E (arXiv 1710.10467); its wheel carries the weights."""

    def __init__(self) -> None:
        import torch

        with warnings.catch_warnings():
            # it and its webrtcvad use retired corners of scipy and setuptools
            warnings.simplefilter("ignore")
            from resemblyzer import VoiceEncoder, preprocess_wav
        torch.set_num_threads(1)  # two stall as soon as anything else wants a core
        self._network, self._prepare = VoiceEncoder("cpu", verbose=False), preprocess_wav
        self.name = f"resemblyzer {version('resemblyzer')}"

    def embed(self, pcm: Pcm) -> Embedding | None:
        if not pcm.any():  # which cannot be brought to a level
            return None
        # It only makes quiet sound louder, and the network hears a difference of level as another
        # voice: 20 dB cost 0.1. So all come at the level for which it was trained.
        level = LEVEL / np.sqrt(np.mean(pcm.astype(np.float64) ** 2))
        speech = self._prepare(np.clip(pcm * np.float32(level), -1, 1))  # takes long pauses out
        if len(speech) < LEAST_S * RATE_HZ:
            return None
        embedding: Embedding = self._network.embed_utterance(speech)
        return embedding


class Ecapa:
    """ECAPA-TDNN (arXiv 2005.07143) as speechbrain stores it; nothing is ever fetched.

    Its hyperparams.yaml is run like a programme: take the folder from someone you trust.
    """

    def __init__(self, folder: Path) -> None:
        import torch

        torch.set_num_threads(1)  # two stall as soon as anything else wants a core
        if not (folder / "hyperparams.yaml").is_file():
            raise InstrumentMissing(f'no hyperparams.yaml in "{folder}": {_FETCH_ECAPA}')
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it and torchaudio announce their own changes
            self._network = _speechbrain_network(folder)
        self._tensor: Callable[[Pcm], Any] = torch.from_numpy
        self.name = f"ECAPA-TDNN, speechbrain {version('speechbrain')}, {folder.name}"

    def embed(self, pcm: Pcm) -> Embedding | None:
        if not pcm.any() or len(pcm) < LEAST_S * RATE_HZ:
            return None
        raw = self._network.encode_batch(self._tensor(pcm)[None])[0, 0].cpu().numpy()
        embedding: Embedding = raw / np.linalg.norm(raw)
        return embedding


def _speechbrain_network(folder: Path) -> Any:
    try:
        from speechbrain.inference.classifiers import EncoderClassifier
        from speechbrain.utils.fetching import FetchConfig, LocalStrategy
    except (ImportError, OSError) as error:  # OSError: a torchaudio that wants CUDA
        raise InstrumentMissing(f"no speechbrain ({error}): pip install speechbrain") from error
    try:
        return EncoderClassifier.from_hparams(
            source=str(folder),
            savedir=str(folder),
            local_strategy=LocalStrategy.NO_LINK,
            fetch_config=FetchConfig(allow_network=False),
            overrides={"pretrained_path": str(folder)},
            overrides_must_match=False,
        )
    except (OSError, ValueError) as error:
        raise InstrumentMissing(f"{error}: {_FETCH_ECAPA}") from error


def _load(spec: str) -> VoiceEncoder:
    name, _, folder = spec.partition(":")
    if name == "ecapa":
        return Ecapa(Path(folder))
    if spec != "resemblyzer":
        raise ValueError(f'no encoder of voices "{spec}"; known are resemblyzer, ecapa:FOLDER')
    return Resemblyzer()
