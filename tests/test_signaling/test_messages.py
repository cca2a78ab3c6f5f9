"""Every message: its golden file, its way there and back, and what is not a message."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sotto_signaling.errors import Code, MessageError, SignalingError
from sotto_signaling.messages import (
    FROM_PAGE,
    FROM_RELAY,
    Answer,
    Message,
    from_page,
    from_relay,
    to_json,
)
from sotto_signaling.strict_json import LARGEST_INT

GOLDEN = Path(__file__).parents[1] / "fixtures" / "messages"


def parse(direction: str, text: str) -> Message:
    return {"from-page": from_page, "from-relay": from_relay}[direction](text)


def test_every_message_has_its_golden_file_and_no_other_is_there() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {*FROM_PAGE, *FROM_RELAY}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_golden_there_and_back(path: Path) -> None:
    golden = json.loads(path.read_text())
    assert set(golden) == {"direction", "message"}
    assert golden["message"]["type"] == path.stem
    message = parse(golden["direction"], json.dumps(golden["message"]))
    assert message.TYPE == path.stem
    assert json.loads(to_json(message)) == golden["message"]


# The first text of a run takes seconds: hypothesis then builds its table of all characters.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def values(hint: Any) -> st.SearchStrategy[Any]:
    """All values of a field with this annotation."""
    if isinstance(hint, UnionType):
        return st.one_of(*(values(arg) for arg in get_args(hint)))
    if get_origin(hint) is list:
        return st.lists(values(get_args(hint)[0]), max_size=3)
    if get_origin(hint) is Literal or (isinstance(hint, type) and issubclass(hint, StrEnum)):
        return st.sampled_from(get_args(hint) or list(hint))
    if is_dataclass(hint):
        return messages(hint)
    return {
        str: st.text(),
        int: st.integers(-LARGEST_INT, LARGEST_INT),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
        type(None): st.none(),
    }[hint]


def messages(cls: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(cls)
    return st.builds(cls, **{field.name: values(hints[field.name]) for field in fields(cls)})


@patient
@given(st.sampled_from(list(FROM_PAGE.values())).flatmap(messages))
def test_from_page_there_and_back(message: Message) -> None:
    assert from_page(to_json(message)) == message


@patient
@given(st.sampled_from(list(FROM_RELAY.values())).flatmap(messages))
def test_from_relay_there_and_back(message: Message) -> None:
    assert from_relay(to_json(message)) == message


@patient
@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_any_text_is_a_message_or_a_fault_with_a_sentence(text: str) -> None:
    try:
        from_page(text)
    except MessageError as fault:
        assert fault.sentence.endswith(".")


def malformed() -> Iterator[tuple[str, str]]:
    """Text, and what the sentence about it says."""
    yield "", "This is not JSON."
    yield "{", "This is not JSON."
    yield "[" * 60_000, "This is not JSON."
    yield '{"a":' * 10_000 + "1" + "}" * 10_000, "This is not JSON."
    yield '{"type": "ping", "id": NaN}', "This is not JSON."
    yield '{"type": "ping", "id": -Infinity}', "This is not JSON."
    yield '{"type": "ping", "id": ' + "9" * 5000 + "}", "This is not JSON."
    yield "[]", "A message is a JSON object."
    yield '"ping"', "A message is a JSON object."
    yield "{}", "There is no message of type null."
    yield '{"type": []}', "There is no message of type a list."
    yield '{"type": {}}', "There is no message of type an object."
    yield '{"type": "pong", "id": 1}', "There is no message of type 'pong'."
    yield '{"type": "PING", "id": 1}', "There is no message of type 'PING'."
    yield '{"type": "' + "x" * 50 + '"}', "There is no message of type '" + "x" * 39 + "…'."
    yield '{"type": "ping"}', "ping: the field 'id' is missing."
    yield '{"type": "candidate"}', "candidate: the field 'candidate' is missing."
    yield '{"type": "leave", "why": 1}', "leave: there is no field 'why'."
    yield '{"type": "leave", "TYPE": "x"}', "leave: there is no field 'TYPE'."
    yield '{"type": "ping", "id": "1"}', "ping.id: '1' is not a whole number that a page can hold."
    yield '{"type": "ping", "id": 1.0}', "ping.id: 1 is not a whole number that a page can hold."
    yield (
        '{"type": "ping", "id": true}',
        "ping.id: true is not a whole number that a page can hold.",
    )
    yield '{"type": "ping", "id": 9007199254740992}', "ping.id: that number is not a whole number"
    yield '{"type": "ping", "id": 1e999}', "ping.id: that number is not a whole number"
    yield '{"type": "mute", "muted": 1}', "mute.muted: 1 is not true or false."
    yield '{"type": "mute", "muted": null}', "mute.muted: null is not true or false."
    yield '{"type": "set-mode", "mode": ["a"]}', "set-mode.mode: a list is not a string"
    yield '{"type": "set-mode", "mode": "\\ud800"}', "set-mode.mode: '\\ud800' is not a string"
    yield '{"type": "offer", "sdp": {"sdp": ""}}', "offer.sdp: an object is not a string"
    yield '{"type": "join", "room": "r", "name": "n", "token": 5}', "join.token: 5 is not a string"


@pytest.mark.parametrize(("text", "says"), list(malformed()), ids=lambda value: value[:30])
def test_malformed(text: str, says: str) -> None:
    with pytest.raises(MessageError) as fault:
        from_page(text)
    assert fault.value.sentence.startswith(says)
    assert fault.value.code is Code.BAD_MESSAGE
    assert not fault.value.fatal


RELAYED = {
    "peer-left.reason": ('"bored"', "'bored' is not one of left, timeout."),
    "peer-joined.peer": ("[]", "a list is not an object."),
    "joined.peers": ("{}", "an object is not a list."),
    "error.code": ('"out-of-tea"', "'out-of-tea' is not a known code."),
    "stats.sent": ('{"payload_bps": 1}', "the field 'header_bps' is missing."),
}


@pytest.mark.parametrize("where", RELAYED)
def test_malformed_from_relay(where: str) -> None:
    kind, _, name = where.partition(".")
    value, says = RELAYED[where]
    golden = json.loads((GOLDEN / f"{kind}.json").read_text())["message"]
    with pytest.raises(MessageError) as fault:
        from_relay(json.dumps(golden | {name: json.loads(value)}))
    assert fault.value.sentence == f"{where}: {says}"


def test_an_infinite_number_is_refused() -> None:
    golden = json.loads((GOLDEN / "stats.json").read_text())["message"]
    text = json.dumps(golden).replace("341.5", "1e999")
    with pytest.raises(MessageError, match=r"stats.reception.delay_ms: .* not a finite number"):
        from_relay(text)


def test_an_answer_from_a_page_is_told_apart() -> None:
    with pytest.raises(SignalingError) as fault:
        from_page(to_json(Answer("v=0")))
    assert fault.value.code is Code.UNEXPECTED_ANSWER
