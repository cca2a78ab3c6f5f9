"""A call between two real browsers: mouth to ear, how well it is understood, what the relay uses.

From the samples that the talker's page has from its microphone to those that the listener's page
would play: both browsers' Opus and jitter buffers are in it, microphone and loudspeaker are not.
"""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import expect, sync_playwright

from benchmarks.usage import Window, process_of, usage
from tests.browsers import Talker, chromium, speaks_from
from tests.hearing import lag_s
from tests.recording import RATE_HZ, Recording, passage
from tests.serving import relay
from tests.test_end_to_end.conftest import connect
from tests.voices import readers

SETTLE_S = 3.0  # after a mode is chosen
LATE_S = 1.0  # the most that a delay is looked for
PIECE_S = 2.0  # long enough to be told from any other


@dataclass(frozen=True, slots=True)
class BrowserCall:
    """Both talk in one mode. Delays are of many pieces of 2 s, of both directions."""

    mode: str
    mouth_to_ear_ms: float  # median
    mouth_to_ear_low_ms: float  # 10th percentile
    mouth_to_ear_high_ms: float  # 90th
    relay_ms: float | None  # the part from frame and bundle to the relay's jitter buffer
    browser_ms: float | None  # the part of the listener's browser; both as the page shows them
    stoi: float  # mean of both directions
    server_percent: float  # of one core
    machine_percent: float  # of one core: browsers, relay and whatever else


class Pair:
    """Two people in a call, and the relay's process."""

    def __init__(self, people: tuple[Talker, Talker], server: psutil.Process) -> None:
        self._people, self._server = people, server

    def measure(self, mode: str, title: str, seconds: float) -> BrowserCall:
        for talker in self._people:
            talker.choose_mode(title)
        for talker in self._people:
            expect(talker.lane("in")).to_contain_text(title)
        self._people[0].wait_s(SETTLE_S)
        for talker in self._people:
            talker.record()
        start_s = time.monotonic()
        used = usage(self._server, Window(start_s, start_s + seconds))
        shown = [_shown(talker) for talker in self._people]
        self._people[0].wait_s(LATE_S)
        ada, bo = (talker.take() for talker in self._people)
        ways = [(ada.said, bo.heard), (bo.said, ada.heard)]
        delays_ms = [1000 * late for way in ways for late in _delays_s(*way, seconds)]
        low, middle, high = (float(it) for it in np.percentile(delays_ms, [10, 50, 90]))
        return BrowserCall(
            mode=mode,
            mouth_to_ear_ms=middle,
            mouth_to_ear_low_ms=low,
            mouth_to_ear_high_ms=high,
            relay_ms=_mean([it.get("link") for it in shown]),
            browser_ms=_mean([it.get("browser") for it in shown]),
            stoi=float(np.mean([passage(*way, seconds - 1, LATE_S).stoi for way in ways])),
            server_percent=used.server_percent,
            machine_percent=used.machine_percent,
        )


@contextmanager
def pair(folder: Path) -> Iterator[Pair]:
    """A relay, two browsers and their call."""
    with ExitStack() as stack:
        running = stack.enter_context(relay(folder))
        stage = stack.enter_context(sync_playwright())
        people = []
        for name, voice in zip(("Ada", "Bo"), readers(folder), strict=True):
            browser = stack.enter_context(chromium(stage, *speaks_from(voice)))
            people.append(Talker(name, browser.new_context().new_page()))
        ada, bo = connect((people[0], people[1]), running.url)
        yield Pair((ada, bo), process_of(running))


def _delays_s(said: Recording, heard: Recording, seconds: float) -> Iterator[float]:
    """Of pieces of 2 s."""
    start_ms = max(said.starts_ms, heard.starts_ms)
    for place in range(int(seconds / PIECE_S)):
        from_ms = start_ms + 1000 * PIECE_S * place
        to_ms = from_ms + 1000 * PIECE_S
        spoken, come = said.cut(from_ms, to_ms), heard.cut(from_ms, to_ms + 1000 * LATE_S)
        yield lag_s(spoken, come, RATE_HZ, LATE_S)


def _shown(talker: Talker) -> dict[str, float]:
    """The parts of the delay, as the page shows them."""
    words = talker.page.locator("[aria-labelledby=arrives] dd").first.inner_text()
    return {name: float(ms) for name, ms in re.findall(r"(link|browser) (\d+) ms", words)}


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
