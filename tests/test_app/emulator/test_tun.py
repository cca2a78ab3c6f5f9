"""The emulator between two real network namespaces."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from sotto_app.emulator.line import Impairment
from sotto_app.emulator.tun import NoTun, Site, TunBridge, two_sites
from sotto_app.link.profile import PERFECT, LinkProfile

NEAR = Site("sotto-try-near", "sotto-try-n0", "10.231.79.1")
FAR = Site("sotto-try-far", "sotto-try-f0", "10.231.79.2")

ECHO = """
import socket, sys
port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
port.bind(("0.0.0.0", 9999))
port.settimeout(20)
print("ready", flush=True)
while True:
    datagram, sender = port.recvfrom(2000)
    if datagram == b"end":
        break
    port.sendto(datagram, sender)
"""
ASK = """
import socket, sys, time
port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
port.settimeout(float(sys.argv[3]))
got, rtt_s = 0, []
for n in range(int(sys.argv[2])):
    start = time.monotonic()
    port.sendto(bytes(100), (sys.argv[1], 9999))
    try:
        port.recv(2000)
        got += 1
        rtt_s.append(time.monotonic() - start)
    except TimeoutError:
        pass
for _ in range(20):
    port.sendto(b"end", (sys.argv[1], 9999))
print(got, min(rtt_s))
"""


def why_not() -> str:
    """Why this machine has no such link; empty where it has."""
    try:
        with two_sites(NEAR, FAR):
            return ""
    except NoTun as fault:
        return f"{fault} (as root: sudo .venv/bin/pytest tests/test_app/emulator/test_tun.py)"


@pytest.fixture(scope="module", autouse=True)
def _possible() -> None:
    if reason := why_not():
        pytest.skip(reason)


@asynccontextmanager
async def bridged(impairment: Impairment, mtu_bytes: int = 1500) -> AsyncIterator[TunBridge]:
    with two_sites(NEAR, FAR, mtu_bytes) as (near, far):
        bridge = TunBridge(impairment, near, far)
        try:
            yield bridge
        finally:
            bridge.close()


async def inside(site: Site, program: str, *words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *("ip", "netns", "exec", site.namespace, sys.executable, "-c", program, *words),
        stdout=asyncio.subprocess.PIPE,
    )


async def ask(count: int, patience_s: float = 5.0) -> tuple[int, float]:
    """Echoes that came back from the far namespace, and the least round trip in seconds."""
    echo = await inside(FAR, ECHO)
    assert echo.stdout is not None
    await asyncio.wait_for(echo.stdout.readline(), 10)
    asker = await inside(NEAR, ASK, FAR.address, str(count), str(patience_s))
    said, _ = await asyncio.wait_for(asker.communicate(), 30)
    await asyncio.wait_for(echo.communicate(), 30)
    got, rtt_s = said.split()
    return int(got), float(rtt_s)


def ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def device(site: Site) -> dict[str, Any]:
    """What the kernel says of it."""
    shown: list[dict[str, Any]] = json.loads(
        ip("-netns", site.namespace, "-s", "-j", "link", "show", "dev", site.device)
    )
    return shown[0]


def counters(site: Site) -> tuple[int, int]:
    """Bytes that the device's namespace sent and received, by the kernel's count."""
    stats = device(site)["stats64"]
    return stats["tx"]["bytes"], stats["rx"]["bytes"]


async def test_the_kernel_counts_the_same_bytes() -> None:
    async with bridged(Impairment(PERFECT)) as bridge:
        assert (await ask(20))[0] == 20
        there, back = bridge.bridge.near_to_far.tally, bridge.bridge.far_to_near.tally
        assert counters(NEAR) == (there.sent_bytes, back.arrived_bytes)
        assert counters(FAR) == (back.sent_bytes, there.arrived_bytes)
        assert back.sent_bytes >= 20 * 128 and there.sent_bytes >= 20 * 128


async def test_delay_and_loss_lie_between() -> None:
    profile = LinkProfile("test", "", "", delay_ms=50, loss=0.1)
    async with bridged(Impairment(profile, seed=3)) as bridge:
        got, rtt_s = await ask(40, patience_s=0.3)
        assert 0.1 <= rtt_s < 0.2
        there, back = bridge.bridge.near_to_far.tally, bridge.bridge.far_to_near.tally
        assert 20 <= got < 40 and there.dropped > 0 and back.dropped > 0


async def test_namespaces_are_gone_afterwards() -> None:
    files = len(os.listdir("/proc/self/fd"))
    async with bridged(Impairment(PERFECT)):
        names = ip("netns")
        assert NEAR.namespace in names and FAR.namespace in names
    names = ip("netns")
    assert NEAR.namespace not in names and FAR.namespace not in names
    assert len(os.listdir("/proc/self/fd")) == files


async def test_the_mtu_is_that_of_both_devices() -> None:
    async with bridged(Impairment(PERFECT), mtu_bytes=576):
        for site in (NEAR, FAR):
            assert device(site)["mtu"] == 576


async def test_a_link_that_is_there_is_left_alone_and_what_a_killed_one_left_is_not() -> None:
    async with bridged(Impairment(PERFECT)):
        with pytest.raises(NoTun, match="sotto-try-near is in use"):
            async with bridged(Impairment(PERFECT)):
                raise AssertionError
        assert NEAR.namespace in ip("netns")
    ip("netns", "add", FAR.namespace)
    async with bridged(Impairment(PERFECT)):
        assert device(FAR)["mtu"] == 1500


async def test_the_command_makes_namespaces_and_removes_them_when_it_is_told_to_end() -> None:
    code = "from sotto_app.cli import main; main()"
    words = (sys.executable, "-c", code, "link", "emulate", "--tun", "--name", "sottotry")
    running = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    assert running.stdout is not None
    said = await asyncio.wait_for(running.stdout.readline(), 20)
    assert said == b"near: ip netns exec sottotry-near COMMAND, at 10.231.78.1\n"
    assert "sottotry-near" in ip("netns")
    running.terminate()
    await asyncio.wait_for(running.communicate(), 20)
    assert running.returncode == 0 and "sottotry" not in ip("netns")
