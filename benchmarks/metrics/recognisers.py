"""Who listens for the words: recognisers that run on this machine, without a network.

A recogniser is named as on the command line: "pocketsphinx", "faster-whisper:FOLDER".
"""

from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import numpy as np

from benchmarks.metrics.base import RATE_HZ, InstrumentMissing
from sotto_codecs.base import Pcm

WHISPER_FILES = ("model.bin", "config.json", "tokenizer.json")
_CONVERT = (
    "ct2-transformers-converter --model MODEL --output_dir FOLDER "
    "--copy_files tokenizer.json preprocessor_config.json; then faster-whisper:FOLDER"
)


class Recogniser(Protocol):
    @property
    def name(self) -> str:
        """With version and model; stands beside every word error rate."""

    def words(self, pcm: Pcm) -> str:
        """What is said in `pcm`, mono at RATE_HZ; the same each time. Digital silence is ""."""


class PocketSphinx:
    """CMU's recogniser; its wheel carries the American English model. No argument."""

    def __init__(self, argument: str = "") -> None:
        if argument:
            raise ValueError(f'"pocketsphinx" takes nothing behind a colon, not "{argument}"')
        from pocketsphinx import Decoder

        # One pass, and at most 3000 states a frame instead of 30000: on 50 sentences of
        # LibriSpeech test-other 1.8 times as fast, with 63.1 % of the words wrong for 61.1 %.
        self._decoder = Decoder(samprate=RATE_HZ, loglevel="FATAL", fwdflat=False, maxhmmpf=3000)
        self.name = f"pocketsphinx {version('pocketsphinx')}, en-us"

    def words(self, pcm: Pcm) -> str:
        if not pcm.any():
            return ""
        samples = np.clip(np.round(pcm * 32768), -32768, 32767).astype("<i2").tobytes()
        # The estimates of noise and of the cepstral mean outlive an utterance: start them afresh,
        # or the words depend on what was heard before.
        self._decoder.reinit_feat()
        self._decoder.start_utt()
        self._decoder.process_raw(samples, full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return "" if hypothesis is None else str(hypothesis.hypstr)


class FasterWhisper:
    """A Whisper that was converted for CTranslate2, from a folder; nothing is ever fetched."""

    def __init__(self, argument: str = "") -> None:
        folder = Path(argument)
        # without a tokenizer of its own the library would fetch one
        missing = [name for name in WHISPER_FILES if not (folder / name).is_file()]
        if not argument or missing:
            raise InstrumentMissing(f'no {", ".join(missing)} in "{argument}": {_CONVERT}')
        try:
            from faster_whisper import WhisperModel
        except ImportError as error:
            raise InstrumentMissing("no faster-whisper: pip install faster-whisper") from error
        try:
            self._model = WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
            )
        except (RuntimeError, ValueError) as error:
            raise InstrumentMissing(f"{folder}: {error}: {_CONVERT}") from error
        self.name = f"faster-whisper {version('faster-whisper')}, {folder.name}"

    def words(self, pcm: Pcm) -> str:
        if not pcm.any():
            return ""
        # Temperature 0: the library's fall-backs draw at random. Each sentence on its own.
        segments, _ = self._model.transcribe(
            pcm, language="en", beam_size=5, temperature=0.0, condition_on_previous_text=False
        )
        return " ".join(segment.text.strip() for segment in segments)


RECOGNISERS: dict[str, type[PocketSphinx] | type[FasterWhisper]] = {
    "pocketsphinx": PocketSphinx,
    "faster-whisper": FasterWhisper,
}


def load(spec: str) -> Recogniser:
    """Raises InstrumentMissing, ImportError, and ValueError for a name that nobody knows."""
    name, _, argument = spec.partition(":")
    if name not in RECOGNISERS:
        raise ValueError(f'no recogniser "{name}"; known are {", ".join(RECOGNISERS)}')
    return RECOGNISERS[name](argument)
