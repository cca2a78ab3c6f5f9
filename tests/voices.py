"""Sound files that stand for the microphones of the tests' browsers."""

from pathlib import Path

import numpy as np
import soundfile
import soxr

from sotto_codecs.base import Pcm
from tests.speech import speak, spoken

RATE_HZ = 48_000
LOOP_S = 6.0  # the browsers repeat it
EVALUATION = Path(__file__).resolve().parents[2] / "shared/data/evaluation/librispeech_test_other"
READERS = ("1688/1688-142285-0006.flac", "2609/2609-156975-0004.flac")
# No stop, no fricative, no comma: a voice that never pauses, so that no pause is the speaker's.
SONORANT = "our new yellow lawn mower ran all year long and we were away in May"
_QUIET = 0.05  # of the loudest
_JOINT = 480  # samples at 16 kHz


def readers(folder: Path) -> tuple[Path, Path]:
    """A woman and a man of LibriSpeech where the data is there, else the voices of flite."""
    if EVALUATION.is_dir():
        sounds = [soundfile.read(EVALUATION / name, dtype="float32")[0] for name in READERS]
    else:
        whole = speak(folder).at_16k
        sounds = [whole, whole[len(whole) // 4 :]]
    return _written(sounds[0], folder / "one.wav"), _written(sounds[1], folder / "other.wav")


def never_pausing(folder: Path) -> tuple[Path, Path]:
    """A man and a woman who speak on and on, also where the file begins again."""
    one, other = (
        _written(_endless(spoken(voice, SONORANT, folder)), folder / f"{voice}-on.wav")
        for voice in ("rms", "slt")
    )
    return one, other


def _endless(at_16k: Pcm) -> Pcm:
    """Without the pauses at both ends, its end faded into its beginning."""
    loud = np.flatnonzero(np.abs(at_16k) > _QUIET * np.abs(at_16k).max())
    whole = at_16k[loud[0] : loud[-1]]
    fade = np.linspace(0, 1, _JOINT, dtype=np.float32)
    joint = whole[-_JOINT:] * (1 - fade) + whole[:_JOINT] * fade
    return np.concatenate([whole[_JOINT:-_JOINT], joint])


def _written(at_16k: Pcm, wav: Path) -> Path:
    loop = soxr.resample(at_16k[: round(LOOP_S * 16_000)], 16_000, RATE_HZ)
    soundfile.write(wav, loop * (0.5 / np.abs(loop).max()), RATE_HZ, subtype="PCM_16")
    return wav
