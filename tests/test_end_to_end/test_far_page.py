"""Two browsers at two relays, a link of 2400 bit/s between: what the page says of it."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browsers import PER_S
from tests.test_end_to_end.conftest import Pair
from tests.test_end_to_end.test_access import expect_accessible
from tests.test_end_to_end.test_thin_link import two_sites

MODE = "Codec2 700C"
LINK = ("--rate", "2400", "--delay", "300")
CROSSES_WITHIN_S = 10.0  # a goodbye
WORDS_WITHIN_S = 40.0  # a whole bundle, then 5 s of the call
ROOM_CROSSES_S = 3.0


def test_the_page_says_how_a_call_is_packed_and_what_it_costs(people: Pair, tmp_path: Path) -> None:
    ada, bo = people
    with two_sites(tmp_path, *LINK) as (ship, shore, between):
        link = ada.start_call(ship.url)
        ada.join(link)
        expect(ada.page.get_by_text("the address of the relay there")).to_be_visible()
        ada.choose_mode(MODE)
        ada.wait_s(ROOM_CROSSES_S)
        bo.join(link.replace(ship.url, shore.url))
        bo.choose_mode(MODE)
        expect(ada.lane("in")).to_contain_text(MODE, timeout=WORDS_WITHIN_S * PER_S)
        for each in people:
            packed = each.page.locator("[data-link=up]")
            expect(packed).to_contain_text(
                re.compile(r"While you talk: ?[12]\.\d kbit/s, \d\.\d s behind"),
                timeout=WORDS_WITHIN_S * PER_S,
            )
            expect(each.page.locator("[aria-labelledby=bits]")).to_contain_text(
                re.compile(r"\d kB so far, \d\.\d MB per hour; the same call on Signal: \d+ kB"),
                timeout=WORDS_WITHIN_S * PER_S,
            )
            expect(each.page.get_by_text("The link between you is a real one")).to_be_visible()
            assert 0 < each.wire_bps() <= 2400
        expect_accessible(ada.page)
        ada.leave()
        expect(bo.heading("Call ended")).to_be_visible(timeout=CROSSES_WITHIN_S * PER_S)
        between.counters()
