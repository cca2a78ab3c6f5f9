"""One person's network is lost for ten seconds, and comes back."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browsers import PER_S, chromium, speaks_from
from tests.network import WHY_NOT, Island, island, may_cut
from tests.recording import RATE_HZ, passage
from tests.serving import Relay, relay
from tests.test_end_to_end.conftest import Pair
from tests.voices import LOOP_S

CUT_S = 10.0
BACK_WITHIN_S = 15.0
LATE_S = 1.0
PLAYED_OUT_S = 1.5  # what was under way, and its concealment
INAUDIBLE, AUDIBLE = 0.001, 0.05
SAYS_SO = re.compile(
    "Your voice does not reach the relay|Link lost. Reconnecting; your seat is kept"
)


@pytest.fixture(scope="module")
def far_away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Island]:
    if not may_cut():
        pytest.skip(WHY_NOT)
    with island(tmp_path_factory.mktemp("island")) as there:
        yield there


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, far_away: Island) -> Iterator[Relay]:
    with relay(tmp_path_factory.mktemp("relay"), host="0.0.0.0") as running:
        yield running.at(far_away.address)


@pytest.fixture(scope="module")
def browsers(
    stage: Playwright, voices: tuple[Path, Path], far_away: Island, served: Relay
) -> Iterator[tuple[Browser, Browser]]:
    """Both take the page from a plain-HTTP address; the second one sits on the island."""
    trusted = f"--unsafely-treat-insecure-origin-as-secure={served.url}"
    with ExitStack() as stack:
        yield (
            stack.enter_context(chromium(stage, *speaks_from(voices[0]), trusted)),
            stack.enter_context(
                chromium(stage, *speaks_from(voices[1]), trusted, executable=far_away.chromium)
            ),
        )


def test_ten_seconds_without_a_network(
    call: Pair, far_away: Island, record_property: Callable[[str, object], None]
) -> None:
    ada, bo = call
    ada.record()
    far_away.cut()
    cut_s = time.time()
    lost = bo.page.locator("[data-tone=lost]")
    expect(lost).to_be_visible(timeout=CUT_S * PER_S)
    expect(lost).to_contain_text(SAYS_SO)
    expect(ada.page.locator("[data-tone=lost]")).to_contain_text(
        "The link of Bo is lost", timeout=(cut_s + CUT_S - time.time()) * PER_S
    )
    bo.wait_s(max(0, cut_s + CUT_S - time.time()))
    far_away.mend()
    mended_s = time.time()
    for talker in call:
        expect(talker.page.locator("[data-tone=fine]")).to_be_visible(timeout=BACK_WITHIN_S * PER_S)
    bo.wait_s(1)

    heard = ada.take().heard
    silent = heard.cut((cut_s + PLAYED_OUT_S) * 1000, mended_s * 1000)
    assert np.abs(silent).max() < INAUDIBLE
    after = heard.cut(mended_s * 1000, time.time() * 1000)
    back_s = np.argmax(np.abs(after) > AUDIBLE) / RATE_HZ
    record_property("heard again after, s", back_s)
    _expect_speech(call)


def _expect_speech(call: Pair) -> None:
    """In both directions, soon and clear; playout may still be on its way back to little delay."""
    for talker in call:
        talker.record()
    call[0].wait_s(LOOP_S + LATE_S)
    ada, bo = (talker.take() for talker in call)
    for said, heard in ((ada.said, bo.heard), (bo.said, ada.heard)):
        through = passage(said, heard, LOOP_S - 1, LATE_S)
        assert through.stoi > 0.8 and through.delay_s < 0.4, through
