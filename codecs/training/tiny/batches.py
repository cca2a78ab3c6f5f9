"""Training batches: the batch of a step follows from seed and step alone, so a run can go on.

A clip is cut at random, and now and then made louder or softer, put into a room or into noise: the
network has to give back what it was given. How many stages arrive changes from clip to clip, in
some within the clip, and some lose steps in bursts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sotto_codecs.tiny.config import TinyConfig
from training.tiny.corpus import PITCH_SAMPLES, Clip, Corpus

Floats = npt.NDArray[np.float32]

RATE_HZ = 16_000
GAIN_DB = (-14.0, 6.0)
ROOM_SHARE, NOISE_SHARE, VARYING_SHARE, LOSSY_SHARE = 0.12, 0.2, 0.25, 0.25
SNR_DB = (3.0, 30.0)
LOST_SHARE = 0.12  # of the steps of a lossy clip
SOUNDS = (".wav", ".flac", ".ogg", ".opus")


@dataclass(frozen=True, slots=True)
class Batch:
    sound: Floats  # (batch, samples): what the encoder hears
    said: Floats  # (batch, samples): what the decoder should give then, `delay` earlier
    pitch: Floats  # (batch, rows): log2 of Hz when it gives it, 0 where there is no voice
    carried: npt.NDArray[np.int64]  # (batch, steps)

    @property
    def seconds(self) -> float:
        return self.sound.size / RATE_HZ


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the voice is put into; either may be empty."""

    rooms: tuple[Floats, ...] = ()
    noises: tuple[Floats, ...] = ()


def surroundings(rooms: Path | None, noises: Path | None) -> Surroundings:
    """All sound files of two folders, at 16 kHz."""
    return Surroundings(*(_sounds(folder) if folder else () for folder in (rooms, noises)))


def _sounds(folder: Path) -> tuple[Floats, ...]:
    import soundfile

    files = sorted(path for path in folder.rglob("*") if path.suffix in SOUNDS)
    return tuple(soundfile.read(path, dtype="float32", always_2d=True)[0][:, 0] for path in files)


class Batches:
    def __init__(
        self,
        corpus: Corpus,
        config: TinyConfig,
        around: Surroundings,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        self._corpus, self._config, self._around = corpus, config, around
        self._clips = corpus.part("train")
        share = np.array([self._share(clip, weights or {}) for clip in self._clips])
        self._sums = np.cumsum(share / share.sum())

    def batch(self, seed: int, step: int, clips: int, steps: int) -> Batch:
        """`clips` clips of `steps` steps of the codec's clock, for that step of the training."""
        chance = np.random.default_rng((seed, step))
        cuts = [self._cut(chance, steps) for _ in range(clips)]
        sound, said, pitch = (np.stack(part) for part in zip(*cuts, strict=True))
        carried = np.stack([self._carried(chance, steps) for _ in range(clips)])
        carried[0] = self._config.stages  # every stage sees some data in every step
        return Batch(sound, said, pitch, carried)

    def _share(self, clip: Clip, weights: Mapping[str, float]) -> float:
        return clip.samples * weights.get(clip.corpus, 1.0)

    def _cut(self, chance: np.random.Generator, steps: int) -> tuple[Floats, Floats, Floats]:
        config = self._config
        clip = self._clips[int(np.searchsorted(self._sums, chance.random()))]
        samples = steps * config.step + config.delay
        spare = max(0, clip.samples - samples) // PITCH_SAMPLES
        start = int(chance.integers(spare + 1)) * PITCH_SAMPLES
        sound, pitch = self._corpus.cut(clip, start, samples)
        sound = self._placed(sound, chance)
        return sound[config.delay :], sound[: -config.delay], pitch_rows(pitch, config)

    def _placed(self, sound: Floats, chance: np.random.Generator) -> Floats:
        around = self._around
        if around.rooms and chance.random() < ROOM_SHARE:
            sound = in_room(sound, around.rooms[chance.integers(len(around.rooms))])
        if around.noises and chance.random() < NOISE_SHARE:
            noise = around.noises[chance.integers(len(around.noises))]
            noise = np.resize(np.roll(noise, -int(chance.integers(len(noise)))), len(sound))
            sound = sound + noise * _share_of_noise(sound, noise, chance.uniform(*SNR_DB))
        gain = 10 ** (chance.uniform(*GAIN_DB) / 20)
        gain = min(gain, 0.99 / float(np.abs(sound).max(initial=1e-3)))
        return np.asarray(sound * gain, np.float32)

    def _carried(self, chance: np.random.Generator, steps: int) -> npt.NDArray[np.int64]:
        most = self._config.stages
        carried = np.full(steps, _stages(chance, most))
        if chance.random() < VARYING_SHARE:
            other = np.repeat(chance.random(-(-steps // 4)) < 0.5, 4)[:steps]
            carried = np.where(other, _stages(chance, most), carried)
        if chance.random() < LOSSY_SHARE:
            starts = chance.random(steps) < LOST_SHARE / 2
            lengths = chance.integers(1, 4, steps)  # two at the mean
            for start in np.flatnonzero(starts):
                carried[start : start + lengths[start]] = 0
        return carried


def pitch_rows(pitch: Floats, config: TinyConfig) -> Floats:
    """Hz every 5 ms of what is said -> log2 of Hz at the end of each row's new excitation.

    That lies `window` after the first sample of the row's last piece of sound.
    """
    end = (config.row - config.piece + config.window) // PITCH_SAMPLES
    rows = (len(pitch) * PITCH_SAMPLES - config.delay) // config.row
    at = np.minimum(np.arange(rows) * (config.row // PITCH_SAMPLES) + end, len(pitch) - 1)
    return np.asarray(np.log2(np.maximum(pitch[at], 1.0)), np.float32)


def in_room(sound: Floats, response: Floats) -> Floats:
    """Through a room, at the level it had, its direct sound where it was."""
    size = 1 << (len(sound) + len(response)).bit_length()
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)
    direct = int(np.abs(response).argmax())
    wet = wet[direct : direct + len(sound)]
    return np.asarray(wet * np.sqrt(np.sum(sound**2) / (np.sum(wet**2) + 1e-9)), np.float32)


def _share_of_noise(sound: Floats, noise: Floats, snr_db: float) -> float:
    ratio = float(np.mean(sound**2)) / (float(np.mean(noise**2)) + 1e-9)
    return min(10.0, float(np.sqrt(ratio)) * 10 ** (-snr_db / 20))


def _stages(chance: np.random.Generator, most: int) -> int:
    """Few stages more often than many: each adds less than the one before."""
    return 1 + int((most - 1) * chance.random() ** 1.5 + 0.5)
