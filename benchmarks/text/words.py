"""How many words a recogniser gets wrong in a stream, and how soon it has them.

    python -m benchmarks.text.words MANIFEST [--limit 20] [--engine auto] [--models FOLDER]

The same recogniser hears each sentence whole; in phrases, as a talker whom it never heard; and in
phrases within a call, all sentences of a speaker one after the other. Times are as on a core of
its own: sound comes in blocks of 20 ms, and a block's work, in seconds of processor, begins when
the block is there and the work before it is done.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.codecs.material import Speech, recorded
from benchmarks.codecs.results import Sentence
from benchmarks.metrics.base import RATE_HZ
from benchmarks.metrics.words import normalised
from sotto_app.files import models_dir
from sotto_codecs.base import Pcm
from sotto_codecs.models import Models
from sotto_codecs.text.listening import Listener
from sotto_codecs.text.phrase import Phrase
from sotto_codecs.text.recognising import Engine, engine

BLOCK_SAMPLES = 320
BETWEEN_S = 1.0  # of quiet behind a sentence: it ends the phrase


@dataclass(slots=True)
class Heard:
    """What became of some sound, by sentence."""

    texts: list[str] = field(default_factory=list)
    phrases: int = 0
    worked_s: float = 0.0
    first_s: list[float] = field(default_factory=list)  # from the start of speech to a first word
    final_s: list[float] = field(default_factory=list)  # from the end of speech to the last word


@dataclass(frozen=True, slots=True)
class Row:
    way: str
    wer: float  # per cent
    phrases: int
    realtime: float  # seconds of processor for a second of sound
    first_s: float | None  # medians
    final_s: float | None
    latest_s: float | None  # nine of ten are sooner than that


def rows(speech: Speech, hears: Engine, limit: int | None = 20) -> Iterator[Row]:
    """Raises BadSettings for an engine that knows no English."""
    chosen = set(speech.spread(limit))
    sentences = [it for it in speech.material.sentences if it.id in chosen]
    sounds = [speech.sounds[it.id] for it in sentences]
    yield row("whole sentences", sentences, sounds, whole(hears, sounds))
    new = [in_phrases(hears, [sound]) for sound in sounds]
    yield row("phrases of new talkers", sentences, sounds, together(new))
    calls = groupby(zip(sentences, sounds, strict=True), key=lambda it: it[0].speaker)
    known = [in_phrases(hears, [sound for _, sound in call]) for _, call in calls]
    yield row("phrases of calls", sentences, sounds, together(known))


def whole(hears: Engine, sounds: Sequence[Pcm]) -> Heard:
    heard = Heard()
    for sound in sounds:
        recogniser = hears.recogniser("en")
        began_s = time.process_time()
        recogniser.start()
        recogniser.feed(sound)
        heard.texts.append(" ".join(word.text for word in recogniser.finish()))
        heard.worked_s += time.process_time() - began_s
    heard.phrases = len(sounds)
    return heard


def in_phrases(hears: Engine, sounds: Sequence[Pcm]) -> Heard:
    """As one talker's call."""
    heard, listener, clock = Heard(), Listener(hears), Clock()
    for sound in sounds:
        quiet = np.zeros(round(BETWEEN_S * RATE_HZ), np.float32)
        found = list(streamed(listener, np.concatenate([sound, quiet]), clock, heard))
        heard.texts.append(" ".join(phrase.text for phrase in found))
        heard.phrases += len(found)
    return heard


@dataclass(slots=True)
class Clock:
    """Of the stream, and of the core that works on it."""

    samples: int = 0
    free_s: float = 0.0


def streamed(listener: Listener, sound: Pcm, clock: Clock, heard: Heard) -> Iterator[Phrase]:
    had_words = False
    for start in range(0, len(sound) - BLOCK_SAMPLES + 1, BLOCK_SAMPLES):
        began_s = time.process_time()
        found = listener.feed(sound[start : start + BLOCK_SAMPLES])
        work_s = time.process_time() - began_s
        clock.samples += BLOCK_SAMPLES
        clock.free_s = max(clock.free_s, clock.samples / RATE_HZ) + work_s
        heard.worked_s += work_s
        if listener.partial and not had_words:
            first = listener.so_far.words[0]
            heard.first_s.append(clock.free_s - listener.phrase_start_s - first.start_s)
        had_words = bool(listener.partial)
        heard.final_s += [
            clock.free_s - phrase.end_s for phrase in found if not listener.talking
        ]  # one that was cut ends while its talker goes on
        yield from found


def together(parts: Sequence[Heard]) -> Heard:
    return Heard(
        [text for it in parts for text in it.texts],
        sum(it.phrases for it in parts),
        sum(it.worked_s for it in parts),
        [one for it in parts for one in it.first_s],
        [one for it in parts for one in it.final_s],
    )


def row(way: str, said: Sequence[Sentence], sounds: Sequence[Pcm], heard: Heard) -> Row:
    import jiwer

    texts = [normalised(text) for text in heard.texts]
    found = jiwer.process_words([normalised(it.transcript) for it in said], texts)
    return Row(
        way,
        100 * found.wer,
        heard.phrases,
        heard.worked_s / (sum(map(len, sounds)) / RATE_HZ),
        median(heard.first_s) if heard.first_s else None,
        median(heard.final_s) if heard.final_s else None,
        float(np.quantile(heard.final_s, 0.9)) if heard.final_s else None,
    )


def table(found: Sequence[Row]) -> str:
    lines = [
        "| | WER, % | phrases | CPU, share of a core | first word, s | last word, s | 9 of 10, s |",
        "|---|---|---|---|---|---|---|",
    ]
    for it in found:
        delays = (it.first_s, it.final_s, it.latest_s)
        cells = " | ".join("" if delay is None else f"{delay:.2f}" for delay in delays)
        lines.append(f"| {it.way} | {it.wer:.1f} | {it.phrases} | {it.realtime:.2f} | {cells} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--models", type=Path, default=models_dir())
    asked = parser.parse_args()
    hears = engine(asked.engine, "en", Models(asked.models))
    print(hears.name)
    print(table(list(rows(recorded(asked.manifest, 0), hears, asked.limit))))


if __name__ == "__main__":
    main()
