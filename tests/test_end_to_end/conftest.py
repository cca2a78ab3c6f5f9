"""A relay, two people at two browsers, and their call."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browsers import PER_S, Talker, chromium, speaks_from
from tests.serving import Relay, relay
from tests.voices import readers

Pair = tuple[Talker, Talker]
PATIENCE_S = 20.0  # where a test names no limit of its own: for machines with other work to do


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with relay(tmp_path_factory.mktemp("relay")) as running:
        yield running


# By module, not by session: an open playwright has an event loop that asyncio tests cannot share.
@pytest.fixture(scope="module")
def stage() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE_S * PER_S)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return readers(tmp_path_factory.mktemp("voices"))


@pytest.fixture(scope="module")
def browsers(stage: Playwright, voices: tuple[Path, Path]) -> Iterator[tuple[Browser, Browser]]:
    with ExitStack() as stack:
        one, other = (stack.enter_context(chromium(stage, *speaks_from(voice))) for voice in voices)
        yield one, other


@pytest.fixture
def people(browsers: tuple[Browser, Browser]) -> Iterator[Pair]:
    """Ada and Bo, each with a fresh page."""
    with ExitStack() as stack:
        contexts = [stack.enter_context(browser.new_context()) for browser in browsers]
        ada, bo = (
            Talker(name, context.new_page())
            for name, context in zip(("Ada", "Bo"), contexts, strict=True)
        )
        yield ada, bo
        assert ada.complaints + bo.complaints == []


@pytest.fixture
def call(people: Pair, served: Relay) -> Pair:
    """Ada and Bo, talking."""
    return connect(people, served.url)


def connect(people: Pair, url: str) -> Pair:
    ada, bo = people
    link = ada.start_call(url)
    ada.join(link)
    bo.join(link)
    ada.expect_talking(bo)
    bo.expect_talking(ada)
    return people
