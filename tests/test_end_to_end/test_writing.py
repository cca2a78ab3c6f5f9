"""Two people write to each other while they talk: it arrives, whatever the link loses."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browsers import PER_S, Talker
from tests.serving import Relay, relay
from tests.test_end_to_end.conftest import Pair, connect
from tests.test_end_to_end.test_access import expect_accessible

ARRIVES_WITHIN_S = 30.0
LOSSY = """
[lossy]
title = "Lossy"
words = "Every fifth packet is lost."
delay_ms = 50
loss = 0.2
"""
LINES = tuple(f"Line {number} of ten, Größe 12 m 🪢" for number in range(1, 11))


def test_both_read_what_either_writes(call: Pair) -> None:
    ada, bo = call
    below = bo.heading("Every bit")
    place = below.bounding_box()
    write(ada, "Bring 12 m of rope.")
    expect_lines(ada, "You wrote Bring 12 m of rope.")
    expect_lines(bo, "Ada wrote Bring 12 m of rope.")
    assert place and below.bounding_box() == place
    write(bo, "<b>Größe</b> egal?")
    expect_lines(ada, "You wrote Bring 12 m of rope.", "Bo wrote <b>Größe</b> egal?")
    expect_lines(bo, "Ada wrote Bring 12 m of rope.", "You wrote <b>Größe</b> egal?")
    expect(field(bo)).to_be_focused()
    expect(field(bo)).to_have_value("")
    expect_accessible(ada.page)


def test_a_line_of_nothing_is_none_and_the_longest_arrives_whole(call: Pair) -> None:
    ada, bo = call
    write(ada, "   ")
    longest = "Wort " * 79 + "Ende."
    write(ada, longest + "too much")
    expect_lines(bo, f"Ada wrote {longest}")


def test_a_link_that_loses_every_fifth_packet_loses_no_line(people: Pair, tmp_path: Path) -> None:
    with lossy_relay(tmp_path) as served:
        ada, bo = connect(people, served.url)
        ada.choose_mode("Codec2 1300")
        lost = bo.page.get_by_role("region", name="How it arrives")
        expect(lost).to_contain_text(re.compile(r"Lost on the link *[123]\d(\.\d)? %"))
        for line in LINES:
            write(ada, line)
            write(bo, line.upper())
        expect_lines(bo, *(f"Ada wrote {line}" for line in LINES), by="Ada wrote")
        expect_lines(ada, *(f"Bo wrote {line.upper()}" for line in LINES), by="Bo wrote")


def test_the_transcript_is_saved_also_after_the_call(call: Pair) -> None:
    ada, bo = call
    write(ada, "Over at noon.")
    expect_lines(bo, "Ada wrote Over at noon.")
    ada.leave()
    expect(bo.heading("Call ended")).to_be_visible()
    with bo.page.expect_download() as saving:
        bo.button("Save transcript").click()
    assert saving.value.suggested_filename.endswith(".txt")
    text = saving.value.path().read_text(encoding="utf-8")
    assert text.startswith("Sotto: a call of Bo and Ada\n")
    assert text.endswith(" Ada (written): Over at noon.\n")


@contextmanager
def lossy_relay(folder: Path) -> Iterator[Relay]:
    """With one link profile, which loses a fifth."""
    (folder / "links.toml").write_text(LOSSY)
    (folder / "server.toml").write_text('links_file = "links.toml"\ndefault_link = "lossy"\n')
    with relay(folder, "127.0.0.1", "--config", str(folder / "server.toml")) as served:
        yield served


def write(talker: Talker, text: str) -> None:
    """As a person does: into the field, then Enter."""
    field(talker).click()
    talker.page.keyboard.insert_text(text)
    talker.page.keyboard.press("Enter")


def field(talker: Talker) -> Locator:
    return talker.page.get_by_label("Write a line")


def expect_lines(talker: Talker, *lines: str, by: str = "") -> None:
    """These in this order, and no others of that writer."""
    shown = talker.page.get_by_role("group", name="Lines so far").get_by_role("listitem")
    expect(shown.filter(has_text=by)).to_have_text(lines, timeout=ARRIVES_WITHIN_S * PER_S)
