"""The cache of training sound: three flat files that are mapped into memory, and an index.

sound.i16: 16 kHz mono, every clip at the same level, one after the other
pitch.f16: Hz every 5 ms of the same, 0 where there is no voice
clips.tsv: first sample, samples, corpus, speaker, split ("train" or "held")
"""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

PITCH_SAMPLES = 80  # one figure of pitch every 5 ms


@dataclass(frozen=True, slots=True)
class Clip:
    first: int  # sample of the cache; a multiple of PITCH_SAMPLES
    samples: int  # a multiple of PITCH_SAMPLES
    corpus: str
    speaker: str
    split: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """Read-only; the sound stays on disk until it is asked for."""

    sound: npt.NDArray[np.int16]
    pitch: npt.NDArray[np.float16]
    clips: tuple[Clip, ...]

    def part(self, split: str) -> tuple[Clip, ...]:
        return tuple(clip for clip in self.clips if clip.split == split)

    def cut(
        self, clip: Clip, start: int, samples: int
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Sound in [-1, 1] and pitch from `start` of the clip on; after its end silence."""
        stop = min(start + samples, clip.samples)
        sound = np.zeros(samples, np.float32)
        pitch = np.zeros(samples // PITCH_SAMPLES, np.float32)
        piece = self.sound[clip.first + start : clip.first + stop]
        sound[: len(piece)] = piece.astype(np.float32) / 32768
        low, high = (clip.first + start) // PITCH_SAMPLES, (clip.first + stop) // PITCH_SAMPLES
        pitch[: high - low] = self.pitch[low:high]
        return sound, pitch


def opened(folder: Path) -> Corpus:
    """The cache that `prepare` left there."""
    with (folder / "clips.tsv").open(newline="") as lines:
        clips = tuple(
            Clip(int(line["first"]), int(line["samples"]), *(line[key] for key in _NAMES))
            for line in csv.DictReader(lines, delimiter="\t")
        )
    sound = np.memmap(folder / "sound.i16", np.int16, mode="r")
    pitch = np.memmap(folder / "pitch.f16", np.float16, mode="r")
    return Corpus(sound, pitch, clips)


def written_index(folder: Path, clips: Sequence[Clip]) -> None:
    """Write the index, all or nothing."""
    part = folder / "clips.tsv.part"
    with part.open("w", newline="") as lines:
        table = csv.DictWriter(lines, [field.name for field in fields(Clip)], delimiter="\t")
        table.writeheader()
        table.writerows(asdict(clip) for clip in clips)
    part.replace(folder / "clips.tsv")


_NAMES = ("corpus", "speaker", "split")
