"""What codecs that keep time, and their streams, can do besides; who uses it asks with isinstance.

What event codecs can do stands in events.py.
"""

from typing import Protocol, runtime_checkable

from sotto_codecs.base import Codec, Decoder, Encoder


@runtime_checkable
class Continuing(Protocol):
    """A codec of several modes whose streams can be gone on with from one mode to the next."""

    def encoder_after(self, old: Encoder) -> Encoder:
        """One that remembers what `old` did, which is used no more; a new one where it is not of
        the same network."""

    def decoder_after(self, old: Decoder) -> Decoder:
        """Likewise."""


@runtime_checkable
class Remembering(Protocol):
    """A stream that says how much memory it takes for itself."""

    @property
    def state_bytes(self) -> int: ...


@runtime_checkable
class Paced(Protocol):
    """A codec that a slow machine cannot run as fast as people talk."""

    @property
    def weights(self) -> str:
        """Names them; on one machine all modes of the same weights take about the same time."""

    def lighter(self) -> Codec | None:
        """The same mode by a smaller network, where there is one."""
