"""Credentials for TURN, held against a real coturn where there is one."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
from aioice.stun import TransactionFailed
from aioice.turn import create_turn_endpoint

from sotto_app.settings import ServerSettings, Turn
from sotto_app.turn import ice_servers, turn_credential
from sotto_signaling.messages import IceServer

SECRET = "open sesame"


def test_no_server_no_entry() -> None:
    assert ice_servers(ServerSettings(), "peer", 0.0) == []


def test_a_fixed_pair_goes_to_the_page_as_it_is() -> None:
    settings = ServerSettings(
        stun_urls=("stun:s.example",),
        turn=Turn(("turn:t.example",), username="u", credential="c"),
    )
    assert ice_servers(settings, "peer", 0.0) == [
        IceServer(["stun:s.example"]),
        IceServer(["turn:t.example"], "u", "c"),
    ]


def test_a_secret_makes_a_credential_that_runs_out() -> None:
    settings = ServerSettings(turn=Turn(("turn:t.example",), secret="north", ttl_s=600))
    # printf 1700000600:peer | openssl dgst -sha1 -hmac north -binary | base64
    assert ice_servers(settings, "peer", 1_700_000_000.5) == [
        IceServer(["turn:t.example"], "1700000600:peer", "S4f/8bGZZsnmd4N+HVqSTjcmomU="),
    ]


class Heard(asyncio.DatagramProtocol):
    """Puts what arrives, and where it came from, into a queue."""

    def __init__(self) -> None:
        self.packets: asyncio.Queue[tuple[bytes, tuple[str, int]]] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.packets.put_nowait((data, addr))


@pytest.fixture(scope="module")
def turn_address() -> Iterator[tuple[str, int]]:
    """A coturn of our own on the loopback."""
    program = shutil.which("turnserver")
    if program is None:
        pytest.skip("no turnserver here: apt install coturn")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [program, "-n", "--log-file=stdout", "--no-cli", "--no-tls", "--no-dtls"]
    command += [f"--listening-port={port}", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1"]
    command += ["--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=sotto"]
    command += ["--allow-loopback-peers"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        yield "127.0.0.1", port  # STUN asks again until it listens
        process.terminate()


async def test_coturn_relays_for_the_credential(turn_address: tuple[str, int]) -> None:
    username, password = turn_credential(SECRET, "peer", int(time.time()) + 60)
    loop = asyncio.get_running_loop()
    far, far_heard = await loop.create_datagram_endpoint(Heard, local_addr=("127.0.0.1", 0))
    turn, near_heard = await create_turn_endpoint(Heard, turn_address, username, password)
    relayed_at = turn.get_extra_info("sockname")
    turn.sendto(b"ping", far.get_extra_info("sockname"))
    assert await asyncio.wait_for(far_heard.packets.get(), 5) == (b"ping", relayed_at)
    far.sendto(b"pong", relayed_at)
    assert (await asyncio.wait_for(near_heard.packets.get(), 5))[0] == b"pong"
    turn.close()
    far.close()


@pytest.mark.parametrize(("secret", "expires_in_s"), [("another", 60), (SECRET, -60)])
async def test_coturn_refuses_a_wrong_or_an_old_one(
    turn_address: tuple[str, int], secret: str, expires_in_s: int
) -> None:
    username, password = turn_credential(secret, "peer", int(time.time()) + expires_in_s)
    with pytest.raises(TransactionFailed, match="401"):
        await create_turn_endpoint(Heard, turn_address, username, password)
