"""One codec alone in a fresh process, on one core: times each call, there and back.

    python -m benchmarks.codecs.speed_worker JOB    (JSON; benchmarks/codecs/speed.py writes it)

Imports nothing that a codec would not need as well. What this measurement needs for itself is
loaded before the codec, left out of the cold start, and counted in `bare_memory_mb`.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sotto_codecs.base import CodecSpec, Decoder, Encoder, Pcm
from sotto_codecs.errors import CodecError

RATE_HZ = 16_000
WARM_UP_S = 1.0  # of sound at the start; it goes through the codec and is not counted
MOST_S = 30.0  # by the clock; a codec slower than that is timed on less of the talk
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    system: Mapping[str, Any]  # fields of a System
    talk: str  # a .npy file, mono at RATE_HZ
    outcome: str  # the file that will hold a Lap, or {FAILED: a sentence}, as JSON
    started_s: float  # by the monotonic clock, just before this process was started


@dataclass(frozen=True, slots=True)
class Lap:
    """What one process found. Each call of encode and decode, and the last flush, is a step."""

    sound_s: float  # what the steps coded
    cold_start_s: float
    bare_memory_mb: float  # most that was used before the codec was loaded
    peak_memory_mb: float
    encode_ns: list[int]
    decode_ns: list[int]


@dataclass(slots=True)
class _Streams:
    """A codec at work; what its steps took since the last `count_from_here`."""

    encoder: Encoder
    decoder: Decoder
    ready_s: float | None = None  # by the monotonic clock, when the first frame was decoded
    encode_ns: list[int] = field(default_factory=list)
    decode_ns: list[int] = field(default_factory=list)

    def step(self, pcm: Pcm | None) -> None:
        """One frame there and back; None ends the talk."""
        start_ns = time.perf_counter_ns()
        frames = self.encoder.flush() if pcm is None else self.encoder.encode(pcm)
        self.encode_ns.append(time.perf_counter_ns() - start_ns)
        for frame in frames:
            start_ns = time.perf_counter_ns()
            self.decoder.decode(frame)
            self.decode_ns.append(time.perf_counter_ns() - start_ns)
            self.ready_s = self.ready_s or time.monotonic()

    def count_from_here(self) -> None:
        gc.collect()
        gc.freeze()  # as a relay does: no walks through all modules in between
        self.encode_ns.clear()
        self.decode_ns.clear()


def lap(job: Job) -> Lap:
    """Raises whatever the codec raises, and ValueError where there is nothing to time."""
    start_s = time.monotonic()
    import soxr

    from benchmarks.codecs.system import System

    talk: Pcm = np.load(job.talk)
    bare_mb, own_s = peak_memory_mb(), time.monotonic() - start_s
    codec = System(**job.system).load()
    start_s = time.monotonic()
    frames = _frames(soxr.resample(talk, RATE_HZ, codec.spec.sample_rate_hz), codec.spec)
    own_s += time.monotonic() - start_s
    streams = _Streams(codec.encoder(), codec.decoder())
    sound_s = _code(streams, frames, codec.spec.frame_s)
    if not streams.ready_s or not streams.decode_ns:
        raise ValueError(f"no frame came after the first {WARM_UP_S:.0f} s of the talk")
    cold_start_s = streams.ready_s - job.started_s - own_s
    return Lap(
        sound_s, cold_start_s, bare_mb, peak_memory_mb(), streams.encode_ns, streams.decode_ns
    )


def peak_memory_mb() -> float:
    """The most that this process has used. Not getrusage's, which begins with the parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6


def _frames(pcm: Pcm, spec: CodecSpec) -> list[Pcm]:
    """Whole frames as `spec` wants them, the same sound on every channel."""
    if spec.channels > 1:
        pcm = np.stack([pcm] * spec.channels, axis=1)
    size = spec.frame_samples
    return [pcm[start : start + size] for start in range(0, len(pcm) - size + 1, size)]


def _code(streams: _Streams, frames: list[Pcm], frame_s: float) -> float:
    """Seconds of sound that went through and were counted."""
    warm_up = int(np.ceil(WARM_UP_S / frame_s))
    if len(frames) <= warm_up:
        raise ValueError(f"the talk is no longer than the {WARM_UP_S:.0f} s of warm-up")
    for frame in frames[:warm_up]:
        streams.step(frame)
    streams.count_from_here()
    end_s = time.monotonic() + MOST_S
    for frame in frames[warm_up:]:
        streams.step(frame)
        if time.monotonic() > end_s:
            break
    sound_s = len(streams.encode_ns) * frame_s
    streams.step(None)
    return sound_s


def main(text: str) -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # one core, however many threads
    job = Job(**json.loads(text))
    try:
        outcome: Mapping[str, Any] = asdict(lap(job))
    except CodecError as fault:
        outcome = {FAILED: str(fault)}
    except Exception as fault:  # whatever else a codec raises is a line of the table as well
        outcome = {FAILED: f"{type(fault).__name__}: {fault}"}
    Path(job.outcome).write_text(json.dumps(outcome))


if __name__ == "__main__":
    main(sys.argv[1])
