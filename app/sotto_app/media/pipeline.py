"""A peer's media path in the relay: what it says goes to the other pipeline, what that sends is
heard.

The link between two pipelines is in memory: the listening side lets each packet through a channel
that treats it as the link profile says. So one thread does all of one direction, from the talker's
packets to the listener's.
"""

import time
from typing import Protocol

from sotto_app.catalogue import Modes
from sotto_app.link.profile import LinkProfile
from sotto_app.media.listening import Listener, ListeningSide
from sotto_app.media.talking import TalkingSide
from sotto_app.modes import Mode


class Peered(Protocol):
    """A pipeline, of a peer here or at another relay."""

    @property
    def listening(self) -> Listener: ...


class Pipeline:
    """Both sides of one peer."""

    def __init__(self, name: str, modes: Modes, mode: Mode, profile: LinkProfile) -> None:
        """`mode` is one that can run here."""
        self.talking = TalkingSide(name, mode, modes.codecs[mode.name])
        self.listening = ListeningSide(modes, profile, seed=time.time_ns())
        self.talking.worker.start()

    def connect(self, other: Peered | None) -> None:
        """What is said here is heard there from now on; None: nobody hears it."""
        self.talking.connect(other.listening if other else None)

    def stop(self) -> None:
        """End the thread; `join` waits for it."""
        self.listening.stop()
        self.talking.stop()

    def join(self) -> None:
        self.talking.join()
        self.listening.join()
