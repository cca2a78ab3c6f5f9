"""Signaling as a headless peer speaks it: the relay's WebSocket, message by message."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import aiohttp

from sotto_signaling.errors import Code, MessageError
from sotto_signaling.messages import Error, Message, from_relay, to_json

Kind = TypeVar("Kind", bound=Message)

ANSWER_S = 15.0


class CallError(Exception):
    """The call could not be made; the message is one line for the user."""


class RelaySocket:
    """One WebSocket that stands; who opened it closes it."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._ws = ws

    async def send(self, message: Message) -> None:
        await self._ws.send_str(to_json(message))

    async def hear(self) -> Message | None:
        """The next message; None where the relay has hung up."""
        async for frame in self._ws:
            if (message := _parsed(frame)) is not None:
                return message
        return None

    async def expect(
        self, kind: type[Kind], note: Callable[[Message], None] = lambda message: None
    ) -> Kind:
        """The next message of a kind; `note` gets the others. Raises CallError for an error, and
        TimeoutError."""
        async with asyncio.timeout(ANSWER_S):
            while (message := await self.hear()) is not None:
                if isinstance(message, kind):
                    return message
                if isinstance(message, Error) and message.code is not Code.LINK_FULL:
                    raise CallError(message.message)
                note(message)
        raise CallError("the relay hung up")


def _parsed(frame: aiohttp.WSMessage) -> Message | None:
    try:
        return from_relay(frame.data) if frame.type is aiohttp.WSMsgType.TEXT else None
    except MessageError:
        return None  # a newer relay may say more than we know
