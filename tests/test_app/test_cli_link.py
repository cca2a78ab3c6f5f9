"""`sotto link emulate` as a program."""

import json
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sotto_app.modes import load_links

ANY = ("127.0.0.1", 0)


def command(*options: str) -> list[str]:
    code = "from sotto_app.cli import main; main()"
    return [sys.executable, "-c", code, "link", "emulate", *options]


def udp() -> socket.socket:
    port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    port.bind(ANY)
    port.settimeout(10)
    return port


@contextmanager
def emulator(*options: str) -> Iterator[tuple["subprocess.Popen[str]", tuple[str, int]]]:
    """It runs, and where its near end is."""
    running = subprocess.Popen(command(*options), stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        assert select.select([running.stdout], [], [], 20)[0]
        found = re.fullmatch(r"near: send to ([\d.]+):(\d+)\n", running.stdout.readline())
        assert found is not None and running.stdout.readline().startswith("far: ")
        yield running, (found[1], int(found[2]))
    finally:
        running.kill()
        running.communicate()


def fails(*options: str) -> str:
    done = subprocess.run(command(*options), capture_output=True, text=True, timeout=30)
    assert done.returncode == 2, done.stderr
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", done.stderr).split())


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_carries_datagrams_says_what_and_ends_when_told(stop: signal.Signals) -> None:
    with udp() as far, udp() as near:
        to = f"127.0.0.1:{far.getsockname()[1]}"
        with emulator("--listen", "0", "--to", to, "--delay", "20") as (running, at):
            near.sendto(b"twelve bytes", at)
            datagram, sender = far.recvfrom(100)
            far.sendto(b"back", sender)
            assert (datagram, near.recv(100)) == (b"twelve bytes", b"back")
            running.send_signal(stop)
            said, _ = running.communicate(timeout=20)
            assert running.returncode == 0
    assert "near to far: 1 packets in, 40 bytes; 1 out, 40 bytes; 0 dropped, 0 cut" in said
    assert "far to near: 1 packets in, 32 bytes; 1 out, 32 bytes; 0 dropped, 0 cut" in said


def test_each_second_has_a_line_with_bits_each_way() -> None:
    with udp() as far, udp() as near:
        to = f"127.0.0.1:{far.getsockname()[1]}"
        with emulator("--listen", "0", "--to", to, "--seconds", "1.5") as (running, at):
            near.sendto(bytes(97), at)
            said, _ = running.communicate(timeout=20)
    line = next(line for line in said.splitlines() if line.lstrip().startswith("1 s"))
    found = re.search(r"near to far +(\d+) bit/s in, +(\d+) out, 0 packets lost", line)
    assert found is not None
    assert 800 <= int(found[1]) <= 1000 and found[1] == found[2]  # 125 bytes in a second


def test_json_has_the_counters_and_nothing_else() -> None:
    options = ("--listen", "0", "--listen-far", "0", "--seconds", "0.2", "--json")
    done = subprocess.run(command(*options), capture_output=True, text=True, timeout=30)
    tallies = json.loads(done.stdout)
    nothing = dict.fromkeys(("sent", "sent_bytes", "arrived", "arrived_bytes", "cut", "dropped"), 0)
    assert tallies == {"near to far": nothing, "far to near": nothing}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "say --tun, or --listen with --to or --listen-far"),
        (("--listen", "0"), "say --tun, or --listen"),
        (("--listen", "0", "--to", "there"), "'there' is not like HOST:PORT"),
        (("--listen", "70000", "--to", "a:1"), "'70000' is not like HOST:PORT"),
        (("--tun", "--listen", "0"), "--tun is whole IP"),
        (("--tun", "--name", "far/away"), "--name is at most ten letters and digits"),
        (("--tun", "--profile", "wet-string"), "no profile 'wet-string'; known: perfect"),
        (("--tun", "--loss", "1"), "loss is a share from 0 to less than 1"),
        (("--tun", "--cut", "30"), "--cut '30' is not like 60..120"),
        (("--tun", "--half-duplex", "1.5"), "share is over 0 and below 1"),
    ],
)
def test_what_cannot_be_is_said(options: tuple[str, ...], sentence: str) -> None:
    assert sentence in fails(*options)


def test_a_port_that_is_taken_is_said_in_a_line() -> None:
    with udp() as taken:
        port = str(taken.getsockname()[1])
        options = ("--listen", port, "--listen-far", "0")
        done = subprocess.run(command(*options), capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and done.stderr.startswith("sotto: ")
    assert "in use" in done.stderr and done.stderr.count("\n") == 1


def test_the_thin_satellite_is_a_profile() -> None:
    profile = load_links()["satellite-2400"]
    assert (profile.rate_bps, profile.delay_ms, profile.loss) == (2400, 600, 0.05)
