"""People in tests: each sits at a Chromium process of their own, speaks from a file, and has ears
that record.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.recording import Recording

NAMES = ("chromium", "chromium-browser", "google-chrome")
RECORDER = (Path(__file__).parent / "recorder.js").read_text()
PER_S = 1000  # playwright counts in milliseconds
MEETS_WITHIN_S = 20.0

RECORDED = ("microphone", "far")


@dataclass(frozen=True, eq=False)
class Sounds:
    """What one person said and heard at the same time."""

    said: Recording
    heard: Recording


FAKE_DEVICE = ("--use-fake-device-for-media-stream",)


def speaks_from(voice: Path) -> tuple[str, ...]:
    """Flags for a microphone that repeats a sound file, and a user who allows it."""
    return (
        *FAKE_DEVICE,
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={voice}",
    )


def installed() -> str:
    """Where Chromium is. Raises AssertionError where it is not."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "there is no Chromium: scripts/install-system-packages installs it"
    return found


@contextmanager
def chromium(
    playwright: Playwright, *flags: str, executable: Path | None = None
) -> Iterator[Browser]:
    """A process with a profile of its own; without flags it has no microphone."""
    browser = playwright.chromium.launch(
        executable_path=executable or installed(),
        chromium_sandbox=False,  # a container's root may not have one
        args=["--allow-loopback-in-peer-connection", *flags],
    )
    try:
        yield browser
    finally:
        browser.close()


@dataclass
class Talker:
    """One person with the page open."""

    name: str
    page: Page
    complaints: list[str] = field(default_factory=list)  # errors on the console of the page

    def __post_init__(self) -> None:
        self.page.add_init_script(RECORDER)
        self.page.on("console", lambda it: self._complain(it.type, it.text))
        self.page.on("pageerror", lambda fault: self._complain("error", str(fault)))

    def _complain(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(text)

    def start_call(self, url: str) -> str:
        """From the first page to the green room of a new call. Its link."""
        self.page.goto(url)
        self.button("Start a call").click()
        self.page.wait_for_url("**/r/*")
        return self.page.url

    def ask_for_a_seat(self, link: str) -> None:
        """Through the green room. The browser's clean-up is off: tests compare sounds."""
        if self.page.url != link:
            self.page.goto(link)
        self.page.get_by_label("Your name").fill(self.name)
        self.page.get_by_label("Clean up my sound").uncheck()
        self.button("Join").click()

    def join(self, link: str) -> None:
        """Until the seat is taken."""
        self.ask_for_a_seat(link)
        expect(self.heading("Waiting for the other").or_(self.heading("Call with"))).to_be_visible()

    def expect_talking(self, other: "Talker") -> None:
        """Both in the call, and the other's voice comes."""
        expect(self.heading(f"Call with {other.name}")).to_be_visible()
        expect(self.page.locator("[data-tone=fine]")).to_be_visible(timeout=MEETS_WITHIN_S * PER_S)
        expect(self.lane("in")).not_to_contain_text("–", timeout=MEETS_WITHIN_S * PER_S)

    def choose_mode(self, title: str) -> None:
        """Until the relay has said yes."""
        mode = self.page.get_by_role("radio", name=title, exact=True)
        mode.click()
        expect(mode).to_be_checked()

    def leave(self) -> None:
        self.button("Leave").click()

    def lane(self, direction: Literal["in", "out"]) -> Locator:
        """Mode and rate of one direction, as the page shows them."""
        return self.page.locator(f"[data-direction={direction}]")

    def card(self, role: Literal["You", "The other"]) -> Locator:
        """One person, as the page shows them."""
        return self.page.locator("[data-speaking]").filter(has_text=role)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name)

    def record(self) -> None:
        """What goes into the microphone and what the page plays, until `take`."""
        for where in RECORDED:
            self.page.evaluate("where => sottoTests.record(where)", where)

    def take(self) -> Sounds:
        said, heard = (
            Recording.of(self.page.evaluate("where => sottoTests.take(where)", where))
            for where in RECORDED
        )
        return Sounds(said, heard)

    def payload_bps(self) -> float:
        """Of what is sent, as the page shows it."""
        return bps(self.page.locator("[data-kind=payload] dd").inner_text())

    def wire_bps(self) -> float:
        """Of what is sent, headers included, as the page shows it."""
        return bps(self.lane("out").inner_text())

    def wait_s(self, seconds: float) -> None:
        """Lets the call go on while a recording runs."""
        self.page.wait_for_timeout(seconds * PER_S)


def bps(words: str) -> float:
    """The number in "12.3 kbit/s". Raises AssertionError where there is none."""
    found = re.search(r"([\d.]+) (k?)bit/s", words)
    assert found, words
    return float(found[1]) * (1000 if found[2] else 1)
