"""A relay's gateway, from its settings: open while the application runs."""

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from aiohttp import web

from sotto_app.catalogue import Catalogue, Modes, modes_of
from sotto_app.gateway.address import name_of
from sotto_app.gateway.doorbell import LOBBY
from sotto_app.gateway.gateway import Gateway
from sotto_app.gateway.identity import Known, own_key
from sotto_app.gateway.line import ALIKE_BYTES, FIRST_DEPTH, Terms, ThinLine
from sotto_app.gateway.packed import bounds_of
from sotto_app.gateway.way import Way, each_way_bps, open_way
from sotto_app.link.keys import Trust, to_text
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.listen import Listener
from sotto_app.link.packing import Bounds
from sotto_app.link.run import FrameShape
from sotto_app.link.session import ThinSession
from sotto_app.link.setup import Caller, Me
from sotto_app.link.tariff import KIND_BYTES, SPURT_BYTES
from sotto_app.media.host import PipelineHost
from sotto_app.settings import GatewaySettings, ServerSettings
from sotto_app.strict_toml import SettingsError
from sotto_app.transports.base import Address
from sotto_app.transports.kiss import Kiss
from sotto_app.transports.lobby import Lobby
from sotto_app.transports.redial import Redial
from sotto_codecs.base import CodecSpec
from sotto_signaling.server import SERVER

log = logging.getLogger(__name__)

CALLER = "caller"  # in the list of known gateways: whoever calls here
PAYLOAD_BYTES = 8
MOST_DATAGRAM_BYTES = 1200
AROUND_BUNDLE_BYTES = 4 + SPURT_BYTES + KIND_BYTES  # of its TALKER
LINE: web.AppKey[ThinLine] = web.AppKey("thin line")
GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway")


class Inbox:
    """What a transport hands its datagrams to: it is there before the line that hears them."""

    def __init__(self) -> None:
        self.line: ThinLine | None = None

    def __call__(self, datagram: bytes, sender: Address | None) -> None:
        if self.line:
            self.line.receive(datagram, sender)


def gateway_context(
    settings: ServerSettings, catalogue: Catalogue, host: PipelineHost
) -> Callable[[web.Application], AsyncIterator[None]]:
    """For an application's cleanup_ctx. Raises SettingsError for keys that cannot be used."""
    from_files = _identity(settings.gateway)

    async def gateway(app: web.Application) -> AsyncIterator[None]:
        modes, inbox = modes_of(catalogue), Inbox()
        async with AsyncExitStack() as stack:
            way = await open_way(settings, inbox)
            stack.push_async_callback(way.close)
            me = from_files(mode_payload(catalogue))
            inbox.line = line = _line(settings, modes, way, me)
            line.ear = host.gateway = Gateway(app[SERVER], modes, line, settings.gateway.calls)
            app[LINE], app[GATEWAY] = line, host.gateway
            if isinstance(way, Lobby):
                app[LOBBY] = way
            running = asyncio.create_task(_run(line, way), name="thin link")
            yield
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await line.close()

    return gateway


async def _run(line: ThinLine, way: Way) -> None:
    if isinstance(way, Kiss | Redial):
        await way.connected.wait()  # a hello before that would come again only seconds later
    await line.run()


def _line(settings: ServerSettings, modes: Modes, way: Way, me: Me) -> ThinLine:
    """Raises SettingsError."""
    link, now = link_of(modes, settings, way), asyncio.get_running_loop().time()
    set_up = Caller(me, now, link.greeting_s) if settings.gateway.to else Listener(me)
    bounds = {it: bounds_within(modes.codec(it).spec, link) for it in modes.by_wire_id}
    terms = Terms(link.rate_bps, bounds, me.payload)
    line = ThinLine(ThinSession(set_up, me, link), terms)
    line.use(way)
    return line


def mode_payload(catalogue: Catalogue) -> bytes:
    """What set-up says of this end. The first ALIKE_BYTES are of what both must have alike, or no
    call crosses; the others of modes whose weights are up to each relay: where they differ, these
    modes do not cross."""
    tables: dict[bool, list[object]] = {False: [], True: []}
    for it in catalogue.modes.values():
        if it.name in catalogue.codecs:
            spec = catalogue.codecs[it.name].spec
            row = it.name, it.wire_id, spec.version, spec.core_bytes
            tables[it.has_own_weights].append(row)
    alike, own = (hashlib.sha256(repr(tables[each]).encode()).digest() for each in (False, True))
    return alike[:ALIKE_BYTES] + own[: PAYLOAD_BYTES - ALIKE_BYTES]


def _identity(settings: GatewaySettings) -> Callable[[bytes], Me]:
    static = own_key(Path(settings.key_file))
    where = name_of(settings.to) or CALLER
    known = Known(Path(settings.known_file), where, settings.peer_key)
    log.info("this gateway's public key: %s", to_text(static.public))

    def trust(public: bytes) -> Trust:
        found = known.trust(public)
        if found is Trust.CHANGED:
            log.error("another gateway than before is at %s; %s", where, known.remedy)
        else:
            known.remember(public)
        return found

    return lambda payload: Me(static, payload, trust, os.urandom)


def link_of(modes: Modes, settings: ServerSettings, way: Way) -> LinkSettings:
    """What the session knows of the way. Raises SettingsError."""
    specs = {wire_id: modes.codec(wire_id).spec for wire_id in modes.by_wire_id}
    shapes = {
        it: FrameShape(spec.frame_bytes, 1000 * spec.frame_s, spec.core_bytes)
        for it, spec in specs.items()
    }
    rate_bps, cost = each_way_bps(settings, way.cost), way.cost
    try:
        return LinkSettings(
            shapes,
            mtu_bytes=min(MOST_DATAGRAM_BYTES, way.mtu_bytes),
            rate_bps=max(1.0, rate_bps),  # 0 were no limit
            keepalive_s=cost.keepalive_s,
            multiple_bytes=settings.gateway.pad_bytes,
            below=cost.caused,
            around_bytes=cost.toll.around_bytes,
            depth=FIRST_DEPTH,
        )
    except ValueError as fault:
        raise SettingsError(
            "gateway", f"{rate_bps:.0f} bit/s are left each way: {fault}"
        ) from fault


def bounds_within(spec: CodecSpec, link: LinkSettings) -> Bounds:
    """No bundle that is too long for a datagram; frames that vary may be twice their mean.
    Phrases are messages, of as many datagrams as they need."""
    bounds = bounds_of(spec)
    if not spec.keeps_time:
        return bounds
    frame_bytes = spec.frame_bytes or 2 * spec.payload_bps * spec.frame_s / 8
    most = max(1, int((link.line.largest_bytes - AROUND_BUNDLE_BYTES) / frame_bytes))
    return replace(bounds, most_frames=min(bounds.most_frames, most))
