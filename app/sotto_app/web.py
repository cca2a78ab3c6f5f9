"""The relay as one web application: signaling, pipelines, the page and what it asks for."""

import time
from pathlib import Path

from aiohttp import web

from sotto_app.catalogue import Catalogue, load_catalogue
from sotto_app.files import page_dir
from sotto_app.gateway.doorbell import add_doorbell
from sotto_app.gateway.first_mode import for_the_link
from sotto_app.gateway.opening import gateway_context
from sotto_app.media.host import PipelineHost
from sotto_app.metrics import metrics_handler
from sotto_app.settings import ServerSettings
from sotto_app.turn import ice_servers
from sotto_signaling.defaults import RoomDefaults
from sotto_signaling.rooms import Rooms
from sotto_signaling.server import ServerOptions, create_app


def relay(settings: ServerSettings) -> web.Application:
    """Everything that `sotto serve` serves. Raises SettingsError for settings that cannot be."""
    catalogue = load_catalogue(
        settings.default_mode,
        settings.default_link,
        _path_or_none(settings.modes_file),
        _path_or_none(settings.links_file),
        settings.for_codecs(),
    )
    catalogue = for_the_link(catalogue, settings)
    rooms = Rooms(settings.limits, _room_defaults(settings, catalogue))
    host = PipelineHost(catalogue, settings.announce_addresses)
    options = ServerOptions(settings.trust_proxy, settings.allowed_origins)
    app = create_app(rooms, host, _path_or_none(settings.page_dir) or page_dir(), options)
    if settings.gateway.to or settings.gateway.listen:
        app.cleanup_ctx.append(gateway_context(settings, catalogue, host))
    add_doorbell(app)
    config = catalogue.as_json()

    async def api_config(request: web.Request) -> web.Response:
        return web.json_response(config, headers={"Cache-Control": "no-store"})

    app.router.add_get("/api/config", api_config)
    if settings.metrics:
        app.router.add_get("/metrics", metrics_handler(app, rooms.counts))
    return app


def _room_defaults(settings: ServerSettings, catalogue: Catalogue) -> RoomDefaults:
    return RoomDefaults(
        modes=tuple(catalogue.codecs),
        links=tuple(catalogue.links),
        mode=catalogue.default_mode,
        link=catalogue.default_link,
        unavailable=tuple(catalogue.reasons.items()),
        ice_servers=lambda peer: ice_servers(settings, peer, time.time()),
    )


def _path_or_none(text: str) -> Path | None:
    return Path(text) if text else None
