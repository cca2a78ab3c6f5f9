"""When a frame is coded, and where it lies."""

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.framing import NOTHING, Framing

QUIET, LOUD = (np.full(4, level, np.float32) for level in (NOTHING, 0.1))


def test_the_first_silent_frame_is_coded_and_those_behind_it_begin_anew() -> None:
    done = list[str]()

    def coded(pcm: Pcm) -> bytes:
        done.append("coded")
        return b"x"

    framing, frames = Framing(), []
    for pcm in (QUIET, LOUD, QUIET, QUIET, LOUD):
        frame, framing = framing.framed(pcm, coded, lambda: done.append("anew"))
        frames.append(frame)
    assert done == ["anew", "coded", "coded", "anew", "coded"]
    assert [frame.payload for frame in frames] == [b"", b"x", b"x", b"", b"x"]
    assert [(frame.start_sample, frame.samples) for frame in frames] == [
        (4 * place, 4) for place in range(5)
    ]


def test_after_a_flush_silence_costs_nothing_and_time_goes_on() -> None:
    _, framing = Framing().framed(LOUD, lambda pcm: b"x", lambda: None)
    frame, _ = framing.flushed().framed(QUIET, lambda pcm: b"x", lambda: None)
    assert (frame.payload, frame.start_sample) == (b"", 4)
