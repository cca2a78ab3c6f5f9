"""Synthesisers that are programs: one run for each piece, text on its standard input.

No shell is between, and no text on the command line: whatever is written, it is only spoken.
"""

import shutil
import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soxr

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable, Unspeakable
from sotto_codecs.pcm import from_int16
from sotto_codecs.text.speaking import RATE_HZ

LIMIT_S = 10.0  # a piece takes 0.2 s on one core


def require(program: str, package: str) -> None:
    """Raises BackendUnavailable where `program` is not installed."""
    if shutil.which(program) is None:
        raise BackendUnavailable(f"{program} is missing", f"apt-get install {package}")


def run(command: Sequence[str], text: str, limit_s: float = LIMIT_S) -> str:
    """What `command` prints when it is given `text`. Raises BackendUnavailable, Unspeakable."""
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=limit_s)
    except FileNotFoundError as fault:
        raise BackendUnavailable(f"{command[0]} is missing", f"install {command[0]}") from fault
    except subprocess.TimeoutExpired as fault:
        raise Unspeakable(f"{command[0]} took more than {limit_s} s") from fault
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise Unspeakable(f"{command[0]} ended with {done.returncode}: {said}")
    return done.stdout.decode(errors="replace")


def read_wav(path: Path) -> Pcm:
    """16-bit mono sound at 16 kHz, whatever its rate was. Raises Unspeakable."""
    try:
        with wave.open(str(path), "rb") as file:
            rate_hz, width = file.getframerate(), file.getsampwidth()
            samples = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as fault:
        raise Unspeakable(f"no sound came: {fault}") from fault
    if width != 2:
        raise Unspeakable(f"sound of {8 * width} bits a sample")
    return at_rate(from_int16(np.frombuffer(samples, "<i2")), rate_hz)


def at_rate(pcm: Pcm, rate_hz: int) -> Pcm:
    """Mono sound of `rate_hz` at 16 kHz."""
    if rate_hz == RATE_HZ or not len(pcm):
        return pcm
    resampled: Pcm = soxr.resample(pcm, rate_hz, RATE_HZ)
    return resampled
