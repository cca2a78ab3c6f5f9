"""Codecs with planted properties. Processes under test load them by name."""

import os
import signal
import sys
import time
from dataclasses import dataclass

import numpy as np

from sotto_codecs.base import CodecSpec, Frame, Pcm
from sotto_codecs.errors import WeightsMissing

RATE_HZ = 16_000
FRAME_SAMPLES = 320


@dataclass
class Plain:
    """16-bit samples as they are, 20 ms a frame; the codec and its streams in one."""

    @property
    def spec(self) -> CodecSpec:
        return CodecSpec("plain", 1, RATE_HZ, 1, FRAME_SAMPLES, 16.0 * RATE_HZ, 0, None)

    def encoder(self) -> "Plain":
        return self

    def decoder(self) -> "Plain":
        return self

    def encode(self, pcm: Pcm) -> list[Frame]:
        return [Frame(np.asarray(pcm * 32767, np.int16).tobytes(), 0, len(pcm))]

    def flush(self) -> list[Frame]:
        return []

    def decode(self, frame: Frame | None) -> Pcm:
        assert frame is not None
        return np.frombuffer(frame.payload, np.int16).astype(np.float32) / np.float32(32767)


@dataclass
class Busy(Plain):
    """Takes at least `encode_ms` for a frame."""

    encode_ms: float = 5.0

    def encode(self, pcm: Pcm) -> list[Frame]:
        end_s = time.perf_counter() + self.encode_ms / 1000
        while time.perf_counter() < end_s:
            pass
        return super().encode(pcm)


class Heavy(Plain):
    """Takes 100 MB, and holds itself to what a process under test must be."""

    def __init__(self) -> None:
        self.ballast = np.ones(100_000_000, np.uint8)
        assert len(os.sched_getaffinity(0)) == 1
        assert os.environ["OMP_NUM_THREADS"] == "1"
        strangers = {"matplotlib", "rich", "aiortc", "scipy", "benchmarks.metrics"}
        assert not strangers & sys.modules.keys()


class Events(Plain):
    """Holds frames back and gives them out three at a time."""

    def __init__(self) -> None:
        self.held: list[Frame] = []

    def encode(self, pcm: Pcm) -> list[Frame]:
        self.held += super().encode(pcm)
        return self.flush() if len(self.held) == 3 else []

    def flush(self) -> list[Frame]:
        given, self.held = self.held, []
        return given


class Mute(Plain):
    """Never has anything to send."""

    def encode(self, pcm: Pcm) -> list[Frame]:
        return []


class NoWeights(Plain):
    def __init__(self) -> None:
        raise WeightsMissing("the weights are not on disk", "make weights")


class Raises(Plain):
    def decode(self, frame: Frame | None) -> Pcm:
        raise RuntimeError("nothing to hear")


class Dies(Plain):
    """Takes its process along, as broken native code does."""

    def encode(self, pcm: Pcm) -> list[Frame]:
        os.write(sys.stderr.fileno(), b"the model is damaged\n")
        os.kill(os.getpid(), signal.SIGSEGV)
        return []


@dataclass
class Hangs(Plain):
    """Leaves its process id in a file; where asked to, interrupts the process that started it."""

    pid_file: str = ""
    interrupts: bool = False

    def encode(self, pcm: Pcm) -> list[Frame]:
        with open(self.pid_file, "w") as file:
            file.write(str(os.getpid()))
        if self.interrupts:
            os.kill(os.getppid(), signal.SIGINT)
        while True:
            signal.pause()
