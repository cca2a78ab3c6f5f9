"""A worker runs what is posted, in order, keeps time beside it, and ends when it is told to."""

import logging
import threading
import time
from functools import partial

import pytest

from sotto_app.media.worker import Worker


def test_tasks_run_in_order_on_one_thread_that_is_not_ours() -> None:
    seen: list[tuple[int, int]] = []

    def note(number: int, now: float) -> None:
        seen.append((number, threading.get_ident()))

    worker = Worker("test", lambda: None, lambda now: None)
    worker.start()
    for number in range(100):
        worker.post(partial(note, number))
    worker.stop()
    worker.join()
    assert [number for number, _ in seen] == list(range(100))
    assert len({thread for _, thread in seen}) == 1
    assert seen[0][1] != threading.get_ident()


def test_a_failing_task_is_logged_and_the_next_one_runs(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []
    worker = Worker("test", lambda: None, lambda now: None)
    worker.start()

    def fail(now: float) -> None:
        raise ValueError("a bad packet")

    with caplog.at_level(logging.ERROR):
        worker.post(fail)
        worker.post(lambda now: seen.append("good"))
        worker.stop()
        worker.join()
    assert seen == ["good"]
    assert "a bad packet" in caplog.text


def test_what_is_due_happens_also_while_the_inbox_is_full() -> None:
    start, ticks, done = time.monotonic(), list[float](), threading.Event()

    def tick(now: float) -> None:
        ticks.append(now)
        if len(ticks) == 5:
            done.set()

    worker = Worker("test", lambda: start + 0.01 * (len(ticks) + 1), tick)
    worker.start()
    while not done.is_set():
        worker.post(lambda now: None)
    worker.stop()
    worker.join()
    assert all(at >= start + 0.01 * (n + 1) for n, at in enumerate(ticks))


def test_a_worker_that_cannot_keep_up_says_so() -> None:
    go = threading.Event()
    worker = Worker("test", lambda: None, lambda now: None)
    worker.start()
    worker.post(lambda now: assert_set(go))
    for _ in range(1000):
        if not worker.is_behind:
            worker.post(lambda now: None)
    assert worker.is_behind
    go.set()
    worker.stop()
    worker.join()
    assert not worker.is_behind


def assert_set(event: threading.Event) -> None:
    assert event.wait(10)


def test_a_short_task_runs_here_when_nothing_waits_and_never_beside_another() -> None:
    go, seen = threading.Event(), list[int]()
    worker = Worker("test", lambda: None, lambda now: None)
    worker.start()
    assert worker.run_here(lambda now: seen.append(threading.get_ident()))
    worker.post(lambda now: assert_set(go))
    assert not worker.run_here(lambda now: seen.append(0))
    go.set()
    worker.stop()
    worker.join()
    assert seen == [threading.get_ident()]


def test_what_a_task_here_makes_due_is_done_by_the_thread() -> None:
    due, done = list[float](), threading.Event()

    def tick(now: float) -> None:
        due.clear()
        done.set()

    worker = Worker("test", lambda: due[0] if due else None, tick)
    worker.start()
    assert worker.run_here(lambda now: due.append(now + 0.02))
    assert done.wait(5)
    worker.stop()
    worker.join()
