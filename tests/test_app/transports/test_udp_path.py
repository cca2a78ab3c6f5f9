"""UDP over a path with a small MTU: two real network namespaces."""

import asyncio
import json
import subprocess
import sys

import pytest

from sotto_app.emulator.line import Impairment
from sotto_app.emulator.tun import NoTun, Site, TunBridge, two_sites
from sotto_app.link.profile import PERFECT

NEAR = Site("sotto-mtu-near", "sotto-mtu-n0", "10.231.81.1")
FAR = Site("sotto-mtu-far", "sotto-mtu-f0", "10.231.81.2")

SENDS = """
import asyncio, json, sys
from sotto_app.transports.udp import open_udp

async def main():
    udp = await open_udp(lambda datagram, sender: None, None, (sys.argv[1], 9999))
    for size in (549, 548, 1200):
        udp.send(bytes(size))
    print(json.dumps([udp.mtu_bytes, dict(udp.traffic.dropped), udp.traffic.sent_bytes]))
    await udp.close()

asyncio.run(main())
"""


async def test_what_the_path_is_too_small_for_goes_in_pieces_and_every_header_is_counted() -> None:
    try:
        with two_sites(NEAR, FAR, mtu_bytes=576) as (near, far):
            bridge = TunBridge(Impairment(PERFECT), near, far)
            words = ("ip", "netns", "exec", NEAR.namespace, sys.executable, "-c", SENDS)
            sender = await asyncio.create_subprocess_exec(
                *words, FAR.address, stdout=subprocess.PIPE
            )
            said, _ = await asyncio.wait_for(sender.communicate(), 20)
            bridge.close()
    except NoTun as fault:
        pytest.skip(f"{fault} (as root: sudo .venv/bin/pytest {__file__})")
    whole, two, three = 548 + 28, 549 + 28 + 20, 1200 + 28 + 40
    assert json.loads(said) == [548, {}, whole + two + three]
    tally = bridge.bridge.near_to_far.tally
    assert (tally.sent, tally.sent_bytes) == (1 + 2 + 3, whole + two + three)
