"""What is said: sentences of a manifest, or spoken by flite where nobody recorded any.

A manifest is a table with tabs between its columns and a header line: path (from the manifest's
own folder), speaker, licence, transcript; other columns are ignored.
"""

import csv
import random
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
import soxr

from benchmarks.codecs.results import Material, Sentence
from benchmarks.metrics.base import RATE_HZ
from sotto_codecs.base import Pcm

LEVEL_DBFS = -26.0  # RMS of the whole sentence
SHORTEST_S = 0.5
NOISE_SHORTEST_S = 10.0  # backgrounds that go on; not a door that falls shut
COLUMNS = ("path", "speaker", "licence", "transcript")
SOUNDS = (".wav", ".flac", ".ogg", ".opus")

FLITE = "flite's voices"
FLITE_VOICES = ("slt", "rms", "awb", "kal16")
# IEEE 1969, "Harvard sentences", list 1 and 2
FLITE_SENTENCES = (
    "the birch canoe slid on the smooth planks",
    "glue the sheet to the dark blue background",
    "it's easy to tell the depth of a well",
    "these days a chicken leg is a rare dish",
    "rice is often served in round bowls",
    "the juice of lemons makes fine punch",
    "the box was thrown beside the parked truck",
    "four hours of steady work faced us",
    "a large size in stockings is hard to sell",
    "the boy was there when the sun rose",
    "a rod is used to catch pink salmon",
    "the source of the huge river is the clear spring",
)


class BadMaterial(ValueError):
    """Nothing can be judged with it; the message says what to mend."""


@dataclass(frozen=True, eq=False, slots=True)
class Speech:
    """All sentences that could be read, by id: mono, at RATE_HZ and LEVEL_DBFS."""

    material: Material
    sounds: dict[str, Pcm]

    def spread(self, most: int | None) -> tuple[str, ...]:
        """At most so many ids, of all speakers alike, the same for the same seed."""
        sentences = self.material.sentences
        if most is None or most >= len(sentences):
            return tuple(sentence.id for sentence in sentences)
        return tuple(sentence.id for sentence in _in_turn(sentences, self.material.seed)[:most])


def recorded(source: Path, seed: int, limit: int | None = None) -> Speech:
    """Sentences of a manifest, or of a folder that has one or has sounds. Raises BadMaterial."""
    manifest = source / "manifest.tsv" if source.is_dir() else source
    rows = _folder_rows(source) if not manifest.exists() and source.is_dir() else _rows(manifest)
    listed = [
        Sentence(it["path"], it["speaker"], 0.0, it["transcript"], it["licence"]) for it in rows
    ]
    listed = listed if limit is None else _in_turn(listed, seed)[:limit]
    sounds, faults = dict[str, Pcm](), []
    for sentence in listed:
        try:
            sounds[sentence.id] = at_level(read_sound(manifest.parent / sentence.id))
        except BadMaterial as fault:
            faults.append(f"{sentence.id}: {fault}")
    if not sounds:
        raise BadMaterial(f"{source}: of {len(listed)} sentences none could be read: {faults[:3]}")
    return _speech(source.name, seed, listed, sounds, tuple(faults))


def spoken_by_flite(folder: Path, seed: int, limit: int | None = None) -> Speech:
    """Every voice says every sentence; files are made in `folder`. Raises BadMaterial."""
    listed = [
        Sentence(f"{voice}-{index:02}", voice, 0.0, words, "spoken by flite")
        for index, words in enumerate(FLITE_SENTENCES)
        for voice in FLITE_VOICES
    ]
    listed = listed if limit is None else _in_turn(listed, seed)[:limit]
    sounds = {sentence.id: at_level(_said(sentence, folder)) for sentence in listed}
    return _speech(FLITE, seed, listed, sounds, ())


def _speech(
    name: str, seed: int, listed: list[Sentence], sounds: dict[str, Pcm], faults: tuple[str, ...]
) -> Speech:
    sentences = tuple(
        replace(it, seconds=round(len(sounds[it.id]) / RATE_HZ, 2))
        for it in listed
        if it.id in sounds
    )
    return Speech(Material(name, name == FLITE, LEVEL_DBFS, seed, sentences, faults), sounds)


