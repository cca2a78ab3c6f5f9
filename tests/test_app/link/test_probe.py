"""Probes: golden bytes, and an answering end that nobody can make say more than it heard."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.datagram import Drop, Dropped, SetUpMessage, check_set_up, parse
from sotto_app.link.probe import (
    ALLOWANCE_BYTES,
    ALLOWANCE_S,
    AROUND_BYTES,
    HEAD,
    LEAST_BYTES,
    REMEMBERED,
    Answer,
    Answerer,
    Ask,
    BadProbe,
    Unanswered,
    is_probe,
    read,
)

NAME = b"\xa1\xb2\xc3\xd4"
PADDING = bytes(range(256))


def ask(number: int = 0, size_bytes: int = LEAST_BYTES, pieces: int = 1, name: bytes = NAME) -> Ask:
    return Ask(name, number, size_bytes, pieces, LEAST_BYTES)


def answers(answerer: Answerer, asked: Ask, now: float) -> list[Answer]:
    found = [read(it) for it in answerer.receive(asked.write(bytes(1200)), now)]
    assert all(isinstance(it, Answer) for it in found)
    return [it for it in found if isinstance(it, Answer)]


def why(answerer: Answerer, datagram: bytes, now: float = 0.0) -> Unanswered:
    with pytest.raises(BadProbe) as dropped:
        answerer.receive(datagram, now)
    return dropped.value.reason


def test_golden_ask() -> None:
    written = Ask(NAME, 7, 20, 2, 15).write(PADDING)
    assert written.hex() == "cd02a1b2c3d407000f" + "000102030405060708090a"
    assert read(written) == Ask(NAME, 7, 20, 2, 15)


def test_golden_answer() -> None:
    answer = Answer(NAME, 7, 1, 0x010203, 0x80000001, 15_000)
    written = answer.write(PADDING, 18)
    assert written.hex() == "cd81a1b2c3d4070102038000" + "0001ea" + "000102"
    assert read(written) == Answer(NAME, 7, 1, 0x010203, 0x80000001, 234 * 64)


def test_a_clock_wraps_and_an_answer_of_the_least_size_has_no_padding() -> None:
    written = Answer(NAME, 0, 0, (1 << 24) + 5, 0, 0).write(b"", LEAST_BYTES)
    assert len(written) == LEAST_BYTES == 15
    found = read(written)
    assert isinstance(found, Answer) and found.came_ms == 5


def test_a_gateway_without_an_answering_end_drops_a_probe_as_unknown() -> None:
    message = parse(ask().write(bytes(20)))
    assert isinstance(message, SetUpMessage)
    with pytest.raises(Dropped) as dropped:
        check_set_up(message)
    assert dropped.value.reason is Drop.UNKNOWN_KIND


def test_an_answer_says_when_the_ask_came_and_which_before_it() -> None:
    answerer = Answerer(5.0)
    assert [it.before for it in answers(answerer, ask(3), 5.0)] == [0]
    answers(answerer, ask(4, name=b"else"), 5.1)
    assert [it.before for it in answers(answerer, ask(5), 6.0)] == [0b10]
    (found,) = answers(answerer, ask(4), 6.25)
    assert (found.number, found.came_ms, found.before) == (4, 6250, 0b1)
    assert [it.before for it in answers(answerer, ask(38), 7.0)] == [0]
    assert [it.before for it in answers(answerer, ask(37), 7.0)] == [1 << 31]


def test_pieces_make_up_the_ask_and_repeat_its_padding() -> None:
    written = Ask(NAME, 0, 172, 2, 62).write(PADDING)
    first, second = Answerer(0.0).receive(written, 0.0)
    assert len(first) == len(second) == 62
    assert first[LEAST_BYTES:] == written[9 : 9 + 62 - LEAST_BYTES] == second[LEAST_BYTES:]
    assert [first[1], second[1]] == [0x80, 0x81]


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        (bytes([HEAD]), Unanswered.SHORT),
        (ask(size_bytes=14).write(bytes(20)), Unanswered.SHORT),
        (ask(pieces=0).write(bytes(20)), Unanswered.NOTHING),
        (ask(pieces=2).write(bytes(20)), Unanswered.GREEDY),
        (ask(size_bytes=77, pieces=2).write(bytes(99)), Unanswered.GREEDY),
        (Ask(NAME, 0, 15, 1, 16).write(bytes(20)), Unanswered.GREEDY),
        (Ask(NAME, 0, 20, 1, 14).write(bytes(20)), Unanswered.GREEDY),
        (Answer(NAME, 0, 0, 0, 0, 0).write(b"", LEAST_BYTES), Unanswered.ANSWER),
    ],
)
def test_what_asks_for_nothing_or_too_much_is_dropped_with_its_reason(
    datagram: bytes, reason: Unanswered
) -> None:
    assert is_probe(datagram)
    assert why(Answerer(0.0), datagram) is reason


def test_two_answering_ends_do_not_keep_each_other_busy() -> None:
    (answer,) = Answerer(0.0).receive(ask().write(bytes(20)), 0.0)
    assert why(Answerer(0.0), answer) is Unanswered.ANSWER


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.floats(0, 1e7))
def test_never_more_comes_back_than_came_headers_and_all(rest: bytes, now: float) -> None:
    datagram = bytes([HEAD]) + rest
    try:
        found = Answerer(0.0).receive(datagram, now)
    except BadProbe:
        return
    assert found
    for below_bytes in range(AROUND_BYTES + 1):
        assert sum(len(it) + below_bytes for it in found) <= len(datagram) + below_bytes


def test_a_flood_gets_an_allowance_and_then_what_is_left_of_it_over_time() -> None:
    chance, answerer, said_bytes, spent = random.Random(1), Answerer(0.0), 0, 0
    for number in range(20_000):  # ten minutes of 33 packets a second, each of somebody else
        flood = ask(number % 256, name=chance.randbytes(4)).write(bytes(20))
        try:
            answered = answerer.receive(flood, number * ALLOWANCE_S / 20_000)
            said_bytes += sum(len(it) + AROUND_BYTES for it in answered)
        except BadProbe as dropped:
            assert dropped.reason is Unanswered.SPENT
            spent += 1
    assert 1.9 * ALLOWANCE_BYTES < said_bytes <= 2 * ALLOWANCE_BYTES
    assert spent > 19_000
    assert len(answerer._came) == REMEMBERED
    (found,) = answers(answerer, ask(), 2 * ALLOWANCE_S)
    assert found.left_bytes >= ALLOWANCE_BYTES - 2 * 64
