"""Two browsers in FocalCodec's modes: they are understood, also while the rate changes in a word,
and the page says what its streams take."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.recording import Passage, passage
from tests.test_end_to_end.conftest import Pair
from tests.voices import LOOP_S

RATES = ("Focal 600", "Focal 550", "Focal 800")
EACH_S = 1.2  # no whole number of frames
SETTLES_S = 2.0
LATE_S = 1.0
STOI = 0.7  # in virtual time, with an early set of weights: .83 to .85
CHANCES = 3  # a machine that does something else at the same time gives each so many


def test_two_talk_in_focal_modes_and_change_their_rate_in_a_word(
    call: Pair, record_property: Callable[[str, object], None]
) -> None:
    for talker in call:
        talker.choose_mode(RATES[0])
    for talker in call:
        expect(talker.lane("in")).to_contain_text(RATES[0])
        uses = talker.page.get_by_text(re.compile(r"^This call uses \d+ kB of this relay's memory"))
        expect(uses).to_be_visible()
    call[0].wait_s(SETTLES_S)
    for changing in (False, True):
        poor = list[Passage]()
        for _ in range(CHANCES):
            heard = _hear(call, changing=changing)
            record_property(f"changing: {changing}", heard)
            if min(it.stoi for it in heard) >= STOI:
                break
            poor += heard
        else:
            raise AssertionError(f"changing: {changing}: {poor}")


def _hear(call: Pair, *, changing: bool) -> tuple[Passage, Passage]:
    """One round of the microphones' files: how Bo hears Ada, and she him."""
    ada, bo = call
    for talker in call:
        talker.record()
    for second in range(round((LOOP_S + LATE_S) / EACH_S)):
        if changing:
            ada.choose_mode(RATES[second % len(RATES)])
            bo.choose_mode(RATES[-second % len(RATES)])
        ada.wait_s(EACH_S)
    mine, theirs = ada.take(), bo.take()
    return (
        passage(mine.said, theirs.heard, LOOP_S - 1, LATE_S),
        passage(theirs.said, mine.heard, LOOP_S - 1, LATE_S),
    )
