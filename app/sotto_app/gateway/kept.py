"""What both gateways keep of a voice, so that a known one costs its hash.

What was told in the background (a voice card) goes whole once, and is kept at both ends, in
memory, the last MOST of them. Afterwards it is told by its hash. Who does not know that hash, for
it was started again, asks, and has it whole.
"""

from hashlib import sha256

from sotto_app.gateway.crossing import HASH_BYTES, Ask, Keep, Known, Told
from sotto_app.media.told import Body

MOST = 64


class Shelf:
    """The last MOST things, by hash; one that is used again is not the oldest any more."""

    def __init__(self) -> None:
        self._things = dict[bytes, bytes]()

    def put(self, thing: bytes) -> None:
        name = hash_of(thing)
        self._things.pop(name, None)
        self._things[name] = thing
        if len(self._things) > MOST:
            del self._things[next(iter(self._things))]

    def get(self, name: bytes) -> bytes | None:
        if (thing := self._things.get(name)) is not None:
            self.put(thing)
        return thing


class Kept:
    """Of one gateway, over all sessions."""

    def __init__(self) -> None:
        self._told, self._heard = Shelf(), Shelf()

    def tell(self, call: int, body: Body) -> Told | Keep | Known:
        """How it is said. `Keep` may wait."""
        if not body.waits:
            return Told(call, body.data)
        if self._told.get(name := hash_of(body.data)) is not None:
            return Known(call, name)
        self._told.put(body.data)
        return Keep(call, body.data)

    def hear(self, message: Keep | Known) -> bytes | Ask:
        """The body, or the question for it."""
        if isinstance(message, Keep):
            self._heard.put(message.body)
            return message.body
        return self._heard.get(message.name) or Ask(message.call, message.name)

    def answer(self, ask: Ask) -> Keep | None:
        """None where it has gone from here as well: the voice stays neutral."""
        body = self._told.get(ask.name)
        return Keep(ask.call, body) if body is not None else None


def hash_of(thing: bytes) -> bytes:
    return sha256(thing).digest()[:HASH_BYTES]
