"""Is it heard how it was said? `python -m benchmarks.text.prosody MANIFEST [--limit N]`.

Every sentence is cut at its pauses, its phrases are spoken by flite and moved. The words are those
of the transcript, their times by forced alignment: of what was said, and once more of what is
heard. Pitch is by the judge's own instrument; the delay is taken out by the median.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.codecs.material import Speech, at_level, recorded
from benchmarks.metrics.base import RATE_HZ, NotApplicable, Take
from benchmarks.metrics.pitch import Pitch
from benchmarks.text.alignment import Aligner, cut, phrases
from sotto_codecs.base import Pcm
from sotto_codecs.text.coding.arithmetic import Reader, Recorder
from sotto_codecs.text.phrase import Phrase, Word
from sotto_codecs.text.prosody.coding import read, write
from sotto_codecs.text.prosody.measuring import Prosody, Talker, measure
from sotto_codecs.text.prosody.moving import apply
from sotto_codecs.text.prosody.tables import DENSITIES
from sotto_codecs.text.speakers.flite import VOICES, Flite

OFF = "off"
WAYS = (OFF, *(it.name for it in DENSITIES), "uncoded")
MOST_BPS = 15.0
LEAST_CORRELATION = 0.6
MOST_START_S = 0.12


@dataclass(frozen=True, eq=False, slots=True)
class Said:
    """A phrase as it was said, and as flite says it."""

    pcm: Pcm
    prosody: Prosody
    own: Pcm
    own_words: tuple[Word, ...]

    @property
    def seconds(self) -> float:
        return self.prosody.words[-1].end_s


@dataclass(frozen=True, slots=True)
class Heard:
    """Of one phrase, one way."""

    seconds: float
    payload_bits: float  # behind the words, in their code
    taken_s: float  # of processor, to move it
    correlation: float | None  # of F0; None where too little is voiced in both
    starts_s: tuple[float, ...]  # how late each word is; none where the aligner finds no words


def said(speech: Speech, voice: str) -> Iterator[Said]:
    """Raises BackendUnavailable."""
    aligner, flite, talkers = Aligner(), Flite(), defaultdict[str, Talker](Talker)
    for sentence in speech.material.sentences:
        pcm = speech.sounds[sentence.id]
        for phrase in phrases(aligner.words(pcm, sentence.transcript) or ()):
            piece = cut(pcm, phrase)
            prosody, known = measure(piece, phrase, talkers[sentence.speaker])
            talkers[sentence.speaker] = known
            own, words = spoken(flite, phrase, voice)
            yield Said(piece, prosody, own, words)


def spoken(flite: Flite, phrase: Phrase, voice: str) -> tuple[Pcm, tuple[Word, ...]]:
    first, *others = flite.speak(phrase.text, voice)
    assert not others, "a phrase of 6 s is one piece"
    return at_level(first.pcm), first.words


class Listening:
    """What is needed to judge a phrase."""

    def __init__(self) -> None:
        self._pitch, self._aligner = Pitch(), Aligner()

    def hear(self, phrase: Said, way: str) -> Heard:
        recorder = Recorder()
        if way not in (OFF, "uncoded"):
            write(phrase.prosody, way, recorder)
        words = [word.text for word in phrase.prosody.words]
        began_s = time.process_time()
        if way == OFF:
            sound = phrase.own[int(phrase.own_words[0].start_s * RATE_HZ) :]
        else:
            is_coded = way != "uncoded"
            wanted = read(Reader(recorder.payload()), words) if is_coded else phrase.prosody
            sound, _ = apply(phrase.own, phrase.own_words, wanted)
        taken_s = time.process_time() - began_s
        starts_s = self._starts(phrase, sound)
        return Heard(
            phrase.seconds,
            recorder.bits,
            taken_s,
            self._correlation(phrase.pcm, sound),
            starts_s,
        )

    def _correlation(self, said: Pcm, heard: Pcm) -> float | None:
        length = min(len(said), len(heard))
        try:
            scores = self._pitch.score(Take(said[:length], heard[:length], ""))
        except NotApplicable:
            return None
        return scores["f0_corr"].value if "f0_corr" in scores else None

    def _starts(self, phrase: Said, heard: Pcm) -> tuple[float, ...]:
        words = phrase.prosody.words
        found = self._aligner.words(heard, " ".join(word.text for word in words))
        pairs = zip(found or (), words, strict=found is not None)
        return tuple(mine.start_s - theirs.start_s for mine, theirs in pairs)


def row(heard: Sequence[Heard]) -> dict[str, float]:
    """Means over phrases; errors over words."""
    seconds = sum(it.seconds for it in heard)
    known = [it.correlation for it in heard if it.correlation is not None]
    starts_s = np.array([late for it in heard for late in it.starts_s])
    errors_s = abs(starts_s - np.median(starts_s))
    return {
        "bps": sum(it.payload_bits for it in heard) / seconds,
        "f0_corr": float(np.mean(known)),
        "f0_corr_median": float(np.median(known)),
        "start_ms": 1000 * float(np.median(errors_s)),
        "start_p90_ms": 1000 * float(np.percentile(errors_s, 90)),
        "taken": sum(it.taken_s for it in heard) / seconds,
        "words": len(starts_s),
    }


def measured(material: Sequence[Said]) -> dict[str, dict[str, float]]:
    """A row for each of WAYS."""
    listening = Listening()
    return {way: row([listening.hear(phrase, way) for phrase in material]) for way in WAYS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--limit", type=int, help="sentences, of all speakers alike")
    parser.add_argument("--voice", default=VOICES[0])
    arguments = parser.parse_args()
    speech = recorded(arguments.manifest, seed=0, limit=arguments.limit)
    material = list(said(speech, arguments.voice))
    seconds = sum(phrase.seconds for phrase in material)
    print(f"{len(material)} phrases, {seconds:.0f} s, spoken by {arguments.voice}")
    print("way      bit/s  F0 correlation (median)  word starts ms (90 %)  of real time")
    rows = measured(material)
    for way, it in rows.items():
        print(
            f"{way:8} {it['bps']:5.1f}  {it['f0_corr']:14.3f} ({it['f0_corr_median']:.3f})   "
            f"{it['start_ms']:14.0f} ({it['start_p90_ms']:.0f})   {it['taken']:12.3f}"
        )
    print(verdict(rows["sparse"]))


def verdict(sparse: dict[str, float]) -> str:
    met = {
        f"at most {MOST_BPS:g} bit/s": sparse["bps"] <= MOST_BPS,
        f"F0 correlation at least {LEAST_CORRELATION:g}": sparse["f0_corr"] >= LEAST_CORRELATION,
        f"word starts within {1000 * MOST_START_S:g} ms": sparse["start_ms"] <= 1000 * MOST_START_S,
    }
    return "sparse: " + ", ".join(
        f"{what}: {'met' if it else 'missed'}" for what, it in met.items()
    )


if __name__ == "__main__":
    main()
