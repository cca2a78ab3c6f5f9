"""The system that changes nothing: its row is the ceiling of every metric."""

import numpy as np

from benchmarks.codecs.results import ORIGINAL
from benchmarks.codecs.system import System
from benchmarks.metrics.base import RATE_HZ
from sotto_codecs.base import CodecSpec, Frame, Pcm
from sotto_codecs.pcm import checked

FRAME_SAMPLES = RATE_HZ // 50


class Original:
    """Samples as they are, in 32 bits each."""

    spec = CodecSpec(
        name=ORIGINAL,
        version=1,
        sample_rate_hz=RATE_HZ,
        channels=1,
        frame_samples=FRAME_SAMPLES,
        payload_bps=32 * RATE_HZ,
        delay_samples=0,
        frame_bytes=4 * FRAME_SAMPLES,
        forkable=True,
    )

    def encoder(self) -> "Encoder":
        return Encoder()

    def decoder(self) -> "Decoder":
        return Decoder()


class Encoder:
    def __init__(self) -> None:
        self._start_sample = 0

    def encode(self, pcm: Pcm) -> list[Frame]:
        frame = Frame(checked(pcm, Original.spec).tobytes(), self._start_sample, FRAME_SAMPLES)
        self._start_sample += FRAME_SAMPLES
        return [frame]

    def flush(self) -> list[Frame]:
        return []


class Decoder:
    def decode(self, frame: Frame | None) -> Pcm:
        if frame is None:
            return np.zeros(FRAME_SAMPLES, np.float32)
        return np.frombuffer(frame.payload, np.float32)

    def recover(self, following: Frame) -> Pcm:
        return self.decode(None)

    def fork(self) -> "Decoder":
        return Decoder()


SYSTEM = System(ORIGINAL, "Original", "Original", f"{__name__}:Original")
