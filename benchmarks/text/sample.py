"""How much of a voice is left in a sample, by the rate that it is coded at?

    python -m benchmarks.text.sample MANIFEST

Of each talker six seconds are picked from the first half of the sentences, as in a call, and coded;
likeness is Resemblyzer's cosine with the other half. Without such a sample it is the card's.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.codecs.material import Speech, recorded
from benchmarks.metrics.likeness import Resemblyzer, VoiceEncoder
from sotto_codecs.backends.tiny import Tiny
from sotto_codecs.base import Pcm
from sotto_codecs.text.speaking import RATE_HZ
from sotto_codecs.text.voice.picking import Picking
from sotto_codecs.text.voice.sample import levelled

STAGES = (None, 1, 2, 3, 4, 6, 8, 12, 16)  # None: not coded
PHRASE_S = 4.0


@dataclass(frozen=True, slots=True)
class Coded:
    stages: int | None
    size_bytes: int
    likenesses: tuple[float, ...]  # one for each talker


def coded(speech: Speech, stages: Sequence[int | None] = STAGES) -> Iterator[Coded]:
    """Raises InstrumentMissing and ImportError without an encoder of voices."""
    encoder, talkers = Resemblyzer(), list(_talkers(speech))
    for it in stages:
        sizes, likes = list[int](), list[float]()
        for sample, rest in talkers:
            sound, size_bytes = _through(sample, it)
            sizes.append(size_bytes)
            likes.append(_likeness(encoder, sound, rest))
        yield Coded(it, max(sizes), tuple(likes))


def _talkers(speech: Speech) -> Iterator[tuple[Pcm, Pcm]]:
    """A sample and what else is said, of each who says enough."""
    said = defaultdict[str, list[Pcm]](list)
    for sentence in speech.material.sentences:
        if sentence.id in speech.sounds:
            said[sentence.speaker].append(speech.sounds[sentence.id])
    for sounds in said.values():
        half = len(sounds) // 2
        if (sample := _picked(np.concatenate(sounds[:half]))) is not None:
            yield sample, np.concatenate(sounds[half:])


def _picked(pcm: Pcm) -> Pcm | None:
    picking, size = Picking(), round(PHRASE_S * RATE_HZ)
    found = (picking.add(pcm[at : at + size]) for at in range(0, len(pcm), size))
    return next((it for it in found if it is not None), None)


def _through(pcm: Pcm, stages: int | None) -> tuple[Pcm, int]:
    if stages is None:
        return pcm, 0
    codec = Tiny(stages)
    encoder, decoder, size = codec.encoder(), codec.decoder(), codec.spec.frame_samples
    loud = levelled(pcm)
    starts = range(0, len(loud) - size + 1, size)
    frames = [frame for at in starts for frame in encoder.encode(loud[at : at + size])]
    sound = np.concatenate([decoder.decode(frame) for frame in frames])
    return sound, sum(len(frame.payload) for frame in frames)


def _likeness(encoder: VoiceEncoder, pcm: Pcm, rest: Pcm) -> float:
    one, other = encoder.embed(pcm), encoder.embed(rest)
    return float(one @ other) if one is not None and other is not None else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    for it in coded(recorded(parser.parse_args().manifest, seed=0)):
        how = "as it was" if it.stages is None else f"{it.stages} stages, {it.size_bytes} bytes"
        least, mean = min(it.likenesses), np.mean(it.likenesses)
        print(f"{how}: {mean:.3f}, at least {least:.3f}, {len(it.likenesses)} talkers", flush=True)


if __name__ == "__main__":
    main()
