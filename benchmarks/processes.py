"""A process of the benchmark's own beside it, and the pipe to it."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from typing import TypeVar

Job = TypeVar("Job")

ENDS_WITHIN_S = 30.0


@contextmanager
def beside(run: Callable[[Job, Pipe], None], job: Job) -> Iterator[Pipe]:
    """`run` in a fresh process, ended in the end. `recv` raises EOFError where it has died."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=run, args=(job, theirs), daemon=True)
    process.start()
    theirs.close()  # so that a process that dies is noticed here
    try:
        yield ours
        process.join(ENDS_WITHIN_S)
    finally:
        process.kill()
        process.join()
        ours.close()
