"""Every mode of the relay carries speech, no later than it may, for the bits that it promises."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import psutil
from playwright.sync_api import expect

from tests.recording import Passage, passage
from tests.test_end_to_end.conftest import Pair
from tests.voices import LOOP_S

LATE_S = 1.0  # the most that a delay is looked for

# (STOI, mouth to ear in ms) of each mode between two Chromium on one relay, both talking, on two
# otherwise idle cores of an AMD EPYC, 2026-11-21: the worse of LibriSpeech's and flite's voices.
MEASURED = {
    "opus-24k": (0.96, 50),
    "opus-16k": (0.93, 90),
    "opus-12k": (0.95, 100),
    "opus-9k": (0.92, 112),
    "opus-6k": (0.90, 121),
    "tiny-4k": (0.86, 206),
    "tiny-3k": (0.85, 204),
    "tiny-1500": (0.86, 268),
    "tiny-750": (0.84, 432),
    "tiny-500": (0.81, 421),
    "codec2-3200": (0.74, 228),
    "codec2-2400": (0.80, 206),
    "codec2-1600": (0.75, 306),
    "codec2-1400": (0.78, 286),
    "codec2-1300": (0.76, 269),
    "codec2-1200": (0.80, 260),
    "codec2-700c": (0.74, 397),
}
ELSEWHERE = {"focal"}  # test_focal_call.py
STOI_MARGIN = 0.1
DELAY_MARGIN_MS = 120  # the jitter of a machine that also runs both browsers
# A machine that does something else at the same time gives each mode several chances, each after
# so long in the mode: buffers that such a moment has made longer become shorter in some 10 s.
SETTLE_S = (1.5, 10.0, 20.0)

Mode = dict[str, Any]  # as /api/config tells it


@dataclass(frozen=True)
class Heard:
    """One round of the microphone's file in one mode, and what it cost in each second of it."""

    mode: Mode
    passage: Passage
    payload_bps: list[float]
    wire_bps: list[float]
    idle_percent: float  # of the machine meanwhile; near 0 it was too busy for a call

    def __str__(self) -> str:
        return (
            f"{self.mode['name']}: {self.passage}, expected {MEASURED[self.mode['name']]}; payload "
            f"{self.payload_bps} bit/s, wire {self.wire_bps} bit/s; "
            f"machine {self.idle_percent} % idle"
        )

    def is_fine(self) -> bool:
        stoi, delay_ms = MEASURED[self.mode["name"]]
        promised = {"payload_bps": self.payload_bps, "wire_bps": self.wire_bps}
        return (
            self.passage.stoi >= stoi - STOI_MARGIN
            and self.passage.delay_s * 1000 <= delay_ms + DELAY_MARGIN_MS
            and all(0.8 < max(shown) / self.mode[bps] for bps, shown in promised.items())
            # of a second, in which there may be a long packet more or less
            and all(median(shown) / self.mode[bps] < 1.25 for bps, shown in promised.items())
        )


def test_every_mode_is_understood_in_time_and_costs_what_it_says(
    call: Pair, record_property: Callable[[str, object], None]
) -> None:
    offered = call[0].page.evaluate("fetch('/api/config').then(it => it.json())")["modes"]
    modes = [
        mode
        for mode in offered
        if mode["available"] and not mode["captions"] and mode["codec"] not in ELSEWHERE
    ]
    assert {mode["name"] for mode in modes} == MEASURED.keys()
    for settle_s in SETTLE_S:
        heard = [it for pair in _pairs(modes) for it in _hear(pair, call, settle_s)]
        for it in heard:
            record_property(it.mode["name"], it)
        poor = [it for it in heard if not it.is_fine()]
        if not poor:
            return
        modes = [it.mode for it in poor]
    raise AssertionError("\n".join(map(str, poor)))


def _pairs(modes: list[Mode]) -> list[tuple[Mode, Mode]]:
    """Both people talk, in different modes but for the one that is left over."""
    half = len(modes) // 2
    left_over = [(modes[-1], modes[-1])] if len(modes) % 2 else []
    return list(zip(modes[:half], modes[half : 2 * half], strict=True)) + left_over


def _hear(modes: tuple[Mode, Mode], call: Pair, settle_s: float) -> Iterator[Heard]:
    for talker, listener, mode in zip(call, reversed(call), modes, strict=True):
        talker.choose_mode(mode["title"])
        expect(listener.lane("in")).to_contain_text(mode["title"])
    call[0].wait_s(settle_s)
    costs: list[list[tuple[float, float]]] = [[], []]
    psutil.cpu_times_percent()
    for talker in call:
        talker.record()
    for _ in range(round(LOOP_S + LATE_S)):
        call[0].wait_s(1)
        for mine, talker in zip(costs, call, strict=True):
            mine.append((talker.payload_bps(), talker.wire_bps()))
    idle_percent = psutil.cpu_times_percent().idle
    ada, bo = (talker.take() for talker in call)
    for mode, mine, said, heard in zip(
        modes, costs, (ada.said, bo.said), (bo.heard, ada.heard), strict=True
    ):
        payload_bps, wire_bps = (list(each) for each in zip(*mine, strict=True))
        through = passage(said, heard, LOOP_S - 1, LATE_S)
        yield Heard(mode, through, payload_bps, wire_bps, idle_percent)
