"""What a process, and the whole machine, use of a core while something runs."""

import time
from dataclasses import dataclass

import psutil

from tests.serving import Relay


@dataclass(frozen=True, slots=True)
class Window:
    """What counts; seconds of the machine's monotonic clock, the same in every process."""

    from_s: float
    to_s: float

    def __contains__(self, at_s: float) -> bool:
        return self.from_s <= at_s < self.to_s


@dataclass(frozen=True, slots=True)
class Usage:
    """Percent of one core; a machine of two has 200."""

    server_percent: float
    machine_percent: float


def usage(server: psutil.Process, window: Window) -> Usage:
    """Waits until the window is over."""
    start_s, server_before, machine_before = _at(window.from_s, server)
    end_s, server_after, machine_after = _at(window.to_s, server)
    per_s = 100 / (end_s - start_s)
    return Usage((server_after - server_before) * per_s, (machine_after - machine_before) * per_s)


def process_of(running: Relay) -> psutil.Process:
    """A relay that this process has started."""
    return next(
        child for child in psutil.Process().children() if str(running.port) in child.cmdline()
    )


def _at(at_s: float, server: psutil.Process) -> tuple[float, float, float]:
    """The time, and the CPU seconds of the process and of all cores, at a moment to come."""
    time.sleep(max(0.0, at_s - time.monotonic()))
    ours, all_cores = server.cpu_times(), psutil.cpu_times()
    busy_s = sum(all_cores) - all_cores.idle - all_cores.iowait - all_cores.guest
    return time.monotonic(), ours.user + ours.system, busy_s
