"""Is a talker recognised by the card, and told from others; how soon does a synthesiser begin?

    python -m benchmarks.text.voice MANIFEST [--speakers 8]

The card is measured over the first half of a talker's sentences. The others are spoken by flite,
as its neutral voice speaks and with the card; what is heard is compared with the talker's own, and
pocketsphinx says what the card costs in words. Who is who: pieces of 6 s and more, in pairs.
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
from benchmarks.metrics.words import normalised
from benchmarks.text.words import whole
from sotto_codecs.base import Pcm
from sotto_codecs.errors import UnavailableCodec
from sotto_codecs.text.recognising import engine
from sotto_codecs.text.speakers.flite import Flite
from sotto_codecs.text.speaking import RATE_HZ, SYNTHESISERS, Synthesiser, synthesiser
from sotto_codecs.text.voice.bases import base_card
from sotto_codecs.text.voice.knowing import PIECE_S, Embedding, Encoder, Statistics
from sotto_codecs.text.voice.knowing import Resemblyzer as Knowing
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
    words: int
    wrong_off: int  # of the words, by the recogniser
    wrong_on: int


@dataclass(frozen=True, slots=True)
class Apart:
    """Pairs of pieces on the wrong side of a distance, in per cent."""

    encoder: str
    pieces: int
    radius: float
    missed: float  # of one talker, and farther apart
    confused: float  # of two, and nearer


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
    meter = VoiceMeter()
    for pcm in measured:
        meter.add(pcm)
    card = meter.card()
    own = encoder.embed(np.concatenate([pcm for _, pcm in rest]))
    texts = [transcript.lower() for transcript, _ in rest[:MOST_SPOKEN]]
    if card is None or own is None:
        return None
    neutral = [_spoken(text, "") for text in texts]
    base = base_card(card.base)
    moved = [warp(_spoken(text, card.base), base, card) for text in texts]
    likes = [encoder.embed(np.concatenate(sounds)) for sounds in (neutral, moved)]
    off, on = (float(own @ like) if like is not None else 0.0 for like in likes)
    words = sum(len(normalised(text).split()) for text in texts)
    return Likeness(
        speaker, card.base, off, on, words, _wrong(texts, neutral), _wrong(texts, moved)
    )


def _spoken(text: str, voice: str) -> Pcm:
    return np.concatenate([it.pcm for it in Flite().speak(text, voice)])


def _wrong(texts: Sequence[str], sounds: Sequence[Pcm]) -> int:
    import jiwer

    heard = [normalised(text) for text in whole(engine("pocketsphinx"), sounds).texts]
    found = jiwer.process_words([normalised(text) for text in texts], heard)
    return found.substitutions + found.deletions + found.insertions


def apart(speech: Speech, encoder: Encoder) -> Iterator[Apart]:
    """For both distances of the encoder."""
    talkers, points = list[str](), list[Embedding]()
    for speaker, piece in _pieces(speech):
        if (point := encoder.embed(piece)) is not None:
            talkers.append(speaker)
            points.append(point)
    pairs = np.triu_indices(len(points), 1)
    distances = np.linalg.norm(np.subtract(*(np.array(points)[side] for side in pairs)), axis=1)
    names = np.array(talkers)
    same = names[pairs[0]] == names[pairs[1]]
    for radius in (encoder.radius, encoder.sure):
        missed = 100 * float((distances[same] > radius).mean())
        confused = 100 * float((distances[~same] <= radius).mean())
        yield Apart(type(encoder).__name__, len(points), radius, missed, confused)


def _pieces(speech: Speech) -> Iterator[tuple[str, Pcm]]:
    """Whole sentences, until they are long enough."""
    waiting = defaultdict[str, list[Pcm]](list)
    for sentence in speech.material.sentences:
        if sentence.id in speech.sounds:
            waiting[sentence.speaker].append(speech.sounds[sentence.id])
            if sum(map(len, waiting[sentence.speaker])) >= PIECE_S * RATE_HZ:
                yield sentence.speaker, np.concatenate(waiting.pop(sentence.speaker))


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
    speech, rows = recorded(arguments.manifest, seed=0), list[Likeness]()
    for row in likeness(speech, arguments.speakers):
        rows.append(row)
        wrong = f"{row.wrong_off} and {row.wrong_on} of {row.words} words wrong"
        like = f"off {row.off:.3f}  on {row.on:.3f}"
        print(f"{row.speaker:>8} from {row.base:<6} {like}  {wrong}", flush=True)
    print(_verdict(rows))
    for make in (Statistics, Knowing):
        for it in apart(speech, make()):
            missed = f"{it.missed:.1f} % of one talker's pairs missed"
            confused = f"{it.confused:.1f} % of two talkers' taken for one"
            print(f"{it.encoder} at {it.radius}: {missed}, {confused}, {it.pieces} pieces")
    for sound in first_sounds():
        print(_told(sound) if isinstance(sound, FirstSound) else sound)


def _verdict(rows: Sequence[Likeness]) -> str:
    gains = [row.on - row.off for row in rows]
    higher = sum(gain > 0 for gain in gains)
    met = bool(gains) and np.mean(gains) >= LEAST_GAIN and higher >= LEAST_HIGHER * len(gains)
    mean = f"mean gain {np.mean(gains or [0.0]):.3f}"
    words = sum(row.words for row in rows) or 1
    off, on = (sum(it) / words for it in ([r.wrong_off for r in rows], [r.wrong_on for r in rows]))
    costs = f"words wrong {100 * off:.1f} % off, {100 * on:.1f} % on"
    return f"higher for {higher} of {len(gains)}, {mean}: {'met' if met else 'missed'}; {costs}"


def _told(sound: FirstSound) -> str:
    taken = f"{sound.realtime:.3f} of real time"
    return f"{sound.engine}: first sound after {1000 * sound.first_s:.0f} ms, {taken}"


if __name__ == "__main__":
    main()
