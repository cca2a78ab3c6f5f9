"""What the rooms want done, for whoever does the I/O."""

from dataclasses import dataclass

from sotto_signaling.messages import Message


@dataclass(frozen=True, slots=True)
class Send:
    """Send `message` to `socket`."""

    socket: int
    message: Message


@dataclass(frozen=True, slots=True)
class Close:
    """Close `socket` once everything before it is sent. The rooms have forgotten it."""

    socket: int


@dataclass(frozen=True, slots=True)
class OpenPipeline:
    """`peer` took a seat: it needs a pipeline. `far`: its browser is at another relay."""

    room: str
    peer: str
    name: str
    far: bool = False


@dataclass(frozen=True, slots=True)
class ToPipeline:
    """Hand `message` to the pipeline of `peer`."""

    peer: str
    message: Message


@dataclass(frozen=True, slots=True)
class ClosePipeline:
    """`peer` is gone for good."""

    peer: str


Output = Send | Close | OpenPipeline | ToPipeline | ClosePipeline
