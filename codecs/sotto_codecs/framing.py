"""Frames of an encoder that takes all sound of a frame at once, and sends nothing in silence."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sotto_codecs.base import Frame, Pcm

NOTHING = 1 / 32768  # digital silence, and what a step of 16-bit sound makes of it


@dataclass(frozen=True, slots=True)
class Framing:
    """One talker's stream. The first silent frame is coded, so that the last sound dies away."""

    start_sample: int = 0
    was_silent: bool = True

    def framed(
        self, pcm: Pcm, payload_of: Callable[[Pcm], bytes], begin_anew: Callable[[], None]
    ) -> tuple[Frame, "Framing"]:
        """The frame of these samples; while silence lasts it is empty, and all begins anew."""
        is_silent = float(np.abs(pcm).max()) <= NOTHING
        payload = b""
        if is_silent and self.was_silent:
            begin_anew()
        else:
            payload = payload_of(pcm)
        frame = Frame(payload, self.start_sample, len(pcm))
        return frame, Framing(self.start_sample + len(pcm), is_silent)

    def flushed(self) -> "Framing":
        """A talkspurt has ended."""
        return Framing(self.start_sample)
