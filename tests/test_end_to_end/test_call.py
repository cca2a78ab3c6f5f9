"""What two people do in a call besides talking: mute, hold to talk, load the page again, change the
link, hang up.
"""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browsers import PER_S
from tests.recording import Passage, passage
from tests.test_end_to_end.conftest import Pair
from tests.voices import LOOP_S

INAUDIBLE, AUDIBLE = 0.001, 0.05
UNDER_WAY_S = 1.0
LATE_S = 1.5
HANG_UP_WITHIN_S = 2.0
RELOAD_S = 5.0  # sotto_signaling.rooms: a page that goes away may only be loading again
SATELLITE_S = 0.28  # configs/links.toml: geo-satellite
# A packet of 250 bits at 16 kbit/s, and what jitter buffers add for 30 ms of jitter and 1 % loss
SATELLITE_MORE_S = 0.2
# The browser's own jitter buffer takes a change of delay for jitter, and forgets it slowly.
SETTLINGS = 3


def test_muted_is_silence_and_hold_to_talk_lets_through(call: Pair) -> None:
    ada, bo = call
    seen_by_bo = bo.card("The other")
    ada.page.keyboard.press("m")
    expect(seen_by_bo).to_contain_text("Muted")
    assert np.abs(_heard_by(call, 2.0)).max() < INAUDIBLE

    ada.page.keyboard.down("Space")
    expect(seen_by_bo).not_to_contain_text("Muted")
    assert np.abs(_heard_by(call, 2.0)).max() > AUDIBLE

    ada.page.keyboard.up("Space")
    expect(seen_by_bo).to_contain_text("Muted")
    assert np.abs(_heard_by(call, 2.0)).max() < INAUDIBLE

    ada.button("Mute").click()
    expect(seen_by_bo).to_contain_text("Speaking")


def test_a_page_that_is_loaded_again_takes_its_seat_again(call: Pair) -> None:
    ada, bo = call
    bo.page.reload()
    bo.expect_talking(ada)
    expect(ada.page.locator("[data-tone=fine]")).to_contain_text("Bo is back.")
    for through in _both_ways(call):
        assert through.stoi > 0.8, through


def test_a_satellite_is_as_late_as_its_profile_says(
    call: Pair, record_property: Callable[[str, object], None]
) -> None:
    ada, bo = call
    for talker in call:
        talker.choose_mode("Codec2 1300")
    near = _both_ways(call)
    link = "The link between you, for both"
    ada.page.get_by_label(link).select_option("geo-satellite")
    expect(bo.page.get_by_label(link)).to_have_value("geo-satellite")
    for _ in range(SETTLINGS):
        far = _both_ways(call)
        added_s = [after.delay_s - before.delay_s for before, after in zip(near, far, strict=True)]
        record_property("added by the satellite, s", (near, far))
        if all(SATELLITE_S * 0.9 <= it <= SATELLITE_S + SATELLITE_MORE_S for it in added_s):
            return
    pytest.fail(f"the satellite adds {added_s} s")


def test_hanging_up_reaches_the_other(call: Pair) -> None:
    ada, bo = call
    ada.leave()
    expect(bo.heading("Call ended")).to_be_visible(timeout=HANG_UP_WITHIN_S * PER_S)
    expect(bo.page.get_by_text("Ada hung up.")).to_be_visible()
    expect(ada.page.get_by_text("You hung up.")).to_be_visible()


def test_closing_the_tab_is_hanging_up(call: Pair) -> None:
    ada, bo = call
    ada.page.close()
    expect(bo.heading("Call ended")).to_be_visible(timeout=(RELOAD_S + 2) * PER_S)
    expect(bo.page.get_by_text("Ada hung up.")).to_be_visible()


def _heard_by(call: Pair, length_s: float) -> "np.typing.NDArray[np.float32]":
    """What Bo hears once that which was under way has arrived."""
    bo = call[1]
    bo.wait_s(UNDER_WAY_S)
    bo.record()
    bo.wait_s(length_s)
    return bo.take().heard.pcm


def _both_ways(call: Pair) -> list[Passage]:
    """How Ada and Bo come through, once the jitter buffers have settled."""
    call[0].wait_s(2)
    for talker in call:
        talker.record()
    call[0].wait_s(LOOP_S + LATE_S)
    ada, bo = (talker.take() for talker in call)
    pairs = ((ada.said, bo.heard), (bo.said, ada.heard))
    return [passage(said, heard, LOOP_S - 1, LATE_S) for said, heard in pairs]
