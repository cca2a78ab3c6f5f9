"""An emulated link between two network namespaces: whole IP packets of whatever runs in them.

Each namespace has a TUN device; `ip netns exec NAME COMMAND` runs a program at that end. Needs root
and /dev/net/tun. The kernel's own counters of the devices are those of the link.
"""

import asyncio
import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sotto_app.emulator.bridge import Bridge, Deliver
from sotto_app.emulator.line import Impairment

CLONE = "/dev/net/tun"
TUNSETIFF = 0x400454CA  # <linux/if_tun.h>
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
LARGEST_BYTES = 65_536
IPV6_LEAST_BYTES = 1280
AT_ONCE = 64  # packets of one device before the others have their turn


class NoTun(OSError):
    """This machine or this user has no TUN devices or namespaces; the message says which."""


@dataclass(frozen=True, slots=True)
class Site:
    """One end: a namespace, made and removed with the link, and its device."""

    namespace: str
    device: str
    address: str
    prefix: int = 30


def sites(name: str) -> tuple[Site, Site]:
    """The near and the far end of the link of this name, of at most ten characters."""
    return (
        Site(f"{name}-near", f"{name}-near", "10.231.78.1"),
        Site(f"{name}-far", f"{name}-far", "10.231.78.2"),
    )


class Tun:
    """One device. What is sent through it goes to the callback."""

    def __init__(self, file: int) -> None:
        self.refused = 0  # packets that the kernel did not take
        self._file = file

    def start(self, on_packet: Deliver) -> None:
        asyncio.get_running_loop().add_reader(self._file, self._read, on_packet)

    def write(self, packet: bytes) -> None:
        try:
            os.write(self._file, packet)
        except OSError:  # the device is down or its queue full
            self.refused += 1

    def stop(self) -> None:
        asyncio.get_running_loop().remove_reader(self._file)

    def _read(self, on_packet: Deliver) -> None:
        try:
            for _ in range(AT_ONCE):
                on_packet(os.read(self._file, LARGEST_BYTES))
        except BlockingIOError:
            return
        except OSError:  # the device has gone, with its namespace
            self.stop()


class TunBridge:
    """A link between two devices, from `start` to `close`."""

    def __init__(self, impairment: Impairment, near: Tun, far: Tun) -> None:
        self.bridge = Bridge(impairment, near.write, far.write)
        self._near, self._far = near, far
        near.start(self.bridge.from_near)
        far.start(self.bridge.from_far)

    def close(self) -> None:
        """What is under way is gone; the devices stay."""
        self._near.stop()
        self._far.stop()
        self.bridge.close()


@contextmanager
def two_sites(near: Site, far: Site, mtu_bytes: int = 1500) -> Iterator[tuple[Tun, Tun]]:
    """Both namespaces with their devices, up; gone at the end, as is what a killed run left behind.
    Raises NoTun.
    """
    for site in (near, far):
        if _in_use(site):
            raise NoTun(f"the namespace {site.namespace} is in use; pick another --name")
    files = list[int]()
    try:
        for site in (near, far):
            _remove(site)
            files.append(_open(site.device))
            _move(site, mtu_bytes)
        yield Tun(files[0]), Tun(files[1])
    finally:
        for file in files:
            os.close(file)
        for site in (near, far):
            _remove(site)


def _in_use(site: Site) -> bool:
    """The device goes with the process that made it; the namespace may stay behind."""
    try:
        _ip("-netns", site.namespace, "link", "show", "dev", site.device)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _open(device: str) -> int:
    file = -1
    try:
        file = os.open(CLONE, os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
    except OSError as fault:
        if file >= 0:
            os.close(file)
        why = "only root can make TUN devices" if os.geteuid() else fault.strerror
        raise NoTun(f"no TUN device: {why}; without one, emulate with --listen") from fault
    return file


def _move(site: Site, mtu_bytes: int) -> None:
    """The device into its namespace, with an address and no chatter of IPv6's own."""
    device = site.device
    try:
        _ip("netns", "add", site.namespace)
        _ip("link", "set", device, "netns", site.namespace)
        inside = ("-netns", site.namespace)
        if mtu_bytes >= IPV6_LEAST_BYTES:  # smaller devices have no IPv6 at all
            _ip(*inside, "link", "set", device, "addrgenmode", "none")
        _ip(*inside, "link", "set", device, "mtu", str(mtu_bytes))
        _ip(*inside, "addr", "add", f"{site.address}/{site.prefix}", "dev", device)
        _ip(*inside, "link", "set", "lo", "up")
        _ip(*inside, "link", "set", device, "up")
    except (OSError, subprocess.CalledProcessError) as fault:
        said = fault.stderr.strip() if isinstance(fault, subprocess.CalledProcessError) else fault
        raise NoTun(f"no network namespace: {said}; without one, emulate with --listen") from fault


def _remove(site: Site) -> None:
    with suppress(OSError, subprocess.CalledProcessError):  # it is not there
        _ip("netns", "del", site.namespace)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
