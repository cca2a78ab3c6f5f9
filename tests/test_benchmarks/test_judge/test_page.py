import base64
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.codecs.page import Heard, flac, render
from benchmarks.codecs.results import Run
from tests.browsers import chromium
from tests.judged import SENTENCES, cell, planted_run, replaced, with_a_fault

RATE_HZ = 16_000
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Read(HTMLParser):
    """Tags with their attributes, and the words. Raises AssertionError where tags do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def heard(run: Run) -> list[Heard]:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    return [
        Heard(it.name, condition, SENTENCES[0].id, tone, RATE_HZ)
        for condition in ("clean", "loss-10")
        for it in run.systems
        if not it.unavailable
    ]


@pytest.fixture(scope="module")
def html() -> str:
    run = with_a_fault(planted_run())
    opus = next(it for it in run.systems if it.name == "opus-6k")
    clean = {**opus.scores["clean"], "pesq_wb": cell([None] * 12, "Spoken <anew>.")}
    run = replaced(run, "opus-6k", scores={**opus.scores, "clean": clean})
    return render(run, heard(run))


def test_it_holds_every_system_and_what_is_missing(html: str) -> None:
    words = Read(html).words
    run = planted_run()
    assert all(it.title in words for it in run.systems)
    assert "no weights in shared/instruments/mimi: <see> the README" in words
    assert "no weights: see docs & <more>" in words
    assert "the decoder returned <NaN>" in words
    assert all(it.words in words for it in run.conditions)
    assert "planted <speech>, spoken by a synthesiser: 12 sentences of 3 speakers" in " ".join(
        words.split()
    )


def test_what_does_not_apply_has_a_note(html: str) -> None:
    assert '<li id="note-1-1">Spoken &lt;anew&gt;.</li>' in html
    assert '<a href="#note-1-1" aria-label="note 1">' in html


def test_nothing_comes_from_outside(html: str) -> None:
    read = Read(html)
    assert "://" not in html
    sources = [it["src"] or "" for tag in ("img", "audio") for it in read.of(tag)]
    assert sources and all(it.startswith("data:") for it in sources)
    assert not read.of("link") and all("src" not in it for it in read.of("script"))
    assert all((it["href"] or "").startswith("#") for it in read.of("a"))


def test_every_system_can_be_heard(html: str) -> None:
    run = planted_run()
    players = Read(html).of("audio")
    assert len(players) == 2 * sum(not it.unavailable for it in run.systems)
    assert all(it["preload"] == "none" and "controls" in it for it in players)
    assert players[0]["aria-label"] == f"Original, clean, {SENTENCES[0].id}"
    data = base64.b64decode((players[0]["src"] or "").partition(",")[2])
    pcm, rate_hz = soundfile.read(io.BytesIO(data))
    assert (len(pcm), rate_hz) == (RATE_HZ, RATE_HZ)
    assert np.abs(pcm).max() == pytest.approx(0.3, abs=0.001)


def test_marks_of_the_sentence_stand_beside_its_players(html: str) -> None:
    cells = next(it for it in planted_run().systems if it.name == "opus-24k").scores["clean"]
    pesq, estoi = (cells[key].values[0] for key in ("pesq_wb", "estoi"))
    assert pesq and estoi
    assert f"PESQ-WB {pesq:.2f}, ESTOI {estoi:.3f}".replace(" 0.", " .") in html
    clean = html[html.index('id="listen"') :].split("<h3>")[1]
    original, *others = clean.split("<li>")[1:]
    assert original.startswith("Original") and "PESQ-WB" not in original  # it is as near as can be
    assert sum("PESQ-WB" in it for it in others) == len(others) - 1  # Opus 6 has none, for once


def test_a_page_to_listen_to_begins_with_sounds(html: str) -> None:
    run = planted_run()
    samples = render(run, heard(run), sounds_first=True)
    for page, order in ((samples, ("listen", "measured")), (html, ("measured", "listen"))):
        anchors = [it["href"] or "" for it in Read(page).of("a")]
        assert anchors.index(f"#{order[0]}") < anchors.index(f"#{order[1]}")
        assert page.index(f'id="{order[0]}"') < page.index(f'id="{order[1]}"')
        assert page.count('id="listen"') == 1
    assert len(Read(samples).of("audio")) == len(Read(html).of("audio"))


def test_too_loud_sounds_are_cut_and_do_not_wrap() -> None:
    pcm, _ = soundfile.read(io.BytesIO(flac(np.array([1.5, -1.5], dtype=np.float32), RATE_HZ)))
    assert pcm[0] == pytest.approx(1.0, abs=1e-3) and pcm[1] == pytest.approx(-1.0, abs=1e-3)


def test_every_caption_has_its_n(html: str) -> None:
    captions = re.findall(r"<figcaption>(.+?)</figcaption>", html, re.DOTALL)
    assert captions and all(re.search(r"n = \d+", it) for it in captions)


def test_a_run_of_nothing_is_a_page_as_well() -> None:
    run = replace(planted_run(), systems=(), conditions=(), instruments=())
    assert "Nothing: every system and every instrument ran." in Read(render(run, [])).words


@pytest.fixture
def page(html: str) -> Iterator[Page]:
    with sync_playwright() as playwright, chromium(playwright) as browser:
        page = browser.new_page(viewport={"width": 360, "height": 740})
        page.set_content(html)
        yield page


def test_a_phone_shows_it_and_a_header_sorts(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    table = page.locator("table").first
    table.get_by_role("button", name="PESQ-WB").press("Enter")
    names = table.locator("tbody th")
    expect(names.first).to_have_text("Codec2 700C")
    expect(names.last).to_have_text("Opus 6")  # it has no figure
    table.get_by_role("button", name="PESQ-WB").press("Enter")
    expect(names.first).to_have_text("Original")
    expect(names.last).to_have_text("Opus 6")
    assert all(page.evaluate("[...document.images].map(it => it.naturalWidth > 0)"))
