"""Two people talk in text mode: what one says is read and heard by the other, whatever is lost."""

import asyncio
from pathlib import Path

import numpy as np
import soundfile

from sotto_app.media.call import Call, Report, Terms
from sotto_app.media.sound import Silence, WavSink, WavSource
from sotto_codecs.base import Pcm
from sotto_signaling.messages import Stats
from tests.serving import relay
from tests.speech import Speech

RATE_HZ = 48_000
LINKS = """
[lossy]
title = "Lossy"
words = "A fifth of all packets is lost."
delay_ms = 300
loss = 0.2
"""


async def test_no_word_is_lost_where_a_fifth_of_the_packets_is(
    tmp_path: Path, speech: Speech
) -> None:
    (tmp_path / "links.toml").write_text(LINKS)
    (tmp_path / "server.toml").write_text('links_file = "links.toml"\ndefault_link = "lossy"\n')
    soundfile.write(tmp_path / "said.wav", speech.at(RATE_HZ), RATE_HZ)
    with relay(tmp_path, "127.0.0.1", "--config", "server.toml") as running:
        said, heard, report = await talk(running.url, tmp_path)
    assert len(said) >= 4 and heard == said
    assert report.heard_mode == "text"
    assert 0 < report.received_bytes * 8 / 34 < 400  # all in, with what was sent again
    sound, _ = soundfile.read(tmp_path / "heard.wav", dtype="float32")
    loud = np.abs(sound).reshape(-1, RATE_HZ // 100).max(axis=1) > 0.02
    assert loud.sum() > 800  # 8 s of speech


class UntilHeard:
    """A file, and then silence until the recogniser has caught up and the far end has had the time
    to speak all of it."""

    def __init__(self, path: Path) -> None:
        self._file = WavSource(path)
        self._quiet_samples = 0

    def heed(self, stats: Stats) -> None:
        if stats.behind_s > 0.1:
            self._quiet_samples = 0

    def read(self, samples: int) -> Pcm | None:
        if (pcm := self._file.read(samples)) is not None:
            return pcm
        self._quiet_samples += samples
        return np.zeros(samples, np.float32) if self._quiet_samples < 12 * RATE_HZ else None

    def close(self) -> None:
        """Nothing is open."""


async def talk(url: str, folder: Path) -> tuple[list[str], list[str], Report]:
    """What the talker's relay understood, what the listener read, and the listener's report."""
    rooms: asyncio.Queue[str] = asyncio.Queue()
    said, heard = list[str](), list[str]()

    def listen(line: str) -> None:
        if line.startswith("Room: "):
            rooms.put_nowait(line.split("Room: ")[1])
        if line.startswith("The other: "):
            heard.append(line.removeprefix("The other: "))

    def mouth(line: str) -> None:
        if line.startswith("You: "):
            said.append(line.removeprefix("You: "))

    source = UntilHeard(folder / "said.wav")
    ear = Call(Terms(url, "ear", None, 120), Silence(), WavSink(folder / "heard.wav"), listen)
    listening = asyncio.create_task(ear.run())
    room = await asyncio.wait_for(rooms.get(), 20)
    talker = Call(
        Terms(room, "mouth", "text", 120),
        source,
        WavSink(folder / "unheard.wav"),
        mouth,
        source.heed,
    )
    await talker.run()
    return said, heard, await listening
