"""Two ends in one process."""

import asyncio

from sotto_app.link.profile import LinkProfile
from sotto_app.transports.base import UDP_IPV4_COST
from sotto_app.transports.memory import MTU_BYTES, memory_pair
from tests.test_app.transports.catching import Caught


async def test_each_end_gets_what_the_other_sends_and_pays_what_it_costs() -> None:
    near, far = Caught(), Caught()
    one, other = memory_pair(near, far, cost=UDP_IPV4_COST)
    one.send(b"there")
    one.send(b"and again")
    other.send(b"back")
    assert await far.until(2) == [b"there", b"and again"]
    assert await near.until(1) == [b"back"]
    assert one.traffic.sent_bytes == other.traffic.received_bytes == 5 + 9 + 2 * 28
    assert other.traffic.sent_bytes == one.traffic.received_bytes == 4 + 28
    await asyncio.gather(one.close(), other.close())


async def test_nothing_comes_before_send_returns() -> None:
    near, far = Caught(), Caught()
    one, other = memory_pair(near, far)
    one.send(b"a")
    assert far.datagrams == []
    await far.until(1)
    await asyncio.gather(one.close(), other.close())


async def test_the_profile_lies_between() -> None:
    near, far = Caught(), Caught()
    profile = LinkProfile("test", "", "", delay_ms=40, loss=0.3)
    one, other = memory_pair(near, far, profile, seed=3)
    start_s = asyncio.get_running_loop().time()
    for n in range(200):
        one.send(n.to_bytes(1, "big"))
    await far.until(120)
    assert far.at_s[0] - start_s >= 0.04
    assert 120 <= len(far.datagrams) <= 160
    await asyncio.gather(one.close(), other.close())


async def test_too_large_and_closed_are_counted() -> None:
    near, far = Caught(), Caught()
    one, other = memory_pair(near, far)
    one.send(bytes(MTU_BYTES + 1))
    one.send(b"under way when the other closes")
    await other.close()
    other.send(b"no more")
    await one.close()
    await one.close()
    assert one.traffic.dropped == {"too large": 1} and other.traffic.dropped == {"closed": 1}
    assert far.datagrams == []
