"""A folder or a manifest of speech -> the cache that `train` reads (corpus.py).

Every clip: 16 kHz, mono, RMS at -25 dBFS (lower where it would clip), pitch by pyworld (DIO and
StoneMask). A few speakers are held back for validation.
"""

import argparse
import csv
import random
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.tiny.corpus import PITCH_SAMPLES, Clip, written_index

RATE_HZ = 16_000
LEVEL_DBFS = -25.0
HELD_SHARE = 0.04  # of a corpus's speakers, where it has more than a handful
HANDFUL = 10
SOUNDS = (".wav", ".flac", ".ogg", ".opus")
LOWEST_HZ, HIGHEST_HZ = 55.0, 500.0


@dataclass(frozen=True, slots=True)
class Source:
    path: Path
    corpus: str
    speaker: str


@dataclass(frozen=True, slots=True)
class Prepared:
    source: Source
    sound: npt.NDArray[np.int16]
    pitch: npt.NDArray[np.float16]


def listed(where: Path) -> list[Source]:
    """What a manifest names (columns path, corpus, speaker), or every sound file under a folder.

    In a folder the name of the file's own folder is taken for the speaker.
    """
    if where.is_dir():
        files = sorted(path for path in where.rglob("*") if path.suffix in SOUNDS)
        return [Source(path, where.name, path.parent.name) for path in files]
    with where.open(newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    return [Source(where.parent / row["path"], row["corpus"], row["speaker"]) for row in rows]


def prepared(source: Source, with_pitch: bool = True) -> Prepared:
    """One file as the cache holds it."""
    import soundfile
    import soxr

    sound, rate_hz = soundfile.read(source.path, dtype="float64", always_2d=True)
    sound = sound.mean(axis=1)
    if rate_hz != RATE_HZ:
        sound = soxr.resample(sound, rate_hz, RATE_HZ)
    sound = levelled(sound[: len(sound) // PITCH_SAMPLES * PITCH_SAMPLES])
    pitch = pitched(sound) if with_pitch else np.zeros(len(sound) // PITCH_SAMPLES)
    return Prepared(source, np.rint(sound * 32767).astype(np.int16), pitch.astype(np.float16))


def levelled(sound: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """At LEVEL_DBFS, its peak below 0.99; silence stays silence."""
    rms, peak = float(np.sqrt(np.mean(sound**2) + 1e-12)), float(np.abs(sound).max(initial=1e-9))
    return sound * min(10 ** (LEVEL_DBFS / 20) / rms, 0.99 / peak) if rms > 1e-4 else sound


def pitched(sound: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Hz every 5 ms, 0 where there is no voice."""
    import pyworld

    period_ms = 1000 * PITCH_SAMPLES / RATE_HZ
    rough, times = pyworld.dio(
        sound, RATE_HZ, f0_floor=LOWEST_HZ, f0_ceil=HIGHEST_HZ, frame_period=period_ms
    )
    pitch: npt.NDArray[np.float64] = pyworld.stonemask(sound, rough, times, RATE_HZ)
    return pitch[: len(sound) // PITCH_SAMPLES]


def held_speakers(sources: list[Source]) -> set[tuple[str, str]]:
    """Which speakers validation keeps; none of a corpus with a handful of them."""
    speakers = defaultdict(set)
    for source in sources:
        speakers[source.corpus].add(source.speaker)
    held: set[tuple[str, str]] = set()
    for corpus, names in sorted(speakers.items()):
        if len(names) > HANDFUL:
            chosen = random.Random(corpus).sample(sorted(names), round(HELD_SHARE * len(names)))
            held |= {(corpus, name) for name in chosen}
    return held


def write(folder: Path, clips: Iterator[Prepared], held: set[tuple[str, str]]) -> list[Clip]:
    """Fill the cache; its index comes last, so a cache that has one is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    index: list[Clip] = []
    first = 0
    with (folder / "sound.i16").open("wb") as sound, (folder / "pitch.f16").open("wb") as pitch:
        for clip in clips:
            source = clip.source
            split = "held" if (source.corpus, source.speaker) in held else "train"
            index.append(Clip(first, len(clip.sound), source.corpus, source.speaker, split))
            sound.write(clip.sound.tobytes())
            pitch.write(clip.pitch.tobytes())
            first += len(clip.sound)
    written_index(folder, index)
    return index


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, help="a folder of sound files, or a manifest (.tsv)")
    parser.add_argument("cache", type=Path, help="where the cache goes, about 115 MB an hour")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--keep-pitch", action="store_true", help="pitch.f16 is there already")


def run(arguments: argparse.Namespace) -> None:
    sources = listed(arguments.source)
    random.Random(0).shuffle(sources)
    kept = (arguments.cache / "pitch.f16").read_bytes() if arguments.keep_pitch else b""
    make = partial(prepared, with_pitch=not arguments.keep_pitch)
    with ProcessPoolExecutor(arguments.processes) as pool:
        clips = pool.map(make, sources, chunksize=8)
        index = write(arguments.cache, clips, held_speakers(sources))
    if kept:
        (arguments.cache / "pitch.f16").write_bytes(kept)
    hours = sum(clip.samples for clip in index) / RATE_HZ / 3600
    print(f"{len(index)} clips, {hours:.2f} h, in {arguments.cache}")
