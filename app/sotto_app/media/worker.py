"""One thread for one direction of one call, so that the event loop never encodes or decodes."""

import logging
import queue
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

MAX_WAITING = 500  # ten seconds of packets

Task = Callable[[float], None]


class Worker:
    """Runs posted tasks one after another, and `on_due` when the time that `due` names has come.

    Tasks and `on_due` get the time, in seconds of time.monotonic, and never run two at a time.
    Everything but the thread itself belongs to whoever posts, which is one thread.
    """

    def __init__(
        self, name: str, due: Callable[[], float | None], on_due: Callable[[float], None]
    ) -> None:
        self._due, self._on_due = due, on_due
        self._tasks = queue.SimpleQueue[Task | None]()
        self._posted = 0  # written by the poster alone
        self._done = 0  # written by the thread alone
        self._running = threading.Lock()
        self._wakes_at: float | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def post(self, task: Task) -> None:
        """Have a task run soon. After `stop` it does nothing."""
        self._posted += 1
        self._tasks.put(task)

    def wake(self) -> None:
        """What `due` names has changed. From any thread."""
        self._tasks.put(_look)

    def run_here(self, task: Task) -> bool:
        """Run a short task on the caller's thread, if nothing is waiting or running: to hand it
        over would cost more than it does. False where it must be posted."""
        if self._posted != self._done or not self._running.acquire(blocking=False):
            return False
        try:
            self._guarded(task)
            due = self._due()
        finally:
            self._running.release()
        if due is not None and (self._wakes_at is None or due < self._wakes_at):
            self.post(lambda now: None)  # so that the thread looks at what is due
        return True

    @property
    def is_behind(self) -> bool:
        """More is waiting than a call can make; what comes on top may as well be lost."""
        return self._posted - self._done > MAX_WAITING

    def stop(self) -> None:
        """End the thread after what was posted before."""
        self._tasks.put(None)

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._running:
                due = self._wakes_at = self._due()
            try:
                wait_s = None if due is None else max(0.0, due - time.monotonic())
                task = self._tasks.get(timeout=wait_s)
            except queue.Empty:
                self._do_what_is_due()
                continue
            if task is None:
                return
            with self._running:
                self._guarded(task)
                self._done += task is not _look
            self._do_what_is_due()  # a busy inbox must not hold up the clock

    def _do_what_is_due(self) -> None:
        with self._running:
            due = self._due()
            if due is not None and due <= time.monotonic():
                self._guarded(self._on_due)

    def _guarded(self, task: Task) -> None:
        try:
            task(time.monotonic())
        except Exception:  # one bad packet must not end the call; the next one may be good
            log.exception("a packet was given up")


def _look(now: float) -> None:
    """The thread then looks at what is due."""