def _said(sentence: Sentence, folder: Path) -> Pcm:
    wav = folder / f"{sentence.id}.wav"
    command = ["flite", "-voice", sentence.speaker, "-t", sentence.transcript, "-o", str(wav)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as fault:
        raise BadMaterial(
            f"no speech was given (--speech), and flite does not run: {fault}; "
            "to mend it: scripts/install-system-packages"
        ) from fault
    return read_sound(wav)


def backgrounds(manifest: Path) -> list[Pcm]:
    """The recordings of a manifest that go on for a while. Raises BadMaterial."""
    folder = manifest.parent
    with manifest.open(encoding="utf-8", newline="") as file:
        paths = [folder / row["path"] for row in csv.DictReader(file, delimiter="\t")]
    sounds = [read_sound(path) for path in paths if _seconds(path) >= NOISE_SHORTEST_S]
    if not sounds:
        raise BadMaterial(f"{manifest}: no recording in it is as long as {NOISE_SHORTEST_S:g} s")
    return sounds


def babble(speech: Speech, talkers: int = 6) -> list[Pcm]:
    """Other sentences of the same material, all at once: noise where none was given."""
    sounds = list(speech.sounds.values())
    length = max(len(sound) for sound in sounds)
    picked = [sounds[index % len(sounds)] for index in range(talkers)]
    mixed = sum(
        np.roll(np.resize(sound, length), 7919 * place) for place, sound in enumerate(picked)
    )
    return [np.asarray(mixed, np.float32)]


def read_sound(path: Path) -> Pcm:
    """Mono at RATE_HZ, as loud as it is. Raises BadMaterial."""
    try:
        sound, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as fault:
        raise BadMaterial(getattr(fault, "error_string", None) or str(fault)) from fault
    if not np.isfinite(sound).all():
        raise BadMaterial("it has samples that are not finite")
    mono = sound.mean(axis=1)
    return np.asarray(soxr.resample(mono, rate_hz, RATE_HZ), np.float32)


def at_level(sound: Pcm, level_dbfs: float = LEVEL_DBFS) -> Pcm:
    """`sound` at an RMS level. Raises BadMaterial for silence and for less than half a second."""
    if len(sound) < SHORTEST_S * RATE_HZ:
        raise BadMaterial(
            f"{len(sound) / RATE_HZ:.2f} s are too short, {SHORTEST_S:g} s are needed"
        )
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
    if rms < 1e-5:
        raise BadMaterial("it is silent")
    louder: Pcm = sound * np.float32(10 ** (level_dbfs / 20) / rms)
    return np.clip(louder, -1.0, 1.0)


def _rows(manifest: Path) -> list[dict[str, str]]:
    if not manifest.exists():
        raise BadMaterial(f"{manifest}: there is no such file or folder")
    with manifest.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise BadMaterial(
                f"{manifest}: the header line lacks {', '.join(missing)} "
                f"(tabs between {', '.join(COLUMNS)})"
            )
        return [{name: row[name] or "" for name in COLUMNS} for row in reader]


def _folder_rows(folder: Path) -> list[dict[str, str]]:
    """Sounds with their words in a .txt beside; the folder that a sound is in is its speaker."""
    rows = []
    for path in sorted(it for it in folder.rglob("*") if it.suffix.lower() in SOUNDS):
        text = path.with_suffix(".txt")
        words = text.read_text(encoding="utf-8").strip() if text.is_file() else ""
        values = (str(path.relative_to(folder)), path.parent.name, "not said", words)
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    if not rows:
        raise BadMaterial(f"{folder}: there is no manifest.tsv and no sound ({', '.join(SOUNDS)})")
    return rows


def _in_turn(sentences: Sequence[Sentence], seed: int) -> list[Sentence]:
    """One of each speaker, then the next of each, shuffled."""
    by_speaker = defaultdict(list)
    for sentence in sentences:
        by_speaker[sentence.speaker].append(sentence)
    chance = random.Random(seed)
    for theirs in by_speaker.values():
        chance.shuffle(theirs)
    rounds = max(map(len, by_speaker.values()), default=0)
    return [
        them[turn] for turn in range(rounds) for them in by_speaker.values() if turn < len(them)
    ]


def _seconds(path: Path) -> float:
    """0 for what cannot be read: it is passed over."""
    try:
        return float(soundfile.info(path).duration)
    except (OSError, soundfile.LibsndfileError):
        return 0.0
