"""The relay as `make run` starts it: the `sotto serve` of this environment, in its own process."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

STARTS_WITHIN_S = 30.0
ENDS_WITHIN_S = 10.0


@dataclass(frozen=True)
class Relay:
    """A running relay; `log` is what it says."""

    port: int
    log: Path
    host: str = "localhost"

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def at(self, address: str) -> "Relay":
        """The same relay for somebody to whom this machine has that address."""
        return replace(self, host=address)


@contextmanager
def relay(folder: Path, host: str = "127.0.0.1", *options: str) -> Iterator[Relay]:
    """Up and healthy; ended and joined at the end. Raises AssertionError with its log.

    What it keeps, it keeps in `folder`.
    """
    running = Relay(free_port(), folder / "relay.log")
    command = Path(sys.executable).parent / "sotto"
    defaults = {name: it for name, it in os.environ.items() if not name.startswith("SOTTO_")}
    with running.log.open("wb") as log:
        process = subprocess.Popen(
            [command, "serve", "--host", host, "--port", str(running.port), *options],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=defaults,
        )
    try:
        _wait_until_healthy(running, process)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _wait_until_healthy(running: Relay, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/healthz", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"`sotto serve` did not start:\n{running.log.read_text()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
