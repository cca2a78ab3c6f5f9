"""An emulated link between two UDP ports."""

from sotto_app.emulator.bridge import Bridge
from sotto_app.emulator.line import Impairment
from sotto_app.transports.base import Address
from sotto_app.transports.udp import Udp, open_udp


class _End:
    """One port and the peer behind it: whoever sent last, where none is given."""

    def __init__(self) -> None:
        self.peer: Address | None = None
        self.port: Udp | None = None

    def deliver(self, packet: bytes) -> None:
        if self.port is not None:
            self.port.send(packet, self.peer)


class UdpBridge:
    """Made by `open_udp_bridge`."""

    def __init__(self, impairment: Impairment) -> None:
        self._near, self._far = _End(), _End()
        self.bridge = Bridge(impairment, self._near.deliver, self._far.deliver)

    def from_near(self, packet: bytes, sender: Address | None) -> None:
        self._near.peer = sender
        self.bridge.from_near(packet)

    def from_far(self, packet: bytes, sender: Address | None) -> None:
        self._far.peer = sender
        self.bridge.from_far(packet)

    def attach(self, near: Udp, far: Udp) -> None:
        self._near.port, self._far.port = near, far

    @property
    def addresses(self) -> tuple[Address, Address]:
        """Of the port at the near end, and of the far one."""
        assert self._near.port and self._far.port, "the bridge is not open"
        return self._near.port.address, self._far.port.address

    async def close(self) -> None:
        self.bridge.close()
        for end in (self._near, self._far):
            if end.port is not None:
                await end.port.close()


async def open_udp_bridge(
    impairment: Impairment, near: Address, far: Address | None = None, to: Address | None = None
) -> UdpBridge:
    """Listens at `near`; the far end listens at `far`, or sends to `to`. Raises OSError."""
    bridge = UdpBridge(impairment)
    near_port = await open_udp(bridge.from_near, near)
    try:
        far_port = await open_udp(bridge.from_far, far, to)
    except BaseException:
        await near_port.close()
        raise
    bridge.attach(near_port, far_port)
    return bridge
