"""The seam between signaling and media: what a relay that carries voice provides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sotto_signaling.errors import Code, SignalingError
from sotto_signaling.messages import Message, Offer

ToPage = Callable[[Message], bool]  # to a peer's page, if it is there: whether it is


@dataclass(frozen=True, slots=True)
class Place:
    """Who took a seat where. `far`: the peer's browser is at another relay."""

    room: str
    peer: str
    name: str
    far: bool = False


class MediaHost(Protocol):
    """Pipelines by peer id. All calls come from the event loop, one at a time for each peer.

    A peer's calls are one `open`, any number of `handle`, one `close`; `close` comes also after an
    `open` that failed. Right after `open`, `handle` gets the room's SetLink and the peer's SetMode;
    later Offer, Candidate, Mute, SetMode, SetLink, Write and ShareVoice as the page sends them,
    checked. SetLink is for the room, and may repeat the profile that the room has.
    """

    async def open(self, place: Place, send: ToPage) -> None:
        """Prepare a pipeline. `send` reaches the peer's present socket, and says whether there is
        one. It belongs to the event loop's thread.
        """

    async def handle(self, peer: str, message: Message) -> None:
        """Carry `message` out. A SignalingError is told to this peer, and to nobody else."""

    async def close(self, peer: str) -> None:
        """Give up the pipeline: its tasks, threads and sockets."""

    async def shutdown(self) -> None:
        """Give up all that is left, after every peer's `close`."""


class NoMedia:
    """A relay without the media extra: people meet, and are told why they hear nothing."""

    async def open(self, place: Place, send: ToPage) -> None:
        """Nothing to prepare."""

    async def handle(self, peer: str, message: Message) -> None:
        if isinstance(message, Offer):
            raise SignalingError(
                Code.MEDIA_UNAVAILABLE,
                "This relay carries no voice: whoever runs it installs that with "
                "pip install 'sotto-call[media]'.",
            )

    async def close(self, peer: str) -> None:
        """Nothing to give up."""

    async def shutdown(self) -> None:
        """Nothing to give up."""
