"""What streams of event codecs (`keeps_time=False`: text) can do besides sound: captions, writing.

A codec's streams have these where it makes sense; who uses them asks with isinstance.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sotto_codecs.base import Encoder, Frame, Pcm


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
        """What is new since the last time. A decoder is asked by another thread while it speaks."""


@runtime_checkable
class Writable(Protocol):
    """An encoder that takes written words beside spoken ones."""

    def write(self, text: str) -> list[Frame]:
        """A line of any Unicode text, at most 400 characters. Raises ValueError."""

    def share_voice(self, shared: bool) -> None:
        """The talker agrees, or not any more, that what the own voice is like leaves. What of it
        may wait (a frame's priority above 0) must not leave once that is taken back."""

    def want_sample(self, wanted: bool) -> None:
        """The far end can speak like a sample of the own voice: one may leave, where shared."""


@runtime_checkable
class Worded(Protocol):
    """A codec whose encoders hear words and whose decoders speak them: by which engines."""

    @property
    def hears(self) -> str: ...
    @property
    def speaks(self) -> str: ...


@runtime_checkable
class Speaking(Protocol):
    """A decoder that speaks words anew."""

    @property
    def unspoken(self) -> str:
        """The language of the words (BCP 47), where nobody here speaks it; else "". Any thread."""

    @property
    def wants_sample(self) -> bool:
        """It knows whom it speaks for, and could speak like a sample of that voice. Any thread."""


@runtime_checkable
class Deferrable(Captioned, Writable, Encoder, Protocol):
    """An encoder that hears at once and understands in its own time: `encode` is `hear` and all of
    the `work`, `flush` is `hear_end` and all of it. In a call one thread does both by turns, so
    that a written line waits for one piece of work, not for all. No two threads at a time."""

    def go_aside(self) -> None:
        """Before the first sound: other threads are to run during its work. May take a second."""

    def hear(self, pcm: Pcm) -> None:
        """As `encode` takes it. What is too much to wait is dropped, and counted."""

    def hear_end(self) -> None:
        """The phrase under way ends."""

    def work(self, most_s: float) -> list[Frame]:
        """Understand what was heard, or about so much of it."""

    @property
    def behind_s(self) -> float:
        """Of sound that waits to be understood. From any thread."""

    @property
    def is_done(self) -> bool:
        """All that was heard is understood."""

    @property
    def counts(self) -> Counter[str]:
        """What was not understood, by reason."""

    def close(self) -> None:
        """Nothing more is asked of it."""
