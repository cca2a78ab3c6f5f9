"""Two browsers at two relays, 2400 bit/s between them with 5 % loss. Both talk; the link is cut for
a minute; the call goes on without anybody doing anything.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import expect

from tests.browsers import PER_S, Talker
from tests.serving import Relay
from tests.test_end_to_end.conftest import Pair
from tests.test_end_to_end.test_thin_link import THIN, two_sites

MODE = "Codec2 700C"
FROM_S, TO_S = 50.0, 110.0  # on the emulator's clock
CLOCK_S = 2.0  # which begins so much after ours, at most
UNDER_WAY_S = 10.0  # what the queue, the link and the far end's playout hold
SILENT_WITHIN_S = 30.0  # 25 s, and what was under way
BACK_WITHIN_S = 15.0
SAMPLE_S = 6.0  # the voices say something in any of so many seconds
INAUDIBLE, AUDIBLE = 0.001, 0.05
SILENT = re.compile("Nothing is heard from the other side")


def test_a_minute_without_a_link_ends_no_call(
    people: Pair, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    ada, bo = people
    cut = f"{FROM_S:.0f}..{TO_S:.0f}"
    with two_sites(tmp_path, *THIN, "--cut", cut) as (ship, shore, between):
        meet(people, ship, shore)
        while min(loudest(people)) < AUDIBLE:
            assert time.monotonic() < between.started_s + FROM_S - SAMPLE_S, "nothing is heard"

        wait_until(ada, between.started_s + FROM_S + CLOCK_S + UNDER_WAY_S)
        assert max(loudest(people)) < INAUDIBLE
        for each in people:
            told = each.page.locator("[data-tone=lost]")
            expect(told).to_contain_text(SILENT, timeout=SILENT_WITHIN_S * PER_S)

        wait_until(ada, between.started_s + TO_S)
        mended_s = time.monotonic()
        while min(loudest(people)) < AUDIBLE:
            assert time.monotonic() < mended_s + CLOCK_S + BACK_WITHIN_S, "nothing is heard again"
        record_property("heard again within, s", time.monotonic() - mended_s)
        for each, other in ((ada, bo), (bo, ada)):
            expect(each.page.get_by_text(SILENT)).to_have_count(0)
            expect(each.heading(f"Call with {other.name}")).to_be_visible()
            expect(each.lane("in")).to_contain_text(MODE)
            assert 0 < each.wire_bps() <= 2400
        counted = between.counters()
        assert all(way["cut"] for way in counted.values())
        for end in (ship, shore):
            expect_one_set_up(end)


def meet(people: Pair, ship: Relay, shore: Relay) -> None:
    """In one room, once it has crossed the link, both in the thin mode."""
    ada, bo = people
    link = ada.start_call(ship.url)
    ada.join(link)
    ada.choose_mode(MODE)
    there = link.replace(ship.url, shore.url)
    seated, unknown = bo.heading("Call with Ada"), bo.heading("There is no such room")
    while not seated.is_visible():
        bo.page.goto(there)
        bo.ask_for_a_seat(there)
        expect(seated.or_(unknown)).to_be_visible()
    bo.choose_mode(MODE)


def loudest(people: Pair) -> list[float]:
    """Of what each hears."""
    for each in people:
        each.record()
    people[0].wait_s(SAMPLE_S)
    return [float(np.abs(each.take().heard.pcm).max()) for each in people]


def wait_until(talker: Talker, at_s: float) -> None:
    talker.wait_s(max(0.0, at_s - time.monotonic()))


def expect_one_set_up(end: Relay) -> None:
    """By what the relay says in its log."""
    said = end.log.read_text()
    assert said.count("the thin link is up") == 1, said
    assert "the thin link is back after" in said and "the thin link is down" not in said, said
