"""The outgoing side of one WebSocket: a bounded queue, and the one task that writes it."""

import asyncio
from contextlib import suppress

from aiohttp import web

from sotto_signaling.messages import Message, to_json


class Connection:
    """Nobody waits for it: `send` and `close` return at once, however slow the other end is."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.Transport, waiting: int):
        self._ws = ws
        self._transport = transport
        self._queue: asyncio.Queue[str | None] = asyncio.Queue(waiting + 1)  # and the end
        self._waiting = waiting
        self._ended = False

    def send(self, message: Message) -> None:
        """Queue it. An end that has let too many wait is cut off, without a word."""
        if self._ended:
            return
        if self._queue.qsize() >= self._waiting:
            self._ended = True
            self._transport.abort()
            return
        self._queue.put_nowait(to_json(message))

    def close(self) -> None:
        """Let `write` return once all that was queued is written."""
        if not self._ended:
            self._ended = True
            self._queue.put_nowait(None)

    def cut(self) -> None:
        """Drop the connection now."""
        self._ended = True
        self._transport.abort()

    async def write(self) -> None:
        """Write until `close`, or until the socket is gone."""
        with suppress(ConnectionError):
            while (text := await self._queue.get()) is not None:
                await self._ws.send_str(text)
