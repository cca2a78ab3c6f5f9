"""Credentials for TURN, held against a real coturn where there is one."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
from aioice.stun import TransactionFailed
from aioice.turn import create_turn_endpoint

from sotto_app.files import CHECKOUT
from sotto_app.settings import ServerSettings, Turn
from sotto_app.turn import ice_servers, turn_credential
from sotto_signaling.messages import IceServer

SCRIPT = CHECKOUT / "scripts" / "coturn"
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
        self.errors: asyncio.Queue[Exception] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.packets.put_nowait((data, addr))

    def error_received(self, exc: Exception) -> None:
        self.errors.put_nowait(exc)


@pytest.fixture(scope="module")
def turn_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """The coturn of the composition, on the loopback."""
    if shutil.which("turnserver") is None:
        pytest.skip("no turnserver here: apt install coturn")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [str(SCRIPT), "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1"]
    command += ["--allow-loopback-peers"]  # which the world outside of tests does not get
    told = {"SOTTO_ADDRESS": "127.0.0.1", "SOTTO_TURN_SECRET": SECRET, "SOTTO_TURN_PORT": str(port)}
    told |= {"TMPDIR": str(tmp_path_factory.mktemp("coturn"))}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | told) as process:
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
    turn.sendto(b"ping", ("127.0.0.2", 9))  # not the relay: nobody gets further through here
    assert "403" in str(await asyncio.wait_for(near_heard.errors.get(), 5))
    turn.close()
    far.close()


@pytest.mark.parametrize(("secret", "expires_in_s"), [("another", 60), (SECRET, -60)])
async def test_coturn_refuses_a_wrong_or_an_old_one(
    turn_address: tuple[str, int], secret: str, expires_in_s: int
) -> None:
    username, password = turn_credential(secret, "peer", int(time.time()) + expires_in_s)
    with pytest.raises(TransactionFailed, match="401"):
        await create_turn_endpoint(Heard, turn_address, username, password)


@pytest.mark.parametrize("missing", ["SOTTO_TURN_SECRET", "SOTTO_ADDRESS"])
def test_coturn_does_not_start_half_configured(missing: str) -> None:
    told = {"SOTTO_TURN_SECRET": SECRET, "SOTTO_ADDRESS": "127.0.0.1"} | {missing: ""}
    done = subprocess.run([SCRIPT], env=os.environ | told, capture_output=True, text=True)
    assert done.returncode != 0
    assert f"{missing}: set it in .env" in done.stderr
