"""Is a talker recognised by the card, and how soon does a synthesiser begin?

    python -m benchmarks.text.voice MANIFEST [--speakers 8]

The card is measured over the first half of a talker's sentences. The others are spoken by flite,
as its neutral voice speaks and with the card; what is heard is compared with the talker's own.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.codecs.material import Speech, recorded
from benchmarks.metrics.likeness import Resemblyzer, VoiceEncoder
from sotto_codecs.base import Pcm
from sotto_codecs.errors import UnavailableCodec
from sotto_codecs.text.speakers.flite import Flite
from sotto_codecs.text.speaking import RATE_HZ, SYNTHESISERS, Synthesiser, synthesiser
from sotto_codecs.text.voice.bases import base_card
from sotto_codecs.text.voice.measuring import VoiceMeter
from sotto_codecs.text.voice.warping import warp

LEAST_GAIN = 0.08
LEAST_HIGHER = 7 / 8
MOST_SPOKEN = 4  # sentences
PHRASE = "margaret was collecting the coffee things when he came back"
ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Likeness:
    """Cosines with the talker's own voice."""

    speaker: str
    base: str
    off: float
    on: float


@dataclass(frozen=True, slots=True)
class FirstSound:
    engine: str
    first_s: float  # median, from the text to the first samples of a phrase of ten words
    realtime: float  # median, seconds taken for a second of sound


def likeness(speech: Speech, speakers: int | None = None) -> Iterator[Likeness]:
    """Of those who speak longest. Raises InstrumentMissing and ImportError without an encoder of
    voices, BackendUnavailable without flite or pyworld."""
    encoder = Resemblyzer()
    said = defaultdict[str, list[tuple[str, Pcm]]](list)
    for sentence in speech.material.sentences:
        if sentence.id in speech.sounds:
            said[sentence.speaker].append((sentence.transcript, speech.sounds[sentence.id]))
    longest = sorted(said, key=lambda name: -sum(len(pcm) for _, pcm in said[name]))
    for speaker in longest[:speakers]:
        half = len(said[speaker]) // 2
        row = _row(speaker, [pcm for _, pcm in said[speaker][:half]], said[speaker][half:], encoder)
        if row is not None:
            yield row


def _row(
    speaker: str, measured: Sequence[Pcm], rest: Sequence[tuple[str, Pcm]], encoder: VoiceEncoder
) -> Likeness | None:
    """None where the talker says too little."""
    flite, meter = Flite(), VoiceMeter()
    for pcm in measured:
        meter.add(pcm)
    card = meter.card()
    own = encoder.embed(np.concatenate([pcm for _, pcm in rest]))
    text = ". ".join(transcript.lower() for transcript, _ in rest[:MOST_SPOKEN])
    if card is None or own is None:
        return None
    neutral = encoder.embed(np.concatenate([it.pcm for it in flite.speak(text)]))
    base = base_card(card.base)
    moved = [warp(it.pcm, base, card) for it in flite.speak(text, card.base)]
    heard = encoder.embed(np.concatenate(moved))
    if neutral is None or heard is None:
        return None
    return Likeness(speaker, card.base, float(own @ neutral), float(own @ heard))


def first_sounds() -> Iterator[FirstSound | UnavailableCodec]:
    """Of every engine that is here; the reason of those that are not."""
    for name in SYNTHESISERS:
        try:
            yield _first_sound(synthesiser(name))
        except UnavailableCodec as fault:
            yield fault


def _first_sound(engine: Synthesiser) -> FirstSound:
    firsts, realtimes = list[float](), list[float]()
    for _ in range(ROUNDS):
        began_s = time.perf_counter()
        spoken = iter(engine.speak(PHRASE))
        length = len(next(spoken).pcm)
        firsts.append(time.perf_counter() - began_s)
        length += sum(len(it.pcm) for it in spoken)
        realtimes.append((time.perf_counter() - began_s) / (length / RATE_HZ))
    return FirstSound(engine.name, median(firsts), median(realtimes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--speakers", type=int)
    arguments = parser.parse_args()
    rows = list[Likeness]()
    for row in likeness(recorded(arguments.manifest, seed=0), arguments.speakers):
        rows.append(row)
        print(f"{row.speaker:>8} from {row.base:<6} off {row.off:.3f}  on {row.on:.3f}", flush=True)
    print(_verdict(rows))
    for sound in first_sounds():
        print(_told(sound) if isinstance(sound, FirstSound) else sound)


def _verdict(rows: Sequence[Likeness]) -> str:
    gains = [row.on - row.off for row in rows]
    higher = sum(gain > 0 for gain in gains)
    met = bool(gains) and np.mean(gains) >= LEAST_GAIN and higher >= LEAST_HIGHER * len(gains)
    mean = f"mean gain {np.mean(gains or [0.0]):.3f}"
    return f"higher for {higher} of {len(gains)}, {mean}: {'met' if met else 'missed'}"


def _told(sound: FirstSound) -> str:
    taken = f"{sound.realtime:.3f} of real time"
    return f"{sound.engine}: first sound after {1000 * sound.first_s:.0f} ms, {taken}"


if __name__ == "__main__":
    main()
