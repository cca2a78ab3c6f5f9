"""UDP: one socket, one port, all peers.

What the kernel knows to be too large for the path goes in pieces, which costs a header for each and
is lost with any of them; whoever keeps to `mtu_bytes` meets that only where the path has changed.
"""

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import ceil
from typing import Any, cast

from sotto_app.transports.base import (
    UDP_IPV4_COST,
    UDP_IPV6_COST,
    Address,
    OnDatagram,
    Traffic,
)

LEAST_MTU_BYTES = 1280 - 48  # every IPv6 path takes so much (RFC 8200 section 5)
MOST_MTU_BYTES = 1500 - 28
UDP_BYTES = 8  # RFC 768
IPV4_BYTES, IPV6_BYTES, IPV6_PIECE_BYTES = 20, 40, 40 + 8  # RFC 791; RFC 8200 sections 3 and 4.5
MAX_WAITING_BYTES = 65_536  # in the process, where the kernel takes no more

# Linux's numbers, which Python's socket module does not name: <linux/in.h>, <linux/in6.h>
IP_MTU_DISCOVER, IP_MTU = 10, 14
IPV6_MTU_DISCOVER, IPV6_MTU = 23, 24
PMTUDISC_DONT = 0
PMTUDISC_DO = 2  # "don't fragment" is set, and sendto says EMSGSIZE


class Udp(asyncio.DatagramProtocol):
    """One port. Made by `open_udp`. An error of a peer or of the network does not end it."""

    def __init__(self, on_datagram: OnDatagram, family: int, remote: Address | None) -> None:
        self.cost = UDP_IPV6_COST if family == socket.AF_INET6 else UDP_IPV4_COST
        self.mtu_bytes = LEAST_MTU_BYTES
        self.traffic = Traffic()
        self._on_datagram = on_datagram
        self._family = family
        self._remote = remote
        self._socket: asyncio.DatagramTransport | None = None
        self._fault: OSError | None = None
        self._gone = asyncio.get_running_loop().create_future()

    @property
    def address(self) -> Address:
        """Where this port is."""
        assert self._socket is not None, "the port is closed"
        return _address(self._socket.get_extra_info("sockname"))

    def send(self, datagram: bytes, to: Address | None = None) -> None:
        to = to or self._remote
        if self._socket is None or to is None:
            self.traffic.dropped["no peer" if self._socket else "closed"] += 1
        elif self._waiting_bytes + len(datagram) > MAX_WAITING_BYTES:
            self.traffic.dropped["queue full"] += 1
        else:
            self._send(self._socket, datagram, to)

    async def close(self) -> None:
        if self._socket is not None:
            self._socket.abort()
            self._socket = None
        await self._gone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._socket = cast(asyncio.DatagramTransport, transport)  # by its methods, not by class
        if self._remote:
            self._note_mtu(self._remote)

    def connection_lost(self, exc: Exception | None) -> None:
        self._socket = None
        if not self._gone.done():
            self._gone.set_result(None)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.traffic.count_received(data, self.cost)
        self._on_datagram(data, _address(addr))

    def error_received(self, exc: Exception) -> None:
        """Of a send, called from within sendto; or ICMP's, at any time, which is nothing new."""
        if isinstance(exc, OSError):
            self._fault = exc

    @property
    def _waiting_bytes(self) -> int:
        size: int = self._socket.get_write_buffer_size()  # type: ignore[union-attr]  # typeshed lacks it
        return size

    def _send(self, through: asyncio.DatagramTransport, datagram: bytes, to: Address) -> None:
        pieces_bytes = 0
        fault = self._fault_of(through, datagram, to)
        if fault and fault.errno == errno.EMSGSIZE:
            self._note_mtu(to)
            with _in_pieces(through.get_extra_info("socket")):
                fault = self._fault_of(through, datagram, to)
            pieces_bytes = self._pieces_bytes(datagram)
        if fault:
            is_too_large = fault.errno == errno.EMSGSIZE
            self.traffic.dropped["too large" if is_too_large else "unreachable"] += 1
        else:
            self.traffic.count_sent(datagram, self.cost)
            self.traffic.sent_bytes += pieces_bytes

    def _fault_of(
        self, through: asyncio.DatagramTransport, datagram: bytes, to: Address
    ) -> OSError | None:
        self._fault = None
        through.sendto(datagram, to)
        return self._fault

    def _pieces_bytes(self, datagram: bytes) -> int:
        """Of the further headers; pieces but for the last are of 8 times so many bytes (RFC 791
        section 3.2), and IPv6 has a header that says so in each (RFC 8200 section 4.5)."""
        is_ipv6 = self._family == socket.AF_INET6
        header = IPV6_PIECE_BYTES if is_ipv6 else IPV4_BYTES
        piece = (self.mtu_bytes + self.cost.toll.below_bytes - header) // 8 * 8
        pieces = ceil((UDP_BYTES + len(datagram)) / piece)
        return header * (pieces - 1) + (IPV6_PIECE_BYTES - IPV6_BYTES if is_ipv6 else 0)

    def _note_mtu(self, to: Address) -> None:
        """The kernel keeps what ICMP says of each path."""
        path_bytes = _path_mtu_bytes(self._family, to)
        if path_bytes is not None:
            self.mtu_bytes = min(path_bytes - self.cost.toll.below_bytes, MOST_MTU_BYTES)


