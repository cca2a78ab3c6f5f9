"""What the operator reads of the thin link."""

import logging

import pytest

from sotto_app.gateway.journal import COMPLAIN_S, Journal
from sotto_app.link.datagram import Reason
from sotto_app.link.events import Back, Down, Event, Message, Silent, Up
from sotto_app.link.keys import Trust
from sotto_app.link.setup import Refused


def lines(caplog: pytest.LogCaptureFixture, *events: tuple[float, Event]) -> list[str]:
    journal = Journal()
    with caplog.at_level(logging.INFO):
        for now, event in events:
            journal.note(event, now)
    return caplog.messages


def test_each_turn_of_the_link_is_a_line_and_what_is_said_on_it_is_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    up = [Up(bytes(32), trust, "words", b"") for trust in (Trust.FIRST_USE, Trust.PINNED)]
    said = lines(
        caplog,
        (0.0, up[0]),
        (1.0, Message(b"not for the log")),
        (2.0, Silent()),
        (3.0, Back(31.4)),
        (4.0, Down("set up anew", 5)),
        (4.0, up[1]),
    )
    assert said == [
        "the thin link is up, met for the first time; words to compare: words",
        "nothing is heard on the thin link; calls go on when it is back",
        "the thin link is back after 31 s",
        "the thin link is down: set up anew",
        "the thin link is up; words to compare: words",
    ]


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (Refused(Reason.VERSION, 5, True), "the other end speaks version 5 of the wire"),
        (Refused(Reason.UNKNOWN_KEY, 1, True), "another key than before: see the list"),
        (Refused(Reason.UNKNOWN_KEY, 1, False), "it knows us not: see the list"),
        (Refused(Reason.FULL, 1, False), "too many half-open set-ups"),
    ],
)
def test_a_refusal_is_told_of_once_a_minute(
    refused: Refused, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    hellos = [0.0, 8.0, 16.0, COMPLAIN_S - 0.1, COMPLAIN_S, COMPLAIN_S + 8.0]
    said = lines(caplog, *((at_s, refused) for at_s in hellos))
    assert len(said) == 2 and all(why in line for line in said)
