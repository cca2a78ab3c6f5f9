"""`python -m sotto_signaling`, as the base install has it."""

import asyncio
import signal
import socket
import subprocess
import sys

from aiohttp import ClientSession

from tests.test_signaling.relay import PATIENCE_S, Client

COMMAND = [sys.executable, "-u", "-m", "sotto_signaling", "--port"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_it_serves_and_stops_when_told() -> None:
    port = str(free_port())
    process = await asyncio.create_subprocess_exec(
        *COMMAND, port, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert process.stdout
        async with asyncio.timeout(PATIENCE_S):
            assert f"127.0.0.1:{port}" in (await process.stdout.readline()).decode()
        async with ClientSession() as http, http.ws_connect(f"http://127.0.0.1:{port}/ws") as ws:
            client = Client(ws)
            joined = await client.join(await client.create())
            assert joined.mode == "opus-24k"
            process.send_signal(signal.SIGTERM)
            assert '"shutting-down"' in (await ws.receive(PATIENCE_S)).data
        _, errors = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, b"Traceback" in errors) == (0, False)


def test_it_needs_nothing_heavy() -> None:
    program = (
        "import sys, sotto_signaling.server;"
        "print([name for name in ('av', 'aiortc', 'numpy', 'sotto_codecs') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