async def open_udp(
    on_datagram: OnDatagram, local: Address | None = None, remote: Address | None = None
) -> Udp:
    """A port at `local`, any free one by default; `remote` is where `send` goes without `to`.

    One family per port, that of `remote` or else `local`, so that the cost is true. Raises OSError.
    """
    loop = asyncio.get_running_loop()
    family = socket.AF_UNSPEC
    for name in (remote, local):
        if name:
            found = await loop.getaddrinfo(*name, family=family, type=socket.SOCK_DGRAM)
            family, at = found[0][0], _address(found[0][4])
            remote, local = (at, local) if name is remote else (remote, at)
    port = socket.socket(family or socket.AF_INET, socket.SOCK_DGRAM)
    try:
        _set_up(port)
        port.bind(local or ("", 0))
        _, udp = await loop.create_datagram_endpoint(
            lambda: Udp(on_datagram, port.family, remote), sock=port
        )
    except BaseException:
        port.close()
        raise
    return udp


def _set_up(port: socket.socket) -> None:
    port.setblocking(False)
    if port.family == socket.AF_INET6:
        port.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    with suppress(OSError):  # not Linux: the path's MTU stays unknown
        port.setsockopt(*_mtu_option(port), PMTUDISC_DO)


@contextmanager
def _in_pieces(port: socket.socket) -> Iterator[None]:
    """What is sent inside may be cut up on its way."""
    port.setsockopt(*_mtu_option(port), PMTUDISC_DONT)
    try:
        yield
    finally:
        port.setsockopt(*_mtu_option(port), PMTUDISC_DO)


def _mtu_option(port: socket.socket) -> tuple[int, int]:
    """Level and number."""
    if port.family == socket.AF_INET6:
        return socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER
    return socket.IPPROTO_IP, IP_MTU_DISCOVER


def _path_mtu_bytes(family: int, to: Address) -> int | None:
    """As the kernel knows it now, headers and all; only a connected socket can be asked."""
    with socket.socket(family, socket.SOCK_DGRAM) as asking, suppress(OSError):
        asking.connect(to)
        if family == socket.AF_INET6:
            return asking.getsockopt(socket.IPPROTO_IPV6, IPV6_MTU)
        return asking.getsockopt(socket.IPPROTO_IP, IP_MTU)
    return None


def _address(name: tuple[Any, ...]) -> Address:
    """Host and port; a link-local host keeps its interface."""
    host, port, *further = name
    scope = further[1] if len(further) > 1 else 0
    return (f"{host}%{scope}" if scope and "%" not in host else host), port
