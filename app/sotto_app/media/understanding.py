"""What is said becomes words: a thread of its own, for a recogniser takes longer than a packet.

It starts with the encoder and ends with it: after all that was heard, or at once.
"""

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

from sotto_codecs.base import Frame, Pcm
from sotto_codecs.events import Caption, Deferrable

log = logging.getLogger(__name__)

DROPPED = "samples came too fast"  # the encoder was stuck in a phrase
STEP_S = 0.2  # of sound at a time; then come written lines, and what was found is given out
MOST_WAITING_S = 30.0  # of sound, not counted what the encoder itself keeps waiting

Task = Callable[[], object]


class Understanding:
    """Stands where its encoder would, but what it finds comes later (`take`). One thread uses it;
    `behind_s` is for any."""

    def __init__(self, encoder: Deferrable, sample_rate_hz: int, wake: Callable[[], None]) -> None:
        """`wake` is called on the thread of the encoder when there is something to take."""
        self.dropped = 0  # samples
        self._encoder, self._rate_hz, self._wake = encoder, sample_rate_hz, wake
        self._tasks = queue.SimpleQueue[Task | None]()
        self._told_samples = 0  # each of these two has one thread that writes
        self._heard_samples = 0
        self._frames, self._captions = list[Frame](), list[Caption]()
        self._lock = threading.Lock()  # for these two
        self._given_up = False
        self.is_over = False  # all is there to take
        self._thread = threading.Thread(target=self._run, name="understanding", daemon=True)
        self._thread.start()

    @property
    def behind_s(self) -> float:
        """Of sound that waits to be understood."""
        return self._waiting_s + self._encoder.behind_s

    def encode(self, pcm: Pcm) -> list[Frame]:
        if self._waiting_s > MOST_WAITING_S:
            self.dropped += len(pcm)
            return []
        self._told_samples += len(pcm)
        self._tasks.put(partial(self._hear, pcm))
        return []

    def flush(self) -> list[Frame]:
        self._tasks.put(self._encoder.hear_end)
        return []

    def write(self, text: str) -> list[Frame]:
        self._tasks.put(partial(self._write, text))
        return []

    def share_voice(self, shared: bool) -> None:
        self._tasks.put(partial(self._encoder.share_voice, shared))

    def want_sample(self, wanted: bool) -> None:
        self._tasks.put(partial(self._encoder.want_sample, wanted))

    def take(self) -> tuple[list[Frame], list[Caption]]:
        """What is new since the last time."""
        with self._lock:
            new = self._frames, self._captions
            self._frames, self._captions = [], []
        return new

    def end(self) -> None:
        """After all that was heard, which ends here; then it `is_over`, and wakes."""
        self.flush()
        self._tasks.put(None)

    def give_up(self) -> None:
        """At once: what is not understood yet stays so."""
        self._given_up = True
        self._tasks.put(None)

    def join(self, within_s: float | None = None) -> None:
        self._thread.join(within_s)

    @property
    def _waiting_s(self) -> float:
        return (self._told_samples - self._heard_samples) / self._rate_hz

    def _run(self) -> None:
        self._guarded(self._encoder.go_aside)
        goes_on = True
        while not self._given_up and (goes_on or not self._encoder.is_done):
            goes_on = self._do_tasks() and goes_on
            self._guarded(self._work)
        self._guarded(self._encoder.close)
        if counts := self._encoder.counts + Counter({DROPPED: self.dropped}):
            log.info("of what was said: %s", ", ".join(f"{n} {it}" for it, n in counts.items()))
        self.is_over = True
        self._wake()

    def _do_tasks(self) -> bool:
        """What has come; waits for it where there is nothing else to do. False: it was the last."""
        waits = self._encoder.is_done
        try:
            while (task := self._tasks.get(block=waits)) is not None:
                self._guarded(task)
                waits = False
        except queue.Empty:
            return True
        return False

    def _hear(self, pcm: Pcm) -> None:
        self._heard_samples += len(pcm)
        self._encoder.hear(pcm)

    def _write(self, text: str) -> None:
        self._give_out(self._encoder.write(text))

    def _work(self) -> None:
        self._give_out(self._encoder.work(STEP_S))

    def _give_out(self, frames: list[Frame]) -> None:
        captions = self._encoder.captions()
        if not frames and not captions:
            return
        with self._lock:
            self._frames += frames
            self._captions += captions
        self._wake()

    def _guarded(self, task: Task) -> None:
        try:
            task()
        except Exception:  # one bad phrase must not end the call
            log.exception("a phrase was not understood")
