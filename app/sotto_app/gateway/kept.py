"""What both gateways keep of a voice, so that a known one costs its hash.

What was told in the background (a voice card) goes whole once, and is kept at both ends, in
memory, the last MOST of them. Afterwards it is told by its hash. Who does not know that hash, for
it was started again, asks, and has it whole.
"""

from collections import defaultdict
from hashlib import sha256

from sotto_app.gateway.crossing import HASH_BYTES, Ask, Keep, Known, Told
from sotto_app.media.told import Body, Joining, pieces

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

    def forget(self, name: bytes) -> None:
        self._things.pop(name, None)


class Kept:
    """Of one gateway, over all sessions."""

    def __init__(self) -> None:
        self._told, self._heard = Shelf(), Shelf()
        self._names = defaultdict[int, set[bytes]](set)  # of what near calls have told
        self._joining = defaultdict[int, Joining](Joining)  # of what far calls tell

    def tell(self, call: int, body: Body) -> list[Told | Keep | Known]:
        """How it is said. `Keep` may wait."""
        if not body.waits:
            return [Told(call, body.data)]
        name = hash_of(body.data)
        self._names[call].add(name)
        if self._told.get(name) is not None:
            return [Known(call, name)]
        self._told.put(body.data)
        return [Keep(call, piece) for piece in pieces(body)]

    def hear(self, message: Keep | Known) -> bytes | Ask | None:
        """The body, or the question for it, or nothing before it is whole. Raises PacketError."""
        if isinstance(message, Known):
            return self._heard.get(message.name) or Ask(message.call, message.name)
        if body := self._joining[message.call].add(message.body):
            self._heard.put(body)
        return body

    def answer(self, ask: Ask) -> list[Keep]:
        """None where it has gone from here as well: the voice stays neutral."""
        body = self._told.get(ask.name)
        return [Keep(ask.call, it) for it in pieces(Body(body, waits=True))] if body else []

    def take_back(self, call: int) -> None:
        """What a near call has told is not told again, whoever asks."""
        for name in self._names.pop(call, ()):
            self._told.forget(name)

    def near_left(self, call: int) -> None:
        """Its number may soon be another's."""
        self._names.pop(call, None)

    def far_left(self, call: int) -> None:
        self._joining.pop(call, None)


def hash_of(thing: bytes) -> bytes:
    return sha256(thing).digest()[:HASH_BYTES]
