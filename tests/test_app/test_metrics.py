"""What a relay publishes at /metrics: the meters of a real link, and counters that never fall."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from sotto_app.gateway.opening import LINE
from sotto_app.link.events import Up
from sotto_app.link.exchange import DOWN_S
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.meter import Meter
from sotto_app.link.profile import LinkProfile
from sotto_app.metrics import of_link
from sotto_app.settings import GatewaySettings, ServerSettings
from sotto_app.transports.base import Traffic
from sotto_app.web import relay
from tests.test_app.gateway.test_two_relays import free_udp_port, join_from_afar, page
from tests.test_app.link.thin_call import SHAPES, ThinCall
from tests.test_app.test_relay import GENEROUS

Labels = frozenset[tuple[str, str]]
Figures = dict[tuple[str, Labels], float]


class Site:
    """A relay in this process: its application, and where it is."""

    def __init__(self, app: web.Application, url: str) -> None:
        self.app, self.url = app, url

    async def scrape(self) -> Figures:
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{self.url}/metrics") as response:
                assert response.headers["Content-Type"].startswith("text/plain; version=")
                families = list(text_string_to_metric_families(await response.text()))
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    @property
    def meters(self) -> dict[str, Meter]:
        session = self.app[LINE].session
        return {"sent": session.sent, "received": session.received}

    def metered(self) -> Figures:
        """What a scrape should say of the traffic."""
        figures = Figures()
        for direction, meter in self.meters.items():
            figures[labelled("sotto_link_packets_total", direction=direction)] = meter.packets
            for kind, count in meter.total.by_kind.items():
                name = labelled("sotto_link_bytes_total", direction=direction, kind=kind)
                figures[name] = count
        return figures


def labelled(name: str, **labels: str) -> tuple[str, Labels]:
    return name, frozenset(labels.items())


@asynccontextmanager
async def site(settings: ServerSettings) -> AsyncIterator[Site]:
    app = relay(replace(settings, limits=GENEROUS))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Site(app, f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()


@pytest.fixture
async def sites(tmp_path: Path) -> AsyncIterator[tuple[Site, Site]]:
    """Two relays, and a link between them."""
    at = f"127.0.0.1:{free_udp_port()}"

    def settings(name: str, to: str = "", listen: str = "") -> ServerSettings:
        files = str(tmp_path / f"{name}.key"), str(tmp_path / f"{name}.known")
        gateway = GatewaySettings(to, listen, *files, budget_bps=200_000.0)
        return ServerSettings(metrics=True, gateway=gateway)

    async with site(settings("shore", listen=at)) as shore, site(settings("ship", to=at)) as ship:
        yield ship, shore


async def quiet_scrape(of: Site) -> tuple[Figures, Figures]:
    """What was published and what is metered, while nothing came or went."""
    async with asyncio.timeout(20):
        while True:
            before = of.metered()
            scraped = await of.scrape()
            if before == of.metered():
                return scraped, before
            await asyncio.sleep(0.1)


async def test_what_is_published_is_what_the_meters_and_the_sockets_have_counted(
    sites: tuple[Site, Site],
) -> None:
    ship, shore = sites
    async with page(ship.url) as ada, page(shore.url) as grace:
        await join_from_afar(grace, (await ada.join()).room)
        for each in sites:
            scraped, metered = await quiet_scrape(each)
            assert {name: scraped[name] for name in metered} == metered
            traffic = each.app[LINE].traffic
            for direction, size in (
                ("sent", traffic.sent_bytes),
                ("received", traffic.received_bytes),
            ):
                of_kinds = [
                    count
                    for (name, labels), count in scraped.items()
                    if name == "sotto_link_bytes_total" and ("direction", direction) in labels
                ]
                assert len(of_kinds) == 5 and sum(of_kinds) == size > 300
            assert scraped[labelled("sotto_link_packets_total", direction="sent")] == traffic.sent


async def test_the_link_its_calls_and_who_is_here_are_published(sites: tuple[Site, Site]) -> None:
    ship, shore = sites
    async with page(ship.url) as ada, page(shore.url) as grace:
        await join_from_afar(grace, (await ada.join()).room)
        scraped = await ship.scrape()
    states = {labels: value for (name, labels), value in scraped.items() if name.endswith("_state")}
    assert [dict(labels)["state"] for labels, value in states.items() if value] == ["up"]
    assert len(states) == 4
    assert scraped[labelled("sotto_link_calls")] == 1
    assert scraped[labelled("sotto_link_calls_limit")] == 2
    assert 0 < scraped[labelled("sotto_link_round_trip_seconds")] < 5
    assert scraped[labelled("sotto_link_loss_ratio")] == 0
    assert 0 <= scraped[labelled("sotto_link_queue_seconds")] < 1
    assert labelled("sotto_link_undelivered_bytes") in scraped
    here = {name: scraped[labelled(f"sotto_{name}")] for name in ("rooms", "peers", "sockets")}
    assert here == {"rooms": 1, "peers": 2, "sockets": 2}  # one of each is the far peer's


async def test_what_was_dropped_is_published_with_its_reason(sites: tuple[Site, Site]) -> None:
    ship, shore = sites
    line = shore.app[LINE]
    line.receive(b"\x00" * 40, ("127.0.0.1", 9))
    scraped = await shore.scrape()
    dropped = {
        labels: n for (name, labels), n in scraped.items() if name == "sotto_link_dropped_total"
    }
    assert sum(dropped.values()) == sum(line.session.dropped.values()) >= 1
    assert all(dict(labels)["layer"] == "session" for labels in dropped)


async def test_without_a_gateway_there_are_rooms_peers_and_sockets_alone() -> None:
    async with site(ServerSettings(metrics=True)) as alone:
        assert set(await alone.scrape()) == {
            labelled(f"sotto_{name}") for name in ("rooms", "peers", "sockets")
        }


@pytest.mark.parametrize(("metrics", "status"), [(False, 404), (True, 200)])
async def test_only_who_asked_for_it_has_it(metrics: bool, status: int) -> None:
    async with site(ServerSettings(metrics=metrics)) as alone, aiohttp.ClientSession() as session:
        async with session.get(f"{alone.url}/metrics") as response:
            assert response.status == status
        proxied = {"X-Forwarded-For": "192.0.2.7"}
        async with session.get(f"{alone.url}/metrics", headers=proxied) as response:
            assert response.status == 404


def gauge(name: str, call: ThinCall, now: float) -> float:
    found = {it.name: it for it in of_link(call.caller.session, Traffic(), now)}
    return found[name].samples[0].value


def test_what_waits_to_leave_is_published_as_the_time_that_it_takes() -> None:
    too_thin = LinkSettings(SHAPES, rate_bps=600)
    call = ThinCall(LinkProfile("test", "", "", delay_ms=300), settings=too_thin)
    call.run(10.0)
    assert gauge("sotto_link_queue_seconds", call, 10.0) == 0
    call.talk(call.caller, 10.0, 30.0)
    call.run(30.0)
    assert 0.5 < gauge("sotto_link_queue_seconds", call, 30.0) < 10


def test_no_counter_falls_when_the_link_is_set_up_anew() -> None:
    call, counters = ThinCall(LinkProfile("test", "", "", delay_ms=300)), dict[object, float]()
    call.cut(30.0, 60.0 + DOWN_S)
    call.run(29.0)
    assert call.caller.session.receive(bytes(40), 29.0) == []  # is dropped, with a reason
    for now in (30.0, 60.0, 60.0 + DOWN_S, 100.0 + DOWN_S, 160.0 + DOWN_S):
        call.run(now)
        for family in of_link(call.caller.session, Traffic(), now):
            for sample in family.samples if family.type == "counter" else ():
                key = sample.name, *sample.labels.values()
                assert sample.value >= counters.get(key, 0)
                counters[key] = sample.value
    assert len(call.caller.got(Up)) == 2
    assert len(counters) > 12  # 2 x 5 kinds, 2 of packets, and reasons
