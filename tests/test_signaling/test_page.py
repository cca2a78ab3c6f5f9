"""The page's files as a browser gets them, and what it must not get."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from sotto_signaling.rooms import Rooms
from sotto_signaling.server import create_app
from tests.test_signaling.relay import LIMITS, Relay, running
from tests.test_signaling.virtual import DEFAULTS


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Relay]:
    page = tmp_path / "dist"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<title>Sotto</title>")
    (page / "assets" / "index-B3xY_k-9.js").write_text("export {}")
    (page / "worklet.js").write_text("registerProcessor")
    (page / ".env").write_text("hidden")
    (tmp_path / "secret.txt").write_text("secret")
    (page / "way-out").symlink_to(tmp_path)
    async with running(page_dir=page) as relay:
        yield relay


@pytest.mark.parametrize(
    ("path", "text", "kind", "caching"),
    [
        ("/", "<title>Sotto</title>", "text/html", "no-cache"),
        ("/r/q3Zk0vJ8yN1mXw5TtB2cRA", "<title>Sotto</title>", "text/html", "no-cache"),
        ("/worklet.js", "registerProcessor", "javascript", "no-cache"),
        ("/assets/index-B3xY_k-9.js", "export {}", "javascript", "immutable"),
    ],
)
async def test_served(relay: Relay, path: str, text: str, kind: str, caching: str) -> None:
    async with relay.http.get(relay.url + path) as answer:
        assert answer.status == 200
        assert await answer.text() == text
        assert kind in answer.content_type
        assert caching in answer.headers["Cache-Control"]


async def test_a_page_that_has_not_changed_is_not_sent_again(relay: Relay) -> None:
    async with relay.http.get(f"{relay.url}/") as answer:
        tag = answer.headers["ETag"]
    async with relay.http.get(f"{relay.url}/", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304


OUTSIDE = [
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/..%5csecret.txt",
    "//etc/passwd",
    "/%2fetc/passwd",
    "/way-out/secret.txt",
    "/.env",
    "/assets",
    "/nothing.js",
    "/%00",
    "/" + "x" * 5000,
    "/r/",
    "/r/a/b",
]


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path[:20])
async def test_not_served(relay: Relay, path: str) -> None:
    # by hand: a client library tidies such paths before it sends them
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.server.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.split()[1] in (b"404", b"400")
    assert b"secret" not in answer and b"hidden" not in answer and b"root:" not in answer


@pytest.mark.parametrize("path", ["/", "/assets/index-B3xY_k-9.js", "/healthz", "/nothing"])
async def test_every_answer_is_protected(relay: Relay, path: str) -> None:
    async with relay.http.get(relay.url + path) as answer:
        headers = answer.headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    host = relay.url.removeprefix("http://")
    assert policy["connect-src"] == f"'self' ws://{host} wss://{host}"
    assert "blob:" in policy["worker-src"] and "blob:" in policy["media-src"]
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "microphone=(self)" in headers["Permissions-Policy"]


async def test_a_strange_host_does_not_get_into_the_policy(relay: Relay) -> None:
    async with relay.http.get(f"{relay.url}/", headers={"Host": "x; script-src *"}) as answer:
        assert "script-src *" not in answer.headers.get("Content-Security-Policy", "")


async def test_a_page_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    async with running(page_dir=tmp_path) as relay:
        async with relay.http.get(f"{relay.url}/r/room") as answer:
            assert answer.status == 503
            assert "make page" in await answer.text()
        (tmp_path / "index.html").write_text("built")
        async with relay.http.get(f"{relay.url}/r/room") as answer:
            assert await answer.text() == "built"


async def test_a_relay_without_a_page_says_so() -> None:
    async with running() as relay, relay.http.get(f"{relay.url}/") as answer:
        assert answer.status == 404
        assert "/ws" in await answer.text()


async def test_routes_that_come_later_go_before_the_page(tmp_path: Path) -> None:
    app = create_app(Rooms(LIMITS, DEFAULTS), None, tmp_path)

    async def modes(request: web.Request) -> web.Response:
        return web.json_response(["opus-24k"])

    app.router.add_get("/api/modes", modes)
    async with TestServer(app) as server, ClientSession() as http:
        async with http.get(server.make_url("/api/modes")) as answer:
            assert await answer.json() == ["opus-24k"]
        async with http.get(server.make_url("/api/none")) as answer:
            assert answer.status == 404
