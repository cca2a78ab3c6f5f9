"""Hands each peer's messages to the media host: in order, and one peer's trouble to that peer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sotto_signaling.errors import Code, SignalingError
from sotto_signaling.media import MediaHost, Place, ToPage
from sotto_signaling.messages import Message

log = logging.getLogger(__name__)

WAITING = 64  # messages for one pipeline; a page sends a few at a time

Line = asyncio.Queue[Message | None]


class Pipelines:
    """One task per peer. `report` tells a peer what failed; `call_s` bounds each call of media."""

    def __init__(
        self, media: MediaHost, report: Callable[[str, SignalingError], None], call_s: float
    ) -> None:
        self._media = media
        self._report = report
        self._call_s = call_s
        self._lines: dict[str, Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self, place: Place, send: ToPage) -> None:
        peer = place.peer
        line = self._lines[peer] = Line(WAITING)
        task = asyncio.create_task(self._serve(place, send, line), name=f"pipeline {peer}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def put(self, peer: str, message: Message) -> None:
        try:
            self._lines[peer].put_nowait(message)
        except asyncio.QueueFull:
            self._report(peer, SignalingError(Code.RATE_LIMITED, "Too much at once: dropped."))

    def close(self, peer: str) -> None:
        """What still waits is passed over."""
        line = self._lines.pop(peer)
        while not line.empty():
            line.get_nowait()
        line.put_nowait(None)

    async def shutdown(self) -> None:
        for peer in list(self._lines):
            self.close(peer)
        await asyncio.gather(*self._tasks)
        await self._media.shutdown()

    async def _serve(self, place: Place, send: ToPage, line: Line) -> None:
        peer = place.peer
        try:
            await self._call(peer, self._media.open(place, send))
            while (message := await line.get()) is not None:
                await self._call(peer, self._media.handle(peer, message))
        finally:
            await self._call(peer, self._media.close(peer))

    async def _call(self, peer: str, step: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._call_s):
                await step
        except SignalingError as fault:
            self._report(peer, fault)
        except Exception:  # whatever one peer's media does, the others' calls go on
            log.exception("the pipeline of peer %s failed", peer)
            sentence = "Something failed in the relay; it is in its log. Joining again may help."
            self._report(peer, SignalingError(Code.INTERNAL, sentence))
