"""Two relays and a link of 2400 bit/s between them, 600 ms, 5 % loss: people talk through it."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr
from pystoi import stoi

from sotto_app.media.call import Call, CallError, Report, Terms
from sotto_app.media.sound import WavSink, WavSource
from sotto_codecs import registry
from sotto_codecs.base import Pcm
from tests.following import NEAR_HZ, likeness
from tests.serving import Relay, free_port, relay
from tests.speech import Speech
from tests.test_codecs.streams import decoded, encoded

RATE_HZ = 48_000
MODE = "codec2-700c"
TALK_S = 18
CHANCES = 3
ROOM_TRIES = 60  # a second each; on 220 bit/s a room needs half of them to cross
THIN = ("--rate", "2400", "--delay", "600", "--loss", "0.05", "--queue", "3000")
WORSE_AT_MOST = 0.05  # STOI, than the codec without a link


@dataclass(frozen=True)
class Bridge:
    """`sotto link emulate` at work."""

    process: subprocess.Popen[str]
    started_s: float  # monotonic; its own time begins a little later

    def counters(self) -> dict[str, Any]:
        """Ends it."""
        self.process.terminate()
        out, _ = self.process.communicate(timeout=20)
        counters: dict[str, Any] = json.loads(out)
        return counters


@contextmanager
def emulated(*options: str) -> Iterator[Bridge]:
    command = [str(Path(sys.executable).parent / "sotto"), "link", "emulate", "--json"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    try:
        yield Bridge(process, time.monotonic())
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=20)


@contextmanager
def two_sites(
    folder: Path, *options: str, settings: str = ""
) -> Iterator[tuple[Relay, Relay, Bridge]]:
    """Two relays with these settings, and an emulated link with these options between them."""
    near_port, far_port = free_port(), free_port()
    ends = ("--listen", f"127.0.0.1:{near_port}", "--to", f"127.0.0.1:{far_port}")
    for name in ("ship", "shore"):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "server.toml").write_text(settings)
    host = ("127.0.0.1", "--config", "server.toml")
    with (
        relay(folder / "shore", *host, "--gateway-listen", f"127.0.0.1:{far_port}") as shore,
        emulated(*ends, *options) as between,
        relay(folder / "ship", *host, "--gateway-to", f"127.0.0.1:{near_port}") as ship,
    ):
        yield ship, shore, between


async def both_talk(
    ship: Relay, shore: Relay, folder: Path, seconds: float
) -> tuple[Report, Report]:
    """Each says its file and hears the other; the rooms meet over the link."""
    rooms: asyncio.Queue[str] = asyncio.Queue()

    def note(line: str) -> None:
        if line.startswith("Room: "):
            rooms.put_nowait(line.rsplit("/", 1)[1])

    def call(url: str, name: str) -> Call:
        ear = WavSink(folder / f"{name}-heard.wav")
        return Call(Terms(url, name, MODE, seconds), WavSource(folder / f"{name}.wav"), ear, note)

    first = asyncio.create_task(call(ship.url, "ship").run())
    room = await asyncio.wait_for(rooms.get(), 20)
    second = await once_it_crossed(lambda: call(f"{shore.url}/r/{room}", "shore"))
    return await first, second


async def once_it_crossed(call: Callable[[], Call]) -> Report:
    """A call into a room that may not be there yet."""
    for _ in range(ROOM_TRIES):
        try:
            return await call().run()
        except CallError as fault:
            assert "no such room" in str(fault), fault
            await asyncio.sleep(1)
    raise AssertionError("the room did not cross the link")


def without_link(said_at_8k: Pcm) -> Pcm:
    codec = registry.load("codec2", {"rate": "700C"})
    whole = said_at_8k[: len(said_at_8k) // 640 * 640]
    return decoded(codec, encoded(codec, whole))[codec.spec.delay_samples :]


@pytest.fixture
def voices(tmp_path: Path, speech: Speech) -> dict[str, Pcm]:
    return written(speech, tmp_path)


def written(speech: Speech, folder: Path) -> dict[str, Pcm]:
    """What either side says, also as a file of its name."""
    at_48k = speech.at(RATE_HZ)
    half = len(at_48k) // 2
    voices = {"ship": at_48k, "shore": np.concatenate([at_48k[half:], at_48k[:half]])}
    for name, pcm in voices.items():
        soundfile.write(folder / f"{name}.wav", pcm[: TALK_S * RATE_HZ], RATE_HZ)
    return {name: pcm[: TALK_S * RATE_HZ] for name, pcm in voices.items()}


async def test_two_people_understand_each_other_over_2400_bits(
    tmp_path: Path, voices: dict[str, Pcm], speech: Speech
) -> None:
    alone_at_8k = without_link(speech.at(8000)[: TALK_S * 8000])
    alone = float(stoi(speech.at(8000)[: len(alone_at_8k)], alone_at_8k, 8000))
    for _ in range(CHANCES):  # a machine may do something else in one of them
        found = await understood(tmp_path, voices)
        if found > alone - WORSE_AT_MOST:
            break
    assert found > alone - WORSE_AT_MOST


async def understood(folder: Path, voices: dict[str, Pcm]) -> float:
    """How well, by the one who understands less, in a call of both."""
    with two_sites(folder, *THIN) as (ship, shore, between):
        await asyncio.sleep(8)  # set-up takes a round trip of 1.2 s, or more where it is lost
        reports = await both_talk(ship, shore, folder, 60)
        counted = between.counters()
    assert all(way["arrived_bytes"] for way in counted.values())
    assert [report.heard_mode for report in reports] == [MODE, MODE]
    found = []
    for talker, listener in (("ship", "shore"), ("shore", "ship")):
        heard, _ = soundfile.read(folder / f"{listener}-heard.wav", dtype="float32")
        at_16k = (soxr.resample(it, RATE_HZ, NEAR_HZ) for it in (voices[talker], heard))
        found.append(likeness(*at_16k))
    return min(found)
