"""What is in the way of a call: each a clear screen with a way on."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browsers import FAKE_DEVICE, PER_S, Talker, chromium, speaks_from
from tests.serving import Relay, relay
from tests.test_end_to_end.conftest import Pair

GIVES_UP_AFTER_S = 10.0  # frontend/src/session/call.ts
NAME = "sotto.test"


def test_a_third_is_told_that_the_room_is_full(
    call: Pair, browsers: tuple[Browser, Browser]
) -> None:
    link = call[0].page.url
    with browsers[0].new_context() as context:
        eve = Talker("Eve", context.new_page())
        eve.ask_for_a_seat(link)
        expect(eve.heading("This room is full")).to_be_visible()
        expect(eve.button("Start a new call")).to_be_visible()
    expect(call[0].heading("Call with Bo")).to_be_visible()


def test_a_room_that_is_not_there(people: Pair, served: Relay) -> None:
    ada = people[0]
    ada.ask_for_a_seat(f"{served.url}/r/{'x' * 32}")
    expect(ada.heading("There is no such room")).to_be_visible()
    ada.button("Start a new call").click()
    expect(ada.heading("Before you join")).to_be_visible()


@pytest.mark.parametrize(
    ("sound", "title"),
    [(FAKE_DEVICE, "The microphone is blocked"), ((), "There is no microphone")],
)
def test_without_a_microphone_one_can_listen(
    stage: Playwright, served: Relay, people: Pair, sound: tuple[str, ...], title: str
) -> None:
    bo = people[1]
    link = bo.start_call(served.url)
    bo.join(link)
    with chromium(stage, *sound) as browser, browser.new_context() as context:
        ada = Talker("Ada", context.new_page())
        ada.page.goto(link)
        expect(ada.heading(title)).to_be_visible()
        ada.button("Only listen").click()
        ada.page.get_by_label("Your name").fill(ada.name)
        ada.button("Join").click()
        ada.expect_talking(bo)


def test_a_page_over_plain_http_says_why_it_hears_nothing(
    stage: Playwright, served: Relay, voices: tuple[Path, Path]
) -> None:
    resolver = f"--host-resolver-rules=MAP {NAME} 127.0.0.1"
    with ExitStack() as stack:
        browser = stack.enter_context(chromium(stage, *speaks_from(voices[0]), resolver))
        page = stack.enter_context(browser.new_context()).new_page()
        ada = Talker("Ada", page)
        ada.start_call(served.at(NAME).url)
        expect(ada.heading("This page has no right to a microphone")).to_be_visible()
        expect(ada.page.get_by_role("link", name="Open this page over HTTPS")).to_be_visible()


def test_a_relay_that_is_gone(people: Pair, tmp_path: Path) -> None:
    ada = people[0]
    with relay(tmp_path) as running:
        link = ada.start_call(running.url)
        expect(ada.heading("Before you join")).to_be_visible()
    ada.ask_for_a_seat(link)
    expect(ada.heading("The relay does not answer")).to_be_visible(
        timeout=(GIVES_UP_AFTER_S + 5) * PER_S
    )
    ada.complaints.clear()  # the browser's own, about the socket that nobody answers
