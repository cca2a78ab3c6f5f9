"""A network of a few thousand weights and a corpus of hummed vowels, for the tests of training."""

import numpy as np
import numpy.typing as npt

from sotto_codecs.tiny.config import TinyConfig
from training.tiny.corpus import PITCH_SAMPLES, Clip, Corpus

RATE_HZ = 16_000
# all of the real one's clock, little of its width
SMALL = TinyConfig(
    encoder_fast=24,
    encoder_slow=32,
    decoder_slow=32,
    decoder_fast=24,
    encoder_fast_blocks=2,
    filter_blocks=2,
    latent=8,
    stages=4,
    entries=16,
)


def corpus() -> Corpus:
    """Six clips of 3 s: a pulse train at a gliding pitch through two resonances, and breath."""
    clips, sound, pitch = [], [], []
    samples = 3 * RATE_HZ
    for voice in range(6):
        said, pitch_hz = _vowel(voice, samples)
        split = "held" if voice == 5 else "train"
        clips.append(Clip(voice * samples, samples, "hummed", str(voice), split))
        sound.append(said)
        pitch.append(pitch_hz)
    return Corpus(np.concatenate(sound), np.concatenate(pitch), tuple(clips))


def _vowel(voice: int, samples: int) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.float16]]:
    time_s = np.arange(samples) / RATE_HZ
    pitch_hz = 110 + 30 * voice + 15 * np.sin(2 * np.pi * (0.7 + 0.1 * voice) * time_s)
    phase = np.cumsum(pitch_hz) / RATE_HZ
    chance = np.random.default_rng(voice)
    said = 0.002 * chance.standard_normal(samples)
    for harmonic in range(1, 20):
        hz = harmonic * pitch_hz
        strength = sum(1 / (1 + ((hz - at) / 120) ** 2) for at in (500 + 80 * voice, 1500))
        said += 0.08 * strength * np.cos(2 * np.pi * harmonic * phase)
    said *= 0.6 + 0.4 * np.sin(2 * np.pi * 3 * time_s)
    return (said * 32767).astype(np.int16), pitch_hz[::PITCH_SAMPLES].astype(np.float16)
