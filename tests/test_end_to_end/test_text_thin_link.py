"""Two relays with nothing but 220 bit/s between them, 600 ms: two people talk in turn, in text."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from sotto_app.media.call import Call, Terms
from sotto_app.media.sound import WavSink, WavSource
from sotto_signaling.messages import Stats
from tests.serving import Relay
from tests.speech import Speech
from tests.test_end_to_end.test_thin_link import once_it_crossed, two_sites

RATE_HZ = 48_000
LINK_BPS = 220
THIN = ("--rate", str(LINK_BPS), "--delay", "600", "--queue", "10000")
SETTINGS = f"[gateway]\nbudget_bps = {LINK_BPS}\ncalls = 1\n"
UP_WITHIN_S = 40.0  # the set-up alone has 283 bytes, and waits for two answers
TURN_S = 10.0  # of talk
ANSWERED_S = 12.0  # after it the other begins
ALL_HEARD_S = 30.0  # after the last word, on a machine with other work to do
CALL_S = 120.0
LOUD, LOUD_S = 0.02, 5.0  # of the ten that were said; synthesisers pause elsewhere
CROSSES_S = 30.0  # a phrase, and is spoken, on a machine with other work: 3 s of it are the line


@dataclass
class Page:
    """What one of them would see."""

    said: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    said_s: list[float] = field(default_factory=list)
    read_s: list[float] = field(default_factory=list)
    costs: list[tuple[float, int]] = field(default_factory=list)  # when, bytes in both directions

    def note(self, line: str) -> None:
        for who, words, times_s in (
            ("You: ", self.said, self.said_s),
            ("The other: ", self.read, self.read_s),
        ):
            if line.startswith(who):
                words.append(line.removeprefix(who))
                times_s.append(time.monotonic())

    def heed(self, stats: Stats) -> None:
        self.costs.append((time.monotonic(), stats.sent.total_bytes + stats.received.total_bytes))


async def test_two_people_talk_in_turn_over_220_bits(
    tmp_path: Path, speech: Speech, record_property: Callable[[str, object], None]
) -> None:
    say(speech, tmp_path)
    ada, bo = Page(), Page()
    with two_sites(tmp_path, *THIN, settings=SETTINGS) as (ship, shore, between):
        await is_up(ship)
        await talk(ship, shore, tmp_path, (ada, bo))
        assert all(not way["dropped"] for way in between.counters().values())
    assert len(ada.said) >= 2 and bo.read == ada.said
    assert len(bo.said) >= 2 and ada.read == bo.said
    waits_s = np.subtract(bo.read_s + ada.read_s, ada.said_s + bo.said_s)
    assert max(waits_s) < CROSSES_S
    for name in ("ship", "shore"):
        sound, _ = soundfile.read(tmp_path / f"{name}-heard.wav", dtype="float32")
        loud = np.abs(sound).reshape(-1, RATE_HZ // 100).max(axis=1) > LOUD
        assert loud.sum() > 100 * LOUD_S
    bps = cost_bps(ada)
    record_property("both directions, all headers, bit/s", bps)
    record_property("a phrase crosses in, s", [round(float(it), 1) for it in waits_s])
    assert 0 < bps <= LINK_BPS


def say(speech: Speech, folder: Path) -> None:
    """One speaks, then the other; each by half of the sentences."""
    turn = round(TURN_S * RATE_HZ)
    wait_s = TURN_S + ANSWERED_S
    before, after = (np.zeros(round(it * RATE_HZ), np.float32) for it in (wait_s, ALL_HEARD_S))
    one, other = speech.at(RATE_HZ)[:turn], speech.at(RATE_HZ)[turn : 2 * turn]
    for name, parts in (("ship", (one, before, after)), ("shore", (before, other, after))):
        soundfile.write(folder / f"{name}.wav", np.concatenate(parts), RATE_HZ)


async def is_up(ship: Relay) -> None:
    """By what its gateway says."""
    for _ in range(round(UP_WITHIN_S / 0.2)):
        if "the thin link is up" in ship.log.read_text():
            return
        await asyncio.sleep(0.2)
    raise AssertionError("the link was not set up")


async def talk(ship: Relay, shore: Relay, folder: Path, pages: tuple[Page, Page]) -> None:
    """In the mode that calls begin with on such a link."""
    rooms: asyncio.Queue[str] = asyncio.Queue()

    def call(url: str, name: str, page: Page) -> Call:
        def note(line: str) -> None:
            page.note(line)
            if line.startswith("Room: "):
                rooms.put_nowait(line.rsplit("/", 1)[1])

        mouth, ear = WavSource(folder / f"{name}.wav"), WavSink(folder / f"{name}-heard.wav")
        return Call(Terms(url, name, None, CALL_S), mouth, ear, note, page.heed)

    first = asyncio.create_task(call(ship.url, "ship", pages[0]).run())
    room = await asyncio.wait_for(rooms.get(), 20)
    await once_it_crossed(lambda: call(f"{shore.url}/r/{room}", "shore", pages[1]))
    await first


def cost_bps(page: Page) -> float:
    """Of the whole conversation, both directions together, all headers: from the first word to be
    read to the last."""
    from_s, to_s = min(page.said_s) - TURN_S / 2, max(page.read_s)
    within = [count for at_s, count in page.costs if from_s <= at_s <= to_s]
    return 8 * (within[-1] - within[0]) / (to_s - from_s)
