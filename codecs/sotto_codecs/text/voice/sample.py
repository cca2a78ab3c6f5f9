"""A few seconds of a talker's own voice in Tiny, for a synthesiser that can speak like it.

    byte 0     1
         1     version of Tiny's weights, its low 8 bits: both ends need the same
         2     frames that follow
         3-    frames of FRAME_BYTES, 40 ms each

Resemblyzer's likeness with other sentences of the talker, a mean of 8: .896 of the six seconds as
they were, .759 after 2 stages (375 bytes), .791 after STAGES (750), .810 after 16 (3000), with
weights 2; `benchmarks/text/sample.py`. Of flite's voice with the talker's card it is .64.
"""

from functools import cache

import numpy as np

from sotto_codecs.backends.tiny import Tiny
from sotto_codecs.base import Frame, Pcm
from sotto_codecs.errors import BadFrame

KIND = 1
STAGES = 4
FRAME_BYTES = 5
LEVEL_DB, LOUDEST = -26.0, 0.9  # as Tiny was taught
LEAST_FRAMES, MOST_FRAMES = 50, 200  # 2 to 8 s
_HEAD_BYTES = 3


def encode(pcm: Pcm) -> bytes:
    """2 to 8 s of speech at 16 kHz, however loud. Raises UnavailableCodec."""
    pcm, size = levelled(pcm), _codec().spec.frame_samples
    frames = min(len(pcm) // size, MOST_FRAMES)
    encoder = _codec().encoder()
    # silence has no payload: what is sought out as speech has none of it
    coded = [encoder.encode(pcm[it * size : (it + 1) * size])[0].payload for it in range(frames)]
    voiced = [payload for payload in coded if payload]
    return bytes([KIND, _version(), len(voiced)]) + b"".join(voiced)


def checked(payload: bytes) -> bytes:
    """The same, where it is a sample that is understood here. Raises BadFrame."""
    if payload[:1] != bytes([KIND]) or len(payload) < _HEAD_BYTES:
        raise BadFrame(f"no sample of a voice: {payload[:_HEAD_BYTES].hex()}")
    frames = payload[2]
    if payload[1] != _version():
        raise BadFrame(f"a sample in Tiny {payload[1]}, not {_version()}")
    if not LEAST_FRAMES <= frames <= MOST_FRAMES:
        raise BadFrame(f"a sample of {frames} frames, not {LEAST_FRAMES} to {MOST_FRAMES}")
    if len(payload) != _HEAD_BYTES + frames * FRAME_BYTES:
        raise BadFrame(f"a sample of {frames} frames in {len(payload)} bytes")
    return payload


def decode(payload: bytes) -> Pcm:
    """At 16 kHz. Raises BadFrame, UnavailableCodec."""
    frames = checked(payload)[_HEAD_BYTES:]
    decoder = _codec().decoder()
    return np.concatenate(
        [
            decoder.decode(Frame(frames[start : start + FRAME_BYTES], 0, 0))
            for start in range(0, len(frames), FRAME_BYTES)
        ]
    )


def levelled(pcm: Pcm) -> Pcm:
    """Speech, as loud as Tiny is used to."""
    power = float(np.mean(pcm.astype(np.float64) ** 2))
    gain = min(10 ** (LEVEL_DB / 20) / power**0.5, LOUDEST / float(np.abs(pcm).max()))
    return pcm * np.float32(gain)


def _version() -> int:
    return _codec().spec.version & 0xFF


@cache
def _codec() -> Tiny:
    return Tiny(STAGES)
