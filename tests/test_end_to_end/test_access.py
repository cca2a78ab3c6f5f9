"""Every screen for everybody: axe finds nothing, light or dark, wide or on a phone; and a call by
keyboard alone.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browsers import Talker
from tests.serving import Relay
from tests.test_end_to_end.conftest import Pair

AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
SIZES: tuple[ViewportSize, ...] = ({"width": 1280, "height": 800}, {"width": 360, "height": 740})
MOST_TABS = 40


def test_axe_finds_nothing_before_a_call(people: Pair, served: Relay) -> None:
    ada = people[0]
    ada.page.goto(served.url)
    expect(ada.button("Start a call")).to_be_visible()
    expect_accessible(ada.page)
    ada.start_call(served.url)
    expect(ada.heading("Before you join")).to_be_visible()
    expect_accessible(ada.page)
    ada.ask_for_a_seat(f"{served.url}/r/{'x' * 32}")
    expect(ada.heading("There is no such room")).to_be_visible()
    expect_accessible(ada.page)


def test_axe_finds_nothing_in_a_call_and_after_it(call: Pair) -> None:
    ada, bo = call
    expect_accessible(ada.page)
    bo.leave()
    expect(ada.heading("Call ended")).to_be_visible()
    expect_accessible(ada.page)


def test_a_call_by_keyboard_alone(people: Pair, served: Relay) -> None:
    ada, bo = people
    keys = ada.page.keyboard
    ada.page.goto(served.url)
    _tab_to(ada, ada.button("Start a call"))
    keys.press("Enter")
    expect(ada.heading("Before you join")).to_be_focused()
    _tab_to(ada, ada.page.get_by_label("Your name"))
    keys.type(ada.name)
    _tab_to(ada, ada.button("Join"))
    keys.press("Enter")
    expect(ada.heading("Waiting for the other")).to_be_focused()
    bo.join(ada.page.url)
    ada.expect_talking(bo)

    _tab_to(ada, ada.page.get_by_role("radio", name="Opus 24"))
    keys.press("ArrowDown")
    expect(bo.lane("in")).to_contain_text("Opus 16")
    keys.press("m")
    expect(bo.card("The other")).to_contain_text("Muted")
    _tab_to(ada, ada.button("Leave"))
    keys.press("Enter")
    expect(ada.heading("Call ended")).to_be_focused()
    expect(bo.heading("Call ended")).to_be_visible()


def expect_accessible(page: Page) -> None:
    page.evaluate(AXE.read_text())
    for size in SIZES:
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = page.evaluate("axe.run().then(result => result.violations)")
            faults = [(it["id"], [node["html"] for node in it["nodes"]]) for it in found]
            assert faults == [], (page.title(), size, scheme)


def _tab_to(talker: Talker, wanted: Locator) -> None:
    """As somebody without a mouse; what has the focus must be seen to have it."""
    expect(wanted).to_be_visible()
    for _ in range(MOST_TABS):
        talker.page.keyboard.press("Tab")
        if wanted.evaluate("it => it === document.activeElement"):
            assert wanted.evaluate("it => it.matches(':focus-visible')")
            return
    pytest.fail(f"{wanted} cannot be reached with the Tab key")
