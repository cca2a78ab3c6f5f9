"""Signaling alone, as the base install has it: `python -m sotto_signaling`."""

import argparse
import logging

from aiohttp import web

from sotto_signaling.defaults import RoomDefaults
from sotto_signaling.limits import Limits
from sotto_signaling.rooms import Rooms
from sotto_signaling.server import ServerOptions, create_app


def main() -> None:
    parser = argparse.ArgumentParser("python -m sotto_signaling", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--mode", action="append", help="a mode to offer; may repeat")
    parser.add_argument("--link", action="append", help="a link profile to offer; may repeat")
    parser.add_argument("--trust-proxy", action="store_true", help="believe X-Forwarded-For")
    parser.add_argument("--allow-origin", action="append", default=[], metavar="ORIGIN")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    modes, links = tuple(given.mode or ["opus-24k"]), tuple(given.link or ["perfect"])
    rooms = Rooms(Limits(), RoomDefaults(modes, links, modes[0], links[0]))
    options = ServerOptions(given.trust_proxy, tuple(given.allow_origin))
    app = create_app(rooms, None, None, options)
    web.run_app(app, host=given.host, port=given.port, access_log=None)


if __name__ == "__main__":
    main()
