"""What streams of event codecs (`keeps_time=False`: text) can do besides sound: captions, writing.

A codec's streams have these where it makes sense; who uses them asks with isinstance.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sotto_codecs.base import Frame


@dataclass(frozen=True, slots=True)
class Caption:
    """The words of one phrase so far; a later one of the same number takes its place."""

    number: int  # of the phrase, in this stream
    words: str
    is_final: bool
    is_written: bool = False  # by hand, not spoken


@runtime_checkable
class Captioned(Protocol):
    """An encoder that hears words, or a decoder that speaks them."""

    def captions(self) -> list[Caption]:
        """What is new since the last time."""


@runtime_checkable
class Writable(Protocol):
    """An encoder that takes written words beside spoken ones."""

    def write(self, text: str) -> list[Frame]:
        """A line of any Unicode text, at most 400 characters. Raises ValueError."""

    def share_voice(self, shared: bool) -> None:
        """The talker agrees, or not any more, that what the own voice is like leaves."""
