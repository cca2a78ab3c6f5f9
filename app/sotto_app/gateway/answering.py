"""A listening gateway's port answers probes (`sotto link probe`), whatever else it carries."""

import asyncio

from sotto_app.link.probe import Answerer, BadProbe, is_probe
from sotto_app.transports.base import Address, OnDatagram, Transport
from sotto_app.transports.udp import Udp, open_udp


class Answering:
    """What comes goes on to `on_datagram`, but for probes; those it drops are counted in the
    transport's traffic.
    """

    def __init__(self, on_datagram: OnDatagram) -> None:
        self._on_datagram = on_datagram
        self._transport: Transport | None = None
        self._answerer = Answerer(_now())

    def use(self, transport: Transport) -> None:
        """From now on: where answers are sent."""
        self._transport = transport

    def receive(self, datagram: bytes, sender: Address | None) -> None:
        """For the transport."""
        if self._transport is None or not is_probe(datagram):
            self._on_datagram(datagram, sender)
            return
        try:
            answers = self._answerer.receive(datagram, _now())
        except BadProbe as fault:
            self._transport.traffic.dropped[fault.reason] += 1
            return
        for answer in answers:
            self._transport.send(answer, sender)


async def open_answering(on_datagram: OnDatagram, local: Address) -> Udp:
    """A port at `local` that answers probes. Raises OSError."""
    answering = Answering(on_datagram)
    port = await open_udp(answering.receive, local=local)
    answering.use(port)
    return port


def _now() -> float:
    return asyncio.get_running_loop().time()
