"""Every touch of what aioice does not promise, for links with round trips of seconds.
tests/test_app/transports/test_aioice_internals.py says in a sentence what has moved.

aioice gives a STUN request 0.5 s, and a check of consent gets no second try: six in a row cut a
link with a longer round trip after half a minute. A connection made within `patience` gives more;
others in this process (browsers nearby) keep the quick first retry.

A connection that is closed between its last check and the end of `connect` goes on to check consent
for a minute.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import aioice.ice
import aioice.stun
from aiortc import RTCPeerConnection

CHECKS_S = 0.05  # more than connect() sleeps between two checks
TIMEOUT = "_Transaction__timeout_delay"

_patience_s: ContextVar[float] = ContextVar("patience_s", default=0.0)


class PatientTransaction(aioice.stun.Transaction):
    """Takes the time that the task which makes it was given. Tasks hand that on to their tasks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        setattr(self, TIMEOUT, max(getattr(self, TIMEOUT), _patience_s.get()))


@contextmanager
def patience(rto_s: float) -> Iterator[None]:
    """STUN of connections that are made inside waits at least `rto_s` before its first retry."""
    stun: Any = aioice.stun
    stun.Transaction = PatientTransaction
    token = _patience_s.set(rto_s)
    try:
        yield
    finally:
        _patience_s.reset(token)


async def end_checks(closed: RTCPeerConnection) -> None:
    """Of one with a data channel that was closed while it may have been connecting."""
    await asyncio.sleep(CHECKS_S)
    if closed.sctp:
        await closed.sctp.transport.transport._connection.close()
