"""How fast each codec is, how soon it is ready and what memory it takes.

Rounds go on the outside: in each one every system codes the whole talk once, one system at a time,
each in a fresh process on one core; every other round goes backwards. So a noisy minute hits
neighbours alike, a drift evens out, every round has a cold start of its own, and never more than
one codec is in memory, whatever the number of systems. The price is a start per system and round.

A real-time factor and a cold start are the median of the rounds, steps are those of all rounds,
memory is the highest. Files are in the cache of the disk from the first round on: a cold start
counts from the start of Python, not of the machine.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import BinaryIO

import numpy as np

from benchmarks.codecs.results import Speed, Steps
from benchmarks.codecs.speed_worker import FAILED, Job, Lap
from benchmarks.codecs.system import System
from sotto_codecs.base import Pcm

PATIENCE_S = 300.0  # for one start and one talk
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
CHECKOUT = Path(__file__).parents[2]


class LapFailed(Exception):
    """No figures: the message says why, for the table."""


def measure(
    systems: Sequence[System],
    talk: Pcm,
    rounds: int,
    progress: Callable[[str], None],
    patience_s: float = PATIENCE_S,
) -> dict[str, Speed | str]:
    """By the system's name; a string says why there are no figures.

    `talk` is speech, mono at 16 kHz; its first second warms up and is not counted. A system that
    fails is left out of the rounds that follow.
    """
    laps: dict[str, list[Lap]] = {system.name: [] for system in systems}
    failed: dict[str, str] = {}
    with TemporaryDirectory() as folder:
        np.save(Path(folder) / "talk.npy", talk)
        for turn in range(rounds):
            for system in systems[:: -1 if turn % 2 else 1]:
                if system.name in failed:
                    continue
                progress(f"speed, round {turn + 1} of {rounds}: {system.name}")
                try:
                    laps[system.name].append(lap(system, Path(folder), patience_s))
                except LapFailed as fault:
                    failed[system.name] = str(fault)
    return {name: failed.get(name) or speed(found) for name, found in laps.items()}


def lap(system: System, folder: Path, patience_s: float = PATIENCE_S) -> Lap:
    """One fresh process on `folder`/talk.npy; it is gone afterwards, also after an interrupt.
    Raises LapFailed.
    """
    outcome, errors = folder / "outcome.json", folder / "stderr.txt"
    outcome.unlink(missing_ok=True)
    job = Job(asdict(system), str(folder / "talk.npy"), str(outcome), time.monotonic())
    command = [sys.executable, "-m", "benchmarks.codecs.speed_worker", json.dumps(asdict(job))]
    with errors.open("wb") as stderr, _started(command, stderr) as process:
        try:
            code = process.wait(patience_s)
        except subprocess.TimeoutExpired:
            raise LapFailed(f"not done after {patience_s:g} s") from None
    if code or not outcome.exists():
        raise LapFailed(_end(code, errors))
    found = json.loads(outcome.read_text())
    if FAILED in found:
        raise LapFailed(found[FAILED])
    return Lap(**found)


def speed(laps: Sequence[Lap]) -> Speed:
    """All rounds of a system as one."""
    sound_s = [lap.sound_s for lap in laps]
    return Speed(
        encode=_steps([lap.encode_ns for lap in laps], sound_s),
        decode=_steps([lap.decode_ns for lap in laps], sound_s),
        cold_start_s=median(lap.cold_start_s for lap in laps),
        peak_memory_mb=max(lap.peak_memory_mb for lap in laps),
        bare_memory_mb=median(lap.bare_memory_mb for lap in laps),
    )


def _steps(rounds_ns: Sequence[Sequence[int]], sound_s: Sequence[float]) -> Steps:
    pooled_ms = np.concatenate(rounds_ns) / 1e6
    return Steps(
        rtf=median(sum(ns) / 1e9 / of for ns, of in zip(rounds_ns, sound_s, strict=True)),
        median_ms=float(np.median(pooled_ms)),
        p95_ms=float(np.percentile(pooled_ms, 95)),
    )


@contextmanager
def _started(command: Sequence[str], stderr: BinaryIO) -> Iterator["subprocess.Popen[bytes]"]:
    """`stderr` is a file, for a pipe would wait for children of the codec as well. What libraries
    print goes nowhere.
    """
    nowhere = subprocess.DEVNULL
    path = os.pathsep.join(filter(None, (str(CHECKOUT), os.environ.get("PYTHONPATH"))))
    environment = os.environ | ONE_THREAD | {"PYTHONPATH": path}
    process = subprocess.Popen(
        command, env=environment, stdin=nowhere, stdout=nowhere, stderr=stderr
    )
    try:
        yield process
    finally:  # subprocess.run would leave a dead child behind where it is interrupted
        process.kill()
        process.wait()


def _end(code: int, errors: Path) -> str:
    """How a process ended that left no figures, with the last line that it said."""
    end = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    said = errors.read_text(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(said) if line.strip()), "")
    return f"{end}: {last}" if last else end
