"""An emulated link from its start to Ctrl-C, with a line on what it carries each second."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from sotto_app.emulator.bridge import Bridge
from sotto_app.emulator.line import Impairment, Tally
from sotto_app.emulator.tun import TunBridge, sites, two_sites
from sotto_app.emulator.udp import open_udp_bridge
from sotto_app.transports.base import UDP_IPV4_COST, UDP_IPV6_COST, Address

LINE_EVERY_S = 1.0
STOPS = (signal.SIGINT, signal.SIGTERM)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the link begins and ends: two ports, or with `tun_mtu_bytes` two namespaces."""

    near: Address = ("127.0.0.1", 0)
    far: Address | None = None
    to: Address | None = None
    tun_mtu_bytes: int = 0
    tun_name: str = ""

    @property
    def overhead_bytes(self) -> int:
        """What a packet takes below what the emulator sees of it; nothing where that is IP."""
        if self.tun_mtu_bytes:
            return 0
        cost = UDP_IPV6_COST if ":" in self.near[0] else UDP_IPV4_COST
        return cost.toll.below_bytes


async def run(
    impairment: Impairment, ends: Ends, seconds: float | None, say: Say
) -> dict[str, Tally]:
    """Until SIGINT, SIGTERM or the end of `seconds`. The counters by direction. Raises OSError."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOPS:
        loop.add_signal_handler(number, stop.set)
    try:
        async with _opened(impairment, ends, say) as bridge:
            await _watch(bridge, stop, seconds, say)
            tallies = _tallies(bridge)
    finally:
        for number in STOPS:
            loop.remove_signal_handler(number)
    for way, tally in tallies.items():
        say(_total(way, tally))
    return tallies


@asynccontextmanager
async def _opened(impairment: Impairment, ends: Ends, say: Say) -> AsyncIterator[Bridge]:
    if ends.tun_mtu_bytes:
        near_site, far_site = sites(ends.tun_name)
        with two_sites(near_site, far_site, ends.tun_mtu_bytes) as (near, far):
            say(f"near: ip netns exec {near_site.namespace} COMMAND, at {near_site.address}")
            say(f"far:  ip netns exec {far_site.namespace} COMMAND, at {far_site.address}")
            tun = TunBridge(impairment, near, far)
            try:
                yield tun.bridge
            finally:
                tun.close()
        return
    udp = await open_udp_bridge(impairment, ends.near, ends.far, ends.to)
    try:
        near_at, far_at = udp.addresses
        say(f"near: send to {_shown(near_at)}")
        say(f"far:  {_shown(ends.to)}" if ends.to else f"far:  send to {_shown(far_at)}")
        yield udp.bridge
    finally:
        await udp.close()


async def _watch(bridge: Bridge, stop: asyncio.Event, seconds: float | None, say: Say) -> None:
    before = _tallies(bridge)
    while not stop.is_set() and (seconds is None or bridge.now_s < seconds):
        left_s = LINE_EVERY_S if seconds is None else min(LINE_EVERY_S, seconds - bridge.now_s)
        since_s = bridge.now_s
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), left_s)
        now = _tallies(bridge)
        ways = (_rates(way, before[way], now[way], bridge.now_s - since_s) for way in now)
        say(f"{bridge.now_s:6.0f} s   " + "   ".join(ways))
        before = now


def _tallies(bridge: Bridge) -> dict[str, Tally]:
    """As they are now, by direction."""
    return {
        "near to far": replace(bridge.near_to_far.tally),
        "far to near": replace(bridge.far_to_near.tally),
    }


def _rates(way: str, before: Tally, now: Tally, span_s: float) -> str:
    sent_bps = (now.sent_bytes - before.sent_bytes) * 8 / span_s
    arrived_bps = (now.arrived_bytes - before.arrived_bytes) * 8 / span_s
    gone = now.dropped + now.cut - before.dropped - before.cut
    return f"{way} {sent_bps:7.0f} bit/s in, {arrived_bps:7.0f} out, {gone} packets lost"


def _total(way: str, tally: Tally) -> str:
    return (
        f"{way}: {tally.sent} packets in, {tally.sent_bytes} bytes; "
        f"{tally.arrived} out, {tally.arrived_bytes} bytes; "
        f"{tally.dropped} dropped, {tally.cut} cut"
    )


def _shown(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
