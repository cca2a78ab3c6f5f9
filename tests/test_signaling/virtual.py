"""Rooms with a clock that only moves when a test says so."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sotto_signaling.defaults import RoomDefaults
from sotto_signaling.errors import Code
from sotto_signaling.limits import Limits
from sotto_signaling.messages import (
    CreateRoom,
    Error,
    Join,
    Joined,
    Message,
    Ping,
    RoomCreated,
    to_json,
)
from sotto_signaling.outputs import Close, Output, Send
from sotto_signaling.rooms import Rooms

DEFAULTS = RoomDefaults(
    modes=("opus-24k", "codec2-700c"),
    links=("perfect", "hf-radio"),
    mode="opus-24k",
    link="perfect",
    unavailable=(("focal", "pip install it first"),),
)
UNLIMITED = replace(Limits(), messages_per_s=1e6, message_burst=1_000_000)


@dataclass
class House:
    """One relay's rooms. Every method returns the outputs of what it did."""

    limits: Limits = UNLIMITED
    now: float = 1000.0
    sockets: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        names = (f"id-{number}" for number in itertools.count(1))
        self.rooms = Rooms(self.limits, DEFAULTS, lambda: next(names))

    def connect(self, address: str = "192.0.2.1") -> int:
        socket = next(self.sockets)
        assert self.rooms.connected(socket, address, self.now) == []
        return socket

    def say(self, socket: int, message: Message) -> list[Output]:
        return self.rooms.received(socket, to_json(message), self.now)

    def drop(self, socket: int) -> list[Output]:
        return self.rooms.gone(socket, self.now)

    def after(self, seconds: float, *pinging: int) -> list[Output]:
        """Time passes in steps of one second, in which the `pinging` sockets ping."""
        outputs: list[Output] = []
        for step in range(int(seconds)):
            self.now += 1
            for socket in pinging:
                self.say(socket, Ping(step))
            outputs += self.rooms.tick(self.now)
        return outputs

    def room(self) -> str:
        """A new, empty room."""
        socket = self.connect()
        (created,) = sent(self.say(socket, CreateRoom()), socket)
        assert isinstance(created, RoomCreated)
        self.drop(socket)
        return created.room

    def join(self, room: str, name: str = "Ada", token: str | None = None) -> tuple[int, Joined]:
        """A new socket with a seat."""
        socket = self.connect()
        return socket, joined(self.say(socket, Join(room, name, token)), socket)

    def call(self) -> tuple[tuple[int, Joined], tuple[int, Joined]]:
        """Ada and Grace in one room."""
        room = self.room()
        return self.join(room, "Ada"), self.join(room, "Grace")


def sent(outputs: list[Output], socket: int) -> list[Message]:
    """What `socket` is told."""
    return [out.message for out in outputs if isinstance(out, Send) and out.socket == socket]


def joined(outputs: list[Output], socket: int) -> Joined:
    (message,) = (told for told in sent(outputs, socket) if isinstance(told, Joined))
    return message


def refused(outputs: list[Output], socket: int) -> Code:
    """The code of the one error that `socket` is told; a fatal one closes it, another does not."""
    (error,) = sent(outputs, socket)
    assert isinstance(error, Error)
    assert error.message.endswith((".", "!", "first"))
    assert (Close(socket) in outputs) == error.fatal
    return error.code
