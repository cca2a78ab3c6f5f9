"""docs/signaling.md says what is so: messages, limits, codes."""

import json
import re
from dataclasses import fields
from pathlib import Path

from sotto_signaling.errors import Code
from sotto_signaling.limits import Limits
from sotto_signaling.messages import FROM_PAGE, FROM_RELAY
from sotto_signaling.server import READ_PAST_LIMIT, ServerOptions

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "signaling.md").read_text()
CHAPTERS = {part.partition("\n")[0]: part for part in TEXT.split("\n## ")}


def messages_of(chapter: str) -> dict[str, str]:
    """The section of each message, by type."""
    parts = CHAPTERS[chapter].split("\n### ")[1:]
    return {part.partition("\n")[0].strip("`"): part for part in parts}


def test_every_message_is_described_under_its_direction() -> None:
    assert list(messages_of("From the page")) == list(FROM_PAGE)
    assert list(messages_of("From the relay")) == list(FROM_RELAY)


def test_the_examples_are_the_golden_files() -> None:
    for kind, section in (messages_of("From the page") | messages_of("From the relay")).items():
        (example,) = re.findall(r"```json\n(.*?)\n```", section, re.DOTALL)
        golden = json.loads((ROOT / "tests/fixtures/messages" / f"{kind}.json").read_text())
        assert json.loads(example) == golden["message"], kind


def test_every_field_is_named() -> None:
    for known, chapter in ((FROM_PAGE, "From the page"), (FROM_RELAY, "From the relay")):
        for kind, section in messages_of(chapter).items():
            table = section.partition("```json")[0]
            for field in fields(known[kind]):
                assert f"`{field.name}`" in table, f"{kind}.{field.name}"


def test_every_limit_has_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)`: [^|]*\| (\d+) \|", CHAPTERS["Limits"], re.MULTILINE)
    assert dict(rows) == {limit.name: f"{limit.default:.0f}" for limit in fields(Limits)}
    assert f"past {READ_PAST_LIMIT} times that" in TEXT
    assert f"that {ServerOptions().waiting} messages wait" in TEXT


def test_every_code_is_listed_once() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|", CHAPTERS["Error codes"], re.MULTILINE)
    assert rows == list(Code)
