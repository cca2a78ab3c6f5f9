"""Recognisers in processes of their own, for an engine that lets no other thread run: while one
listens, the caller's thread waits without the interpreter's lock.

A talker has a process, which ends with its stream. One more stands by with its model loaded, so
that no talker waits for a start.
"""

import os
import select
import subprocess
import sys
import threading
import time
import weakref
from functools import cache
from typing import IO

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.recognisers import process
from sotto_codecs.text.recognisers.process import ASKED, LENGTH
from sotto_codecs.text.recognising import Hypothesis, known

ANSWER_S = 20.0  # a busy machine may need seconds to load a model; what takes longer hangs
_PIECE_BYTES = 4096  # PIPE_BUF: what a pipe that can be written to takes at once


class RecogniserGone(Exception):
    """The process ended, or does not answer."""


@cache
def aside(target: str, name: str, languages: tuple[str, ...]) -> "Aside":
    """The one of this program, so that all modes share what stands by."""
    return Aside(target, name, languages)


class Aside:
    """An engine, named by "module:Class", in processes; one object for all talkers."""

    def __init__(self, target: str, name: str, languages: tuple[str, ...]) -> None:
        self.name, self.languages = name, languages
        self._target = target
        self._lock = threading.Lock()
        self._spares = dict[str, Process]()  # by language
        weakref.finalize(self, _close_all, self._spares)

    def recogniser(self, language: str) -> "AsideRecogniser":
        """At once; the first ever answers when its model is loaded. Raises OSError."""
        known(language, self.languages, self.name)
        with self._lock:
            spare = self._spares.pop(language, None)
            if spare is not None and not spare.is_running:
                spare.close()
                spare = None
            taken = spare or Process(self._target, language)
            self._spares[language] = Process(self._target, language)
        return AsideRecogniser(taken)

    def close(self) -> None:
        """What stands by ends; talkers keep theirs."""
        with self._lock:
            _close_all(self._spares)


class AsideRecogniser:
    """One per talker."""

    def __init__(self, asked: "Process") -> None:
        self._process = asked

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        self._process.ask(process.START)

    def feed(self, pcm: Pcm) -> Hypothesis:
        return self._process.ask(process.FEED, pcm)

    def finish(self) -> tuple[Word, ...]:
        return self._process.ask(process.FINISH).words

    def close(self) -> None:
        self._process.close()


class Process:
    """A running process; its errors go where the caller's go."""

    def __init__(self, target: str, language: str) -> None:
        """Raises OSError."""
        self._popen = subprocess.Popen(
            [sys.executable, "-m", process.__name__, target, language],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for the relay, which then ends its calls
        )
        self.pid = self._popen.pid
        self._finalizer = weakref.finalize(self, _end, self._popen)

    @property
    def is_running(self) -> bool:
        return self._popen.poll() is None

    def ask(self, kind: bytes, pcm: Pcm | None = None) -> Hypothesis:
        """Raises RecogniserGone."""
        samples = b"" if pcm is None else pcm.astype(np.float32).tobytes()
        until = time.monotonic() + ANSWER_S
        try:
            self._write(ASKED.pack(kind, len(samples)) + samples, until)
            (length,) = LENGTH.unpack(self._read(LENGTH.size, until))
            return process.unpacked(self._read(length, until))
        except (OSError, ValueError) as fault:  # a pipe that broke, or was closed
            raise RecogniserGone(str(fault)) from fault

    def close(self) -> None:
        self._finalizer()

    def _write(self, data: bytes, until: float) -> None:
        pipe = _there(self._popen.stdin)
        for at in range(0, len(data), _PIECE_BYTES):
            _wait(pipe, select.POLLOUT, until)
            os.write(pipe.fileno(), data[at : at + _PIECE_BYTES])

    def _read(self, length: int, until: float) -> bytes:
        pipe, data = _there(self._popen.stdout), b""
        while len(data) < length:
            _wait(pipe, select.POLLIN, until)
            if not (piece := os.read(pipe.fileno(), length - len(data))):
                raise RecogniserGone("the process has ended")
            data += piece
        return data


def _there(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # Popen was asked for it
    return pipe


def _wait(pipe: IO[bytes], event: int, until: float) -> None:
    poll = select.poll()
    poll.register(pipe, event)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
        raise RecogniserGone(f"no answer within {ANSWER_S:g} s")


def _end(popen: subprocess.Popen[bytes]) -> None:
    popen.kill()  # it keeps nothing
    popen.wait()
    for pipe in (popen.stdin, popen.stdout):
        _there(pipe).close()


def _close_all(spares: dict[str, Process]) -> None:
    while spares:
        spares.popitem()[1].close()
