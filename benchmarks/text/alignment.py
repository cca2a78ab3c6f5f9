"""When the words of a known sentence were said: pocketsphinx, forced to hear exactly them."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.metrics.base import RATE_HZ
from sotto_codecs.base import Pcm
from sotto_codecs.pcm import to_int16
from sotto_codecs.text.phrase import Phrase, Word

FRAMES_PER_S = 100
PAUSE_S = 0.35  # ends a phrase
LONGEST_S = 6.0


class Aligner:
    """Words that its dictionary lacks are looked up in flite's, which has a rule for all."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        self._decoder = Decoder(samprate=RATE_HZ, loglevel="FATAL", bestpath=False)
        self._guessing: Any = None  # loaded when it is first needed

    def words(self, pcm: Pcm, text: str) -> tuple[Word, ...] | None:
        """None where the sound does not fit the words."""
        said = [it for it in re.sub(r"[^a-z' ]", " ", text.lower()).split() if it.strip("'")]
        if not said:
            return None
        for word in set(said):
            if self._decoder.lookup_word(word) is None:
                self._decoder.add_word(word, sounds(word), True)
        self._decoder.set_align_text(" ".join(said))
        heard = _heard(self._decoder, pcm)
        return heard if [word.text for word in heard] == said else None

    def guessed(self, pcm: Pcm) -> tuple[Word, ...]:
        """Where nobody wrote the words down: about 60 % of them are right, and so are the times."""
        from pocketsphinx import Decoder

        if self._guessing is None:
            self._guessing = Decoder(
                samprate=RATE_HZ, loglevel="FATAL", fwdflat=False, maxhmmpf=3000
            )
        return _heard(self._guessing, pcm)


def _heard(decoder: Any, pcm: Pcm) -> tuple[Word, ...]:
    decoder.reinit_feat()
    decoder.start_utt()
    decoder.process_raw(to_int16(pcm).tobytes(), full_utt=True)
    decoder.end_utt()
    return tuple(
        Word(re.sub(r"\(\d+\)$", "", it.word), it.start_frame / FRAMES_PER_S, end)
        for it in decoder.seg() or ()
        if it.word[0] not in "<["
        for end in [(it.end_frame + 1) / FRAMES_PER_S]
    )


def sounds(word: str) -> str:
    """ARPAbet, as flite says the word."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["flite", "-voice", "slt", "-ps", "-t", word, "-o", str(Path(folder, "x.wav"))]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    named = (it.upper() for it in said.split() if it != "pau")
    return " ".join("AH" if it == "AX" else it for it in named)


def phrases(words: Sequence[Word], language: str = "en") -> list[Phrase]:
    """Cut at pauses, and where a phrase gets long; times from the start of each."""
    groups, began_s = [list(words[:1])], words[0].start_s if words else 0.0
    for before, word in pairwise(words):
        if word.start_s - before.end_s >= PAUSE_S or word.end_s - began_s > LONGEST_S:
            groups.append([])
            began_s = word.start_s
        groups[-1].append(word)
    return [_phrase(group, language) for group in groups if group]


def _phrase(words: Sequence[Word], language: str) -> Phrase:
    start_s = words[0].start_s
    moved = [Word(it.text, it.start_s - start_s, it.end_s - start_s) for it in words]
    return Phrase(tuple(moved), language, start_s, words[-1].end_s)


def cut(pcm: Pcm, phrase: Phrase) -> Pcm:
    first, last = (int(it * RATE_HZ) for it in (phrase.start_s, phrase.end_s))
    return np.ascontiguousarray(pcm[first:last])
