"""Captions of a page that may be away for a while: it reloads, or its socket broke."""

from collections.abc import Iterable

from sotto_signaling.media import ToPage
from sotto_signaling.messages import Caption

MOST_WAITING = 50


class CaptionLine:
    """To one page, in order. What is final waits for the page to be back; the oldest is given up
    where too much does."""

    def __init__(self) -> None:
        self._waiting = list[Caption]()

    def give(self, captions: Iterable[Caption], send: ToPage) -> None:
        """These, behind what waits."""
        missed = [it for it in (*self._waiting, *captions) if not send(it)]
        self._waiting = [it for it in missed if it.final][-MOST_WAITING:]
