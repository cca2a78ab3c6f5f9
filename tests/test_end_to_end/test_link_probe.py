"""`sotto link probe` as a program: through an emulated link to a relay that listens."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import free_port, relay
from tests.test_end_to_end.test_thin_link import emulated

PROGRAM = str(Path(sys.executable).parent / "sotto")


def probe(port: int, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [PROGRAM, "link", "probe", f"127.0.0.1:{port}", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=100)


def test_a_thin_link_is_measured_through_a_relay_and_the_bytes_are_true(tmp_path: Path) -> None:
    far, near = free_port(), free_port()
    ends = ("--listen", f"127.0.0.1:{near}", "--to", f"127.0.0.1:{far}")
    thin = ("--rate", "9600", "--delay", "100", "--loss", "0.05", "--queue", "3000")
    with (
        emulated(*ends, *thin) as between,  # it is up before the relay is
        relay(tmp_path, "127.0.0.1", "--gateway-listen", f"127.0.0.1:{far}"),
    ):
        done = probe(near, "--json")
        counted = between.counters()
    assert done.returncode == 0 and done.stderr == "", done.stderr
    found = json.loads(done.stdout)
    for way in ("up", "down"):
        assert found[way]["rate_bps"] == pytest.approx(9600, rel=0.1)
        assert found[way]["lost"] / found[way]["of"] < 0.2
    assert 200 <= found["round_trip_ms"] <= 350
    assert found["sent_bytes"] == counted["near to far"]["sent_bytes"]
    assert found["heard_bytes"] == counted["far to near"]["arrived_bytes"]
    assert sum(way["sent_bytes"] for way in counted.values()) <= 20_000
    fitting = {row["mode"]: row["fits"] for row in found["modes"]}
    assert fitting["codec2-3200"] and not fitting["opus-24k"]
    assert fitting[found["mode"]]


def test_people_read_what_fits_on_stdout_and_progress_beside_it(tmp_path: Path) -> None:
    port = free_port()
    with relay(tmp_path, "127.0.0.1", "--gateway-listen", f"127.0.0.1:{port}"):
        done = probe(port)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    starts = [line.split()[0] for line in lines]
    assert starts[:5] == ["up", "down", "round", "spent", "mode"] and starts[-1] == "Take"
    assert "gateway.budget_bps = " in lines[-1]
    assert [line.split(" ...")[0] for line in done.stderr.splitlines()] == [
        "looking for the other end",
        "round trip",
        "rate",
        "loss",
    ]


def test_where_nobody_answers_it_is_said_what_to_look_at() -> None:
    done = probe(free_port())
    assert (done.returncode, done.stdout) == (1, "")
    assert "nobody answers at 127.0.0.1 port" in done.stderr
    assert "--gateway-listen" in done.stderr and "firewall" in done.stderr


def test_an_address_that_is_none_is_bad_input() -> None:
    done = subprocess.run(
        [PROGRAM, "link", "probe", "there"], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 2 and "'there' is not like HOST:PORT" in done.stderr
