"""Files of a model hub (the addresses and headers of huggingface.co), whole or from where they
broke off. Its own library throws away what it has when a download breaks off.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from sotto_app.errors import ModelError
from sotto_app.models.digest import is_digest

ENDPOINT = "https://huggingface.co"
TIMEOUT = ClientTimeout(total=None, sock_connect=15, sock_read=30)
MOST_REDIRECTS = 5
BLOCK_BYTES = 1 << 18
WAITS_S = (1.0, 3.0, 10.0)  # before another try
PLAIN = {"Accept-Encoding": "identity"}  # or the length is that of something else
PARTIAL, REDIRECT, FAULT, TIMED_OUT, TOO_MANY, BUSY = 206, 300, 400, 408, 429, 500

T = TypeVar("T")
Progress = Callable[[int], None]  # takes bytes that are here, of one file


@dataclass(frozen=True, slots=True)
class Stated:
    """What the hub says of a file."""

    url: str
    commit: str  # of the repository; "" where it does not say
    size: int
    digest: str  # SHA-256, or git's id of a small file


class Hub:
    """One hub, for as long as `session` is open."""

    def __init__(
        self, session: ClientSession, endpoint: str = ENDPOINT, waits_s: tuple[float, ...] = WAITS_S
    ) -> None:
        self._session, self._endpoint, self._waits_s = session, endpoint.rstrip("/"), waits_s

    def url(self, repository: str, revision: str, path: str) -> str:
        return f"{self._endpoint}/{repository}/resolve/{revision}/{path}"

    async def state(self, url: str) -> Stated:
        """Raises ModelError."""
        return await self._persist(partial(self._state, url))

    async def fetch(self, stated: Stated, part: Path, progress: Progress) -> None:
        """All of the file in `part`, which may hold its beginning. Raises ModelError, OSError."""
        await self._persist(partial(self._fetch, stated, part, progress))

    async def _persist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Raises ModelError when the last try has failed too."""
        for wait_s in self._waits_s:
            try:
                return await attempt()
            except (ClientError, TimeoutError):
                await asyncio.sleep(wait_s)
        try:
            return await attempt()
        except (ClientError, TimeoutError) as fault:
            reason = str(fault) or type(fault).__name__
            raise ModelError(f"{self._endpoint} does not answer ({reason})") from fault

    async def _state(self, url: str) -> Stated:
        headers, at = dict[str, str](), url
        for _ in range(MOST_REDIRECTS):
            async with self._session.head(at, allow_redirects=False, headers=PLAIN) as answer:
                _check(answer, url)
                headers |= {name.lower(): value for name, value in answer.headers.items()}
            onward = headers.pop("location", "") if answer.status >= REDIRECT else ""
            if not onward or urlsplit(onward).netloc not in ("", urlsplit(at).netloc):
                break  # onward is where the bytes are: nothing more is said there
            at = urljoin(at, onward)
        digest = headers.get("x-linked-etag", headers.get("etag", "")).removeprefix("W/").strip('"')
        size = headers.get("x-linked-size", headers.get("content-length", ""))
        if not is_digest(digest) or not size.isdecimal():
            raise ModelError(f"{url}: the hub does not say what the file is")
        return Stated(url, headers.get("x-repo-commit", ""), int(size), digest)

    async def _fetch(self, stated: Stated, part: Path, progress: Progress) -> None:
        have = _size(part)
        if have == stated.size:
            return
        if have > stated.size:
            have = 0
        headers = {**PLAIN, "Range": f"bytes={have}-"} if have else PLAIN
        async with self._session.get(stated.url, headers=headers) as answer:
            _check(answer, stated.url)
            have = have if answer.status == PARTIAL else 0
            with part.open("ab" if have else "wb") as file:
                async for block in answer.content.iter_chunked(BLOCK_BYTES):
                    file.write(block)
                    have += len(block)
                    progress(have)
        if have < stated.size:
            raise ClientError(f"it broke off after {have} of {stated.size} bytes")


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _check(answer: ClientResponse, url: str) -> None:
    """Raises ModelError where another try would be no better, ClientError where it may be."""
    if answer.status in (TIMED_OUT, TOO_MANY) or answer.status >= BUSY:
        raise ClientError(f"{answer.status} {answer.reason}")
    if answer.status >= FAULT:
        raise ModelError(f"{url}: the hub says {answer.status} {answer.reason}")
