import numpy as np
import pytest

from sotto_codecs.base import CodecSpec, Frame, Pcm
from sotto_codecs.pace import real_time_factor


class Slow:
    """Works 4 ms on each frame of 20 while coding, and 1 ms while decoding, by its own clock."""

    spec = CodecSpec("slow", 1, 16_000, 1, 320, 400.0, 0, 1)

    def __init__(self) -> None:
        self.now_s = 0.0

    def encoder(self) -> "Slow":
        return self

    def decoder(self) -> "Slow":
        return self

    def encode(self, pcm: Pcm) -> list[Frame]:
        assert pcm.shape == (320,) and pcm.dtype == np.float32
        self.now_s += 0.004
        return [Frame(b"\0", 0, 320)]

    def decode(self, frame: Frame | None) -> Pcm:
        self.now_s += 0.001
        return np.zeros(320, np.float32)

    def flush(self) -> list[Frame]:
        return []

    def recover(self, following: Frame) -> Pcm:
        return self.decode(None)

    def fork(self) -> "Slow":
        raise NotImplementedError


@pytest.mark.parametrize("seconds", [0.05, 1.0, 2.0])
def test_work_is_held_against_the_sound_that_it_was_for(seconds: float) -> None:
    slow = Slow()
    assert real_time_factor(slow, seconds, lambda: slow.now_s) == pytest.approx(0.25)
