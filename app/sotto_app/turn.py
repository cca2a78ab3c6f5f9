"""The ICE servers that a page is told, with credentials of its own where TURN has a shared secret.

The scheme is coturn's "TURN REST API" (draft-uberti-behave-turn-rest-00, section 2.2): the user
name is the Unix time at which it runs out and a label, the password an HMAC-SHA1 of it.
"""

import base64
import hashlib
import hmac

from sotto_app.settings import ServerSettings
from sotto_signaling.messages import IceServer


def turn_credential(secret: str, label: str, expires_s: int) -> tuple[str, str]:
    """User name and password that a TURN server with this secret takes until `expires_s`."""
    username = f"{expires_s}:{label}"
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode()


def ice_servers(settings: ServerSettings, peer: str, now_s: float) -> list[IceServer]:
    """What goes into `Joined.ice_servers` for `peer`; `now_s` is Unix time."""
    servers = [IceServer(list(settings.stun_urls))] if settings.stun_urls else []
    turn = settings.turn
    if turn.urls:
        username, credential = turn.username, turn.credential
        if turn.secret:
            username, credential = turn_credential(turn.secret, peer, int(now_s) + turn.ttl_s)
        servers.append(IceServer(list(turn.urls), username, credential))
    return servers
