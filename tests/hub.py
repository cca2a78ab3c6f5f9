"""A small model hub on this machine: the addresses, redirects and headers of the real one."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

FAULTS = {404: web.HTTPNotFound, 503: web.HTTPServiceUnavailable}
COMMIT = "c0ffee" + 34 * "0"


@dataclass
class SmallHub:
    """Files by path. Large ones are said by SHA-256 and lie elsewhere, small ones by git's id."""

    files: Mapping[str, bytes]
    large: frozenset[str] = frozenset()
    break_after: int | None = None  # bytes of the next large file; then the connection is gone
    takes_ranges: bool = True
    status: int = 200  # of all answers
    digest: str = ""  # instead of the right one
    sent: list[tuple[str, str]] = field(default_factory=list)  # path and range of each GET

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Its address."""
        app = web.Application()
        app.router.add_route("*", "/{owner}/{name}/resolve/{revision}/{path:.+}", self._resolve)
        app.router.add_route("*", "/cache/{path:.+}", self._bytes)
        async with TestServer(app) as server:
            yield str(server.make_url("")).rstrip("/")

    async def _resolve(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if self.status != 200:
            raise FAULTS[self.status]
        if path not in self.files:
            raise web.HTTPNotFound
        data, headers = self.files[path], {"X-Repo-Commit": COMMIT}
        if path in self.large:
            digest = self.digest or hashlib.sha256(data).hexdigest()
            headers |= {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(data))}
            host = str(request.url.origin()).replace("127.0.0.1", "localhost")
            headers |= {"ETag": '"of the redirect"', "Location": f"{host}/cache/{path}"}
            return web.Response(status=302, headers=headers)
        return web.Response(status=307, headers={**headers, "Location": f"/cache/{path}"})

    async def _bytes(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        data = self.files[path]
        git_id = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        headers = {"ETag": f'W/"{git_id}"', "X-Repo-Commit": COMMIT}
        if request.method == "HEAD":
            return web.Response(headers={**headers, "Content-Length": str(len(data))})
        wanted = request.headers.get("Range", "")
        self.sent.append((path, wanted))
        start = int(wanted[6:-1]) if wanted and self.takes_ranges else 0
        answer = web.StreamResponse(status=206 if start else 200, headers=headers)
        answer.content_length = len(data) - start
        await answer.prepare(request)
        if path in self.large and self.break_after is not None:
            await answer.write(data[start : start + self.break_after])
            self.break_after = None
            assert request.transport
            request.transport.close()
            return answer
        await answer.write(data[start:])
        return answer
