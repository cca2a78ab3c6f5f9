"""What pages are told of the thin link, by two whole relays."""

from pathlib import Path

from sotto_app.settings import GatewaySettings
from sotto_signaling.messages import FarLink, Stats
from tests.test_app.gateway.test_two_relays import (
    free_udp_port,
    join_from_afar,
    page,
    site,
    two_sites,
)
from tests.test_app.test_relay import Page


async def first(of: Page, *states: str) -> Stats:
    """The first figures with the link in such a state."""
    while True:
        stats = await of.expect(Stats)
        if stats.far and stats.far.state in states:
            return stats


async def test_who_waits_sees_the_link_and_who_talks_its_cost(tmp_path: Path) -> None:
    async with two_sites(tmp_path) as sites, page(sites.ship) as ada, page(sites.shore) as grace:
        room = (await ada.join()).room
        waiting = await first(ada, "up")
        assert waiting.far == FarLink("up", None, None)
        assert (waiting.sent.total_bytes, waiting.received.total_bytes) == (0, 0)
        await join_from_afar(grace, room)
        for each in (ada, grace):
            while (stats := await first(each, "up")).far == waiting.far:
                pass
            assert stats.far and stats.far.packing is None  # nobody has said anything
            assert stats.far.cost and "the same call on Signal:" in stats.far.cost
            assert 0 < stats.sent.total_bytes + stats.received.total_bytes < 2000


async def test_two_at_one_relay_do_not_see_its_gateway(tmp_path: Path) -> None:
    async with two_sites(tmp_path) as sites, page(sites.ship) as ada, page(sites.ship) as grace:
        room = (await ada.join()).room
        await first(ada, "up")
        await grace.join(room)
        assert (await grace.expect(Stats)).far is None


async def test_a_link_without_the_other_end_is_being_set_up(tmp_path: Path) -> None:
    alone = GatewaySettings(
        to=f"127.0.0.1:{free_udp_port()}",
        key_file=str(tmp_path / "key"),
        known_file=str(tmp_path / "known"),
    )
    async with site(alone) as url, page(url) as ada:
        await ada.join()
        stats = await ada.expect(Stats)
        assert stats.far == FarLink("setting up", None, None)
