"""Two whole relays: what is to be kept crosses the link once, then as its hash, or is asked for."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from aiohttp import web

from sotto_app.gateway.crossing import Ask, Keep, Known
from sotto_app.gateway.gateway import Gateway
from sotto_app.gateway.line import Ear
from sotto_app.gateway.opening import GATEWAY, LINE
from sotto_app.gateway.said import Said
from sotto_app.link.events import Up
from sotto_app.media.told import Body, written
from sotto_app.settings import GatewaySettings, ServerSettings
from sotto_app.web import relay
from sotto_signaling.messages import Caption
from tests.test_app.gateway.test_two_relays import (
    BROAD_BPS,
    free_udp_port,
    join_from_afar,
    page,
)
from tests.test_app.test_relay import GENEROUS

KINDS = (Keep.KIND, Known.KIND, Ask.KIND)


@dataclass
class Overheard:
    """Between a line and its gateway. `forgets` a body that is to be kept, once."""

    ear: Ear
    kinds: list[int] = field(default_factory=list)
    forgets: bool = False

    def is_up(self, up: Up) -> None:
        self.ear.is_up(up)

    def is_down(self, reason: str) -> None:
        self.ear.is_down(reason)

    def told(self, message: bytes) -> None:
        self.kinds += [kind for kind in KINDS if kind == message[0]]
        if self.forgets and message[0] == Keep.KIND:
            self.forgets = False
            return
        self.ear.told(message)

    def heard(self, said: Said, now: float) -> None:
        self.ear.heard(said, now)

    def hushed(self, call: int, level: int) -> None:
        self.ear.hushed(call, level)


@dataclass
class Site:
    url: str
    gateway: Gateway
    overheard: Overheard


async def opened(stack: AsyncExitStack, gateway: GatewaySettings) -> Site:
    app = relay(replace(ServerSettings(), limits=GENEROUS, gateway=gateway))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    app[LINE].ear = overheard = Overheard(app[GATEWAY])
    return Site(f"http://127.0.0.1:{runner.addresses[0][1]}", app[GATEWAY], overheard)


@asynccontextmanager
async def ship_and_shore(folder: Path) -> AsyncIterator[tuple[Site, Site]]:
    at, common = f"127.0.0.1:{free_udp_port()}", GatewaySettings(budget_bps=BROAD_BPS, calls=2)
    async with AsyncExitStack() as stack:
        sites = list[Site]()
        for name in ("shore", "ship"):
            own = replace(
                common,
                key_file=str(folder / f"{name}.key"),
                known_file=str(folder / f"{name}.known"),
                to=at if name == "ship" else "",
                listen=at if name == "shore" else "",
            )
            sites.append(await opened(stack, own))
        yield sites[1], sites[0]


async def test_it_crosses_whole_once_and_whoever_forgot_it_asks(tmp_path: Path) -> None:
    async with (
        ship_and_shore(tmp_path) as (ship, shore),
        page(ship.url) as ada,
        page(shore.url) as grace,
    ):
        room = (await ada.join()).room
        await join_from_afar(grace, room)
        near = ship.gateway.near_in(room)
        assert near
        for line in ("one", "one", "two"):
            shore.overheard.forgets = line == "two"
            ship.gateway.tell(near, Body(written(line).data, waits=True))
            if line == "two":
                ship.gateway.tell(near, Body(written(line).data, waits=True))
            assert (await grace.expect(Caption)).words == line
    assert shore.overheard.kinds[:2] == [Keep.KIND, Known.KIND]
    assert sorted(shore.overheard.kinds[2:]) == [Keep.KIND, Keep.KIND, Known.KIND]
    assert ship.overheard.kinds == [Ask.KIND]
