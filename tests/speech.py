"""Speech for tests: flite speaks it at test time; nothing is fetched, nothing is stored."""

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import soxr

from sotto_codecs.base import Pcm

SENTENCES = (
    ("slt", "The birch canoe slid on the smooth planks. Glue the sheet to the dark background."),
    ("rms", "It is easy to tell the depth of a well. These days a chicken leg is a rare dish."),
    ("slt", "Rice is often served in round bowls. The juice of lemons makes fine punch."),
    ("rms", "The box was thrown beside the parked truck. Four hours of steady work faced us."),
)


@dataclass(frozen=True, eq=False)
class Speech:
    """A woman and a man in turn, about 20 s, loud as in a call, at any rate."""

    at_16k: Pcm

    @cache  # noqa: B019  # one object per test run
    def at(self, rate_hz: int) -> Pcm:
        resampled: Pcm = soxr.resample(self.at_16k, 16_000, rate_hz).astype(np.float32)
        resampled.setflags(write=False)
        return resampled


def speak(folder: Path) -> Speech:
    """All sentences, one after the other. Raises FileNotFoundError without flite."""
    return Speech(np.concatenate([spoken(*line, folder) for line in SENTENCES]))


def spoken(voice: str, words: str, folder: Path) -> Pcm:
    """One voice at 16 kHz. Raises FileNotFoundError without flite."""
    wav = folder / f"{voice}.wav"
    subprocess.run(["flite", "-voice", voice, "-t", words, "-o", str(wav)], check=True)
    pcm, rate_hz = soundfile.read(wav, dtype="float32")
    assert rate_hz == 16_000
    return np.asarray(pcm * (0.5 / np.abs(pcm).max()), np.float32)
