"""A relay's gateway, from its settings: open while the application runs."""

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from aiohttp import web

from sotto_app.catalogue import Catalogue
from sotto_app.gateway.gateway import Gateway
from sotto_app.gateway.identity import Known, own_key
from sotto_app.gateway.line import Terms, ThinLine
from sotto_app.gateway.packed import bounds_of
from sotto_app.link.keys import Trust, to_text
from sotto_app.link.outgoing import LinkSettings
from sotto_app.link.packing import Bounds
from sotto_app.link.run import FrameShape
from sotto_app.link.session import ThinSession
from sotto_app.link.setup import Caller, Listener, Me
from sotto_app.media.downlink import Modes, modes_of
from sotto_app.media.host import PipelineHost
from sotto_app.settings import GatewaySettings, host_and_port
from sotto_app.strict_toml import SettingsError
from sotto_app.transports.base import UDP_IPV4_COST
from sotto_app.transports.udp import Udp, open_udp
from sotto_signaling.server import SERVER

log = logging.getLogger(__name__)

CALLER = "caller"  # in the list of known gateways: whoever calls here
PAYLOAD_BYTES = 8
LINE: web.AppKey[ThinLine] = web.AppKey("thin line")
GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway")


def gateway_context(
    settings: GatewaySettings, catalogue: Catalogue, host: PipelineHost
) -> Callable[[web.Application], AsyncIterator[None]]:
    """For an application's cleanup_ctx. Raises SettingsError for keys that cannot be used."""
    from_files = _identity(settings)

    async def gateway(app: web.Application) -> AsyncIterator[None]:
        modes, now = modes_of(catalogue), asyncio.get_running_loop().time()
        payload = mode_payload(catalogue)
        me = from_files(payload)
        set_up = Caller(me, now) if settings.to else Listener(me)
        session = ThinSession(set_up, me, _link(modes, settings))
        line = ThinLine(session, Terms(settings.budget_bps, _bounds(modes), payload))
        line.use(await _transport(settings, line))
        line.ear = host.gateway = Gateway(app[SERVER], modes, line, settings.calls)
        app[LINE], app[GATEWAY] = line, host.gateway
        running = asyncio.create_task(line.run(), name="thin link")
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await line.close()

    return gateway


def mode_payload(catalogue: Catalogue) -> bytes:
    """What set-up says of this end: two gateways understand each other if their modes agree."""
    table = [
        (it.name, it.wire_id, catalogue.codecs[it.name].spec.version)
        for it in catalogue.modes.values()
        if it.name in catalogue.codecs
    ]
    return hashlib.sha256(repr(table).encode()).digest()[:2].ljust(PAYLOAD_BYTES, b"\0")


def _identity(settings: GatewaySettings) -> Callable[[bytes], Me]:
    static = own_key(Path(settings.key_file))
    where = settings.to or CALLER
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


def _link(modes: Modes, settings: GatewaySettings) -> LinkSettings:
    specs = {wire_id: modes.codec(wire_id).spec for wire_id in modes.by_wire_id}
    shapes = {it: FrameShape(spec.frame_bytes, 1000 * spec.frame_s) for it, spec in specs.items()}
    return LinkSettings(shapes, rate_bps=settings.budget_bps, below=UDP_IPV4_COST.below)


def _bounds(modes: Modes) -> dict[int, Bounds]:
    return {it: bounds_of(modes.codec(it).spec) for it in modes.by_wire_id}


async def _transport(settings: GatewaySettings, line: ThinLine) -> Udp:
    """Raises SettingsError."""
    try:
        if settings.to:
            return await open_udp(line.receive, remote=host_and_port(settings.to, "to"))
        return await open_udp(line.receive, local=host_and_port(settings.listen, "listen"))
    except OSError as fault:
        raise SettingsError("gateway", f"{settings.to or settings.listen}: {fault}") from fault
