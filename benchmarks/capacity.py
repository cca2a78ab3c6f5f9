"""How many calls one core of a relay carries: the relay alone on its core, callers on the rest."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.load import Job, Outcome, run
from benchmarks.processes import beside
from benchmarks.usage import Usage, Window, process_of, usage
from sotto_app.modes import BrowserOpus, browser_opus, load_modes
from sotto_codecs.backends.libopus import Ctl, OpusEncoder
from sotto_codecs.base import Pcm
from tests.serving import Relay, relay

RATE_HZ = 48_000
SETTLE_S = 3.0  # all talk, nothing counts yet
MOST_GENERATORS = 4
KEEPS_UP_MS = 20.0  # callers that speak later than this are themselves too slow


@dataclass(frozen=True, slots=True)
class Capacity:
    """So many calls at once, both peers of each talking without a pause. Percents are of a core."""

    mode: str
    calls: int
    delivery: float  # share of the sound that was sent and came out at the far end in time
    concealed: float  # share of it that the relay had to make up, counted as not delivered
    late_ms: float | None  # 99th percentile, against the earliest of the ten seconds before
    delay_ms: float | None  # within the relay, as it tells its pages; median
    server_percent: float
    server_percent_per_call: float
    memory_mb_per_call: float
    load_percent: float  # the busiest process of callers
    load_late_ms: float  # 99th percentile: callers that spoke later than planned
    others_percent: float  # whatever else ran on the machine

    @property
    def limited_by_load(self) -> bool:
        return self.load_late_ms > KEEPS_UP_MS


def capacity(mode: str, calls: int, seconds: float, voice: Pcm, folder: Path) -> Capacity:
    """One step, with a fresh relay. `voice` is at 48 kHz. Raises EOFError where callers fail."""
    first, *others = sorted(os.sched_getaffinity(0))
    with ExitStack() as stack:
        running = stack.enter_context(_alone_on(first, folder))
        server = process_of(running)
        empty_bytes = server.memory_info().rss
        jobs = _jobs(running.url, mode, calls, others or [first], voice)
        pipes = [stack.enter_context(beside(run, job)) for job in jobs]
        for pipe in pipes:
            pipe.recv()
        start_s = time.monotonic() + SETTLE_S
        window = Window(start_s, start_s + seconds)
        for pipe in pipes:
            pipe.send(window)
        used = usage(server, window)
        memory_mb = (server.memory_info().rss - empty_bytes) / 1e6
        outcomes = [pipe.recv() for pipe in pipes]
    return _capacity(mode, calls, outcomes, used, memory_mb)


@contextmanager
def _alone_on(core: int, folder: Path) -> Iterator[Relay]:
    """A relay on one core; what starts inherits the cores of its parent."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        starting = relay(folder)
        running = starting.__enter__()
    finally:
        os.sched_setaffinity(0, before)
    with ExitStack() as stack:
        stack.push(starting)
        yield running


def _jobs(url: str, mode: str, calls: int, cores: list[int], voice: Pcm) -> list[Job]:
    settings = browser_opus(load_modes()[mode])
    packets = packets_of(voice, settings)
    processes = min(len(cores), calls, MOST_GENERATORS)
    return [
        Job(
            url=url.replace("localhost", "127.0.0.1"),
            number=number + 1,
            cores=tuple(cores[number::processes]),
            mode=mode,
            calls=len(range(number, calls, processes)),
            voice=packets,
            frame_ms=settings.frame_ms,
        )
        for number in range(processes)
    ]


def packets_of(pcm: Pcm, settings: BrowserOpus) -> tuple[bytes, ...]:
    """What a browser would send of a sound at 48 kHz, leaving out no pause."""
    encoder = OpusEncoder(RATE_HZ, 1)
    encoder.set(Ctl.BITRATE, settings.bitrate_bps)
    encoder.set(Ctl.INBAND_FEC, settings.fec)
    samples = RATE_HZ * settings.frame_ms // 1000
    frames = pcm[: len(pcm) // samples * samples].astype(np.float32).reshape(-1, samples)
    return tuple(encoder.encode(frame) for frame in frames)


def _capacity(
    mode: str, calls: int, outcomes: list[Outcome], used: Usage, memory_mb: float
) -> Capacity:
    streams = [stream for outcome in outcomes for stream in outcome.streams]
    expected_ms = sum(stream.expected_ms for stream in streams)
    delivered_ms = sum(stream.in_time_ms * (1 - stream.concealed) for stream in streams)
    late_ms = [late for stream in streams for late in stream.late_ms]
    delays_ms = [stream.delay_ms for stream in streams if stream.delay_ms is not None]
    callers_percent = [100 * outcome.cpu_share for outcome in outcomes]
    return Capacity(
        mode=mode,
        calls=calls,
        delivery=min(1.0, delivered_ms / expected_ms),  # the window's edges may add a frame
        concealed=float(np.mean([stream.concealed for stream in streams])),
        late_ms=float(np.percentile(late_ms, 99)) if late_ms else None,
        delay_ms=float(np.median(delays_ms)) if delays_ms else None,
        server_percent=used.server_percent,
        server_percent_per_call=used.server_percent / calls,
        memory_mb_per_call=memory_mb / calls,
        load_percent=max(callers_percent),
        load_late_ms=max(outcome.send_late_ms for outcome in outcomes),
        others_percent=max(0.0, used.machine_percent - used.server_percent - sum(callers_percent)),
    )
