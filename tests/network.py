"""A network of its own for one browser, that can really be cut: a Linux network namespace and a
cable of two virtual Ethernet cards to it. Needs root.
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.browsers import installed

SPACE = "sotto-island"
CARD, FAR_CARD = "sotto-near", "sotto-far"
ADDRESS, FAR_ADDRESS = "10.231.77.1", "10.231.77.2"
NOBODY = "02:00:00:00:00:00"
CLONE_NEWNET = 0x40000000  # <linux/sched.h>
WHY_NOT = (
    "only root can cut a network: "
    "sudo .venv/bin/pytest tests/test_end_to_end/test_network.py runs this test"
)


@dataclass(frozen=True)
class Island:
    """This machine is at `address` for a browser that `chromium` starts."""

    address: str
    chromium: Path

    def cut(self) -> None:
        """Packets are sent, in both directions, and nobody gets them; nothing says so. It is what
        a lost radio link looks like to the programs at both its ends.
        """
        ip("neigh", "replace", FAR_ADDRESS, "lladdr", NOBODY, "nud", "permanent", "dev", CARD)
        inside("neigh", "replace", ADDRESS, "lladdr", NOBODY, "nud", "permanent", "dev", FAR_CARD)

    def mend(self) -> None:
        ip("neigh", "del", FAR_ADDRESS, "dev", CARD)
        inside("neigh", "del", ADDRESS, "dev", FAR_CARD)


def may_cut() -> bool:
    """Whether this process may make namespaces and cards."""
    if os.geteuid() != 0:
        return False
    try:
        ip("netns", "add", f"{SPACE}-probe")
        ip("netns", "del", f"{SPACE}-probe")
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@contextmanager
def island(folder: Path) -> Iterator[Island]:
    """Up; gone at the end, as is what a killed run left behind."""
    _remove()
    try:
        ip("netns", "add", SPACE)
        ip("link", "add", CARD, "type", "veth", "peer", "name", FAR_CARD, "netns", SPACE)
        ip("addr", "add", f"{ADDRESS}/24", "dev", CARD)
        ip("link", "set", CARD, "up")
        inside("addr", "add", f"{FAR_ADDRESS}/24", "dev", FAR_CARD)
        inside("link", "set", FAR_CARD, "up")
        inside("link", "set", "lo", "up")
        chromium = folder / "chromium"
        chromium.write_text(f'#!/bin/sh\nexec ip netns exec {SPACE} {installed()} "$@"\n')
        chromium.chmod(0o755)
        yield Island(ADDRESS, chromium)
    finally:
        _remove()


def _remove() -> None:
    for what in (("link", "del", CARD), ("netns", "del", SPACE)):
        with suppress(subprocess.CalledProcessError):  # it is not there
            ip(*what)


def ip(*words: str) -> None:
    """Raises CalledProcessError with what the command said."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


def inside(*words: str) -> None:
    """The same in the namespace."""
    ip("-netns", SPACE, *words)


@contextmanager
def resident(namespace: str) -> Iterator[Executor]:
    """A thread in that namespace, with all programs and threads that it starts."""
    with ThreadPoolExecutor(1, initializer=_move_to, initargs=(namespace,)) as thread:
        yield thread


def _move_to(namespace: str) -> None:
    with open(f"/run/netns/{namespace}") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"no way into {namespace}")
