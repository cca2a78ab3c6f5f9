"""The proxy settings that docs and composition offer, in front of a real relay."""

import asyncio
import itertools
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from sotto_app.files import CHECKOUT
from sotto_signaling.defaults import RoomDefaults
from sotto_signaling.limits import Limits
from sotto_signaling.rooms import Rooms
from sotto_signaling.server import ServerOptions, create_app

ANY_CERTIFICATE = ssl.create_default_context()
ANY_CERTIFICATE.check_hostname = False
ANY_CERTIFICATE.verify_mode = ssl.CERT_NONE


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def nginx_command(folder: Path, port: int, relay_port: int) -> list[str]:
    """The server block of docs/operations.md, with names and ports of this test."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    asked = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    subprocess.run([*asked, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    found = re.search(r"```nginx\n(.*?)```", (CHECKOUT / "docs/operations.md").read_text(), re.S)
    assert found
    block = found[1].replace("listen 443", f"listen 127.0.0.1:{port}")
    block = block.replace(":8080", f":{relay_port}")
    block = re.sub(r"certificate_key .*;", f"certificate_key {key};", block)
    block = re.sub(r"certificate /.*;", f"certificate {certificate};", block)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {temporary}\n{block} }}\n"
    )
    return ["nginx", "-e", "stderr", "-c", str(config)]


def caddy_command(folder: Path, port: int, relay_port: int) -> list[str]:
    """configs/Caddyfile as it is, but for the port of its redirect from plain HTTP."""
    text = (CHECKOUT / "configs" / "Caddyfile").read_text()
    config = folder / "Caddyfile"
    config.write_text(text.replace("admin off", f"admin off\n\thttp_port {free_port()}"))
    settings = [f"SOTTO_DOMAIN=127.0.0.1:{port}", f"SOTTO_PORT={relay_port}"]
    folders = [f"HOME={folder}", f"XDG_DATA_HOME={folder}", f"XDG_CONFIG_HOME={folder}"]
    return ["env", *settings, *folders, "caddy", "run", "--config", str(config)]


COMMANDS = {"nginx": nginx_command, "caddy": caddy_command}


@pytest.fixture(params=list(COMMANDS))
async def proxy(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """host:port of a proxy in front of a relay that gives one socket to each address."""
    path = os.environ["PATH"] + ":/usr/sbin"
    if shutil.which(request.param, path=path) is None:
        pytest.skip(f"no {request.param} here: apt install {request.param}")
    defaults = RoomDefaults(("opus-24k",), ("perfect",), "opus-24k", "perfect")
    rooms = Rooms(Limits(sockets_per_address=1), defaults)
    port = free_port()
    async with TestServer(create_app(rooms, None, None, ServerOptions(trust_proxy=True))) as relay:
        assert relay.port
        command = COMMANDS[request.param](tmp_path, port, relay.port)
        process = await asyncio.create_subprocess_exec(*command, env={"PATH": path})
        yield f"127.0.0.1:{port}"
        process.terminate()
        await process.wait()


async def answers(session: aiohttp.ClientSession, proxy: str) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                async with session.get(f"https://{proxy}/healthz", ssl=ANY_CERTIFICATE) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def test_calls_pass_with_their_addresses_and_foreign_pages_do_not(proxy: str) -> None:
    def open_socket(origin: str) -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
        forged = {"X-Forwarded-For": f"198.51.100.{next(number)}"}
        url = f"wss://{proxy}/ws"
        return session.ws_connect(url, ssl=ANY_CERTIFICATE, origin=origin, headers=forged)

    number = itertools.count(1)
    async with aiohttp.ClientSession() as session:
        await answers(session, proxy)
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            async with open_socket("https://elsewhere.example"):
                pass
        ours = f"https://{proxy}"
        async with open_socket(ours) as first, open_socket(ours) as second:
            await first.send_json({"type": "create-room"})
            assert (await first.receive_json(timeout=5))["type"] == "room-created"
            # both come from here, whatever they say of themselves
            assert (await second.receive_json(timeout=5))["code"] == "too-many-sockets"
