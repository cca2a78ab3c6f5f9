"""Both directions of an emulated link on the event loop, between any two ends."""

import asyncio
from collections.abc import Callable

from sotto_app.emulator.line import Impairment, Line

Deliver = Callable[[bytes], None]


class Bridge:
    """Give it what each end sends; it hands on what arrives, when it arrives."""

    def __init__(self, impairment: Impairment, to_near: Deliver, to_far: Deliver) -> None:
        self.near_to_far = Line(impairment, near=True)
        self.far_to_near = Line(impairment, near=False)
        self._ways = ((self.near_to_far, to_far), (self.far_to_near, to_near))
        self._loop = asyncio.get_running_loop()
        self._start_s = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def now_s(self) -> float:
        """Since the start."""
        return self._loop.time() - self._start_s

    def from_near(self, packet: bytes) -> None:
        self.near_to_far.send(packet, self.now_s)
        self._deliver()

    def from_far(self, packet: bytes) -> None:
        self.far_to_near.send(packet, self.now_s)
        self._deliver()

    def close(self) -> None:
        """What is under way is gone."""
        if self._timer:
            self._timer.cancel()

    def _deliver(self) -> None:
        for line, deliver in self._ways:
            for packet in line.receive(self.now_s):
                deliver(packet)
        due_s = [line.due_s for line, _ in self._ways if line.due_s is not None]
        if self._timer:
            self._timer.cancel()
        if due_s:
            self._timer = self._loop.call_at(self._start_s + min(due_s), self._deliver)
