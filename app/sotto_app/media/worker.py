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

    Tasks and `on_due` get the time, in seconds of time.monotonic.
    """

    def __init__(
        self, name: str, due: Callable[[], float | None], on_due: Callable[[float], None]
    ) -> None:
        self._due, self._on_due = due, on_due
        self._tasks = queue.SimpleQueue[Task | None]()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def post(self, task: Task) -> None:
        """Have a task run soon. May be called from any thread, also after `stop`."""
        self._tasks.put(task)

    @property
    def is_behind(self) -> bool:
        """More is waiting than a call can make; what comes on top may as well be lost."""
        return self._tasks.qsize() > MAX_WAITING

    def stop(self) -> None:
        """End the thread after what was posted before."""
        self._tasks.put(None)

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        while True:
            due = self._due()
            try:
                wait_s = None if due is None else max(0.0, due - time.monotonic())
                task = self._tasks.get(timeout=wait_s)
            except queue.Empty:
                task = self._on_due
            if task is None:
                return
            self._guarded(task)
            due = self._due()  # a busy inbox must not hold up the clock
            if due is not None and due <= time.monotonic():
                self._guarded(self._on_due)

    def _guarded(self, task: Task) -> None:
        try:
            task(time.monotonic())
        except Exception:  # one bad packet must not end the call; the next one may be good
            log.exception("a packet was given up")
