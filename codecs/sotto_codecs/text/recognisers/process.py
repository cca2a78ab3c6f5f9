"""A recogniser in a process of its own: it is asked on its input and answers on its output.

    python -m sotto_codecs.text.recognisers.process MODULE:ENGINE LANGUAGE

    asked     kind (START, FEED, FINISH), length of the samples in bytes (4 bytes), float32 samples
    answers   length (4 bytes), JSON: {"words": [["the", 0.1, 0.3], ...], "final": 0}

It ends with its input, so also when the process that asks is gone, and with the first exception of
the recogniser.
"""

import json
import os
import struct
import sys
from dataclasses import asdict
from pkgutil import resolve_name
from typing import BinaryIO

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.recognising import Engine, Hypothesis, Recogniser

START, FEED, FINISH = b"S", b"F", b"E"
ASKED, LENGTH = struct.Struct("<cI"), struct.Struct("<I")


def packed(found: Hypothesis) -> bytes:
    words = [tuple(asdict(word).values()) for word in found.words]
    body = json.dumps({"words": words, "final": found.final}).encode()
    return LENGTH.pack(len(body)) + body


def unpacked(body: bytes) -> Hypothesis:
    answer = json.loads(body)
    return Hypothesis(tuple(Word(*word) for word in answer["words"]), answer["final"])


def serve(recogniser: Recogniser, asked: BinaryIO, answers: BinaryIO) -> None:
    """Until `asked` ends."""
    while len(head := asked.read(ASKED.size)) == ASKED.size:
        kind, length = ASKED.unpack(head)
        samples = np.frombuffer(asked.read(length), np.float32)
        answers.write(packed(_found(recogniser, kind, samples)))
        answers.flush()


def _found(recogniser: Recogniser, kind: bytes, samples: Pcm) -> Hypothesis:
    if kind == FEED:
        return recogniser.feed(samples)
    if kind == FINISH:
        return Hypothesis(recogniser.finish())
    recogniser.start()
    return Hypothesis(())


def main() -> None:
    target, language = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    hears: Engine = resolve_name(target)()
    serve(hears.recogniser(language), sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
