"""KISS to a radio modem, over TCP or a serial device. A line that breaks is opened again."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from sotto_app.link.airtime import Air, AirRules
from sotto_app.link.kiss import KissDecoder, Parameters, frame
from sotto_app.transports.base import KISS_COST, Address, LinkCost, OnDatagram, Traffic

log = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
END_WITHIN_S = 2.0
MAX_WAITING_BYTES = 4096  # handed to the line and not yet taken by it
READ_BYTES = 4096

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
OpenLine = Callable[[], Awaitable[Line]]
"""Opens the way to the modem. Raises OSError."""


@dataclass(frozen=True, slots=True)
class KissSettings:
    """`air` paces what is sent, and takes turns where it is half-duplex; None: send at once."""

    mtu_bytes: int = 255
    parameters: Parameters = Parameters()
    air: AirRules | None = None

    @property
    def cost(self) -> LinkCost:
        return air_cost(self.air) if self.air else KISS_COST


def tcp(host: str, port: int) -> OpenLine:
    """A modem that speaks KISS over TCP, as Dire Wolf does on port 8001."""
    return lambda: asyncio.open_connection(host, port)


def serial(device: str, rate_bps: int) -> OpenLine:
    """A serial device with 8 bits, no parity, one stop bit. Needs pyserial-asyncio-fast."""
    from serial_asyncio_fast import open_serial_connection

    async def opened() -> Line:
        reader, writer = await open_serial_connection(url=device, baudrate=rate_bps)
        return reader, writer

    return opened


class Kiss:
    """One modem. Made inside a running loop; the line is opened behind the scenes, and opened again
    whenever it breaks. What is sent meanwhile is dropped.
    """

    def __init__(
        self, open_line: OpenLine, on_datagram: OnDatagram, settings: KissSettings | None = None
    ) -> None:
        settings = settings or KissSettings()
        air = settings.air
        self.mtu_bytes = settings.mtu_bytes
        self.cost = settings.cost
        self.traffic = Traffic()
        self.connected = asyncio.Event()
        self._open_line = open_line
        self._on_datagram = on_datagram
        self._parameters = settings.parameters.encode()
        self._air = Air(air, random.Random(), self.traffic.dropped) if air else None
        self._writer: asyncio.StreamWriter | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._task = asyncio.create_task(self._keep_open(), name="kiss")

    def send(self, datagram: bytes, to: Address | None = None) -> None:
        if len(datagram) > self.mtu_bytes:
            self.traffic.dropped["too large"] += 1
        elif self._writer is None:
            self.traffic.dropped["no line"] += 1
        elif self._air is None:
            self._write(frame(datagram))
        else:
            self._air.put(frame(datagram))
            self._poll()

    async def close(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _keep_open(self) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            try:
                reader, writer = await self._open_line()
                wait_s = FIRST_WAIT_S
                await self._use(reader, writer)
                log.warning("the line to the modem has ended; it is opened again")
            except OSError as fault:  # no such device, nobody there, gone
                log.warning("no line to the modem, it is tried again: %s", fault)
            self.traffic.dropped["line lost"] += 1
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _use(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until the line ends, or breaks, which raises OSError."""
        decoder = KissDecoder(self.mtu_bytes, self.traffic.dropped)
        self._writer = writer
        self.connected.set()
        try:
            writer.write(self._parameters)
            while received := await reader.read(READ_BYTES):
                self._hear(decoder, received)
        finally:
            self._writer = None
            self.connected.clear()
            self._set_timer()
            await _end(writer)

    def _hear(self, decoder: KissDecoder, received: bytes) -> None:
        if self._air is not None:
            self._air.heard(asyncio.get_running_loop().time())
            self._set_timer()
        for datagram in decoder.feed(received):
            self.traffic.count_received(datagram, self.cost)
            self._on_datagram(datagram, None)

    def _poll(self) -> None:
        if self._air is not None:
            for framed in self._air.poll(asyncio.get_running_loop().time()):
                self._write(framed)
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        due_s = self._air.due_s if self._air else None
        if due_s is not None and self._writer is not None:
            self._timer = asyncio.get_running_loop().call_at(due_s, self._poll)

    def _write(self, framed: bytes) -> None:
        if self._writer is None or self._writer.transport.is_closing():
            self.traffic.dropped["no line"] += 1
        elif self._writer.transport.get_write_buffer_size() + len(framed) > MAX_WAITING_BYTES:
            self.traffic.dropped["queue full"] += 1
        else:
            self._writer.write(framed)
            self.traffic.sent += 1
            self.traffic.sent_bytes += len(framed)


def air_cost(air: AirRules) -> LinkCost:
    """Each datagram is taken to be a turn of its own, keyed, and on air that is shared waited for:
    so bundles become long where turns are dear. Of half-duplex air a station has half.
    """
    pause_s, share = air.key_up_s, air.share
    if air.half_duplex:
        pause_s, share = pause_s + air.quiet_s, min(share, 0.5)
    pause_bytes = round(pause_s * air.rate_bps / 8)
    toll = replace(KISS_COST.toll, below_bytes=KISS_COST.toll.below_bytes + pause_bytes)
    return LinkCost(
        toll,
        KISS_COST.further,
        air.half_duplex,
        air.rate_bps,
        share,
        pause_bytes=pause_bytes,
    )


async def _end(writer: asyncio.StreamWriter) -> None:
    """What the line has not taken yet is not sent: a blocked device would hold us up with it."""
    writer.transport.abort()
    with suppress(OSError, TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), END_WITHIN_S)
