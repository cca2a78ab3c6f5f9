"""Control rides where it can and goes alone when it must."""

import pytest

from sotto_app.link import chunks
from sotto_app.link.control import PING_AGAIN_S, PONG_MOST_S, PONG_WAIT_S, SMALL_BYTES, Control
from sotto_app.link.events import Message
from sotto_app.link.reliable import ACK_WAIT_S, LAZY_ACK_WAIT_S
from sotto_app.link.reports import Report

QUIET_S = 20.0
ROOM = 300


def test_a_ping_is_answered_after_a_second_at_most_with_the_time_it_was_held() -> None:
    control = Control(QUIET_S)
    control.receive(chunks.Ping(7), 5.0)
    assert control.due_s(0.0) == 5.0 + PONG_WAIT_S
    assert control.take(ROOM, 5.6) == [chunks.Pong(7, 60)]
    assert control.due_s(0.0) is None
    control.receive(chunks.Ping(8), 10.0)
    assert control.take(ROOM, 99.0) == [chunks.Pong(8, 255)]


@pytest.mark.parametrize("bundle_s", [0.4, 1.04, 2.0])
def test_where_packets_flow_an_answer_rides(bundle_s: float) -> None:
    control = Control(QUIET_S)
    for n in range(5):
        control.take(ROOM, n * bundle_s)
    asked_s = 4 * bundle_s + 0.01
    control.receive(chunks.Ping(7), asked_s)
    due_s = control.due_s(0.0)
    assert due_s is not None
    assert 5 * bundle_s <= due_s or bundle_s < PONG_WAIT_S
    assert PONG_WAIT_S <= due_s - asked_s <= PONG_MOST_S


def test_after_a_flow_has_ended_an_answer_does_not_wait_for_it() -> None:
    control = Control(QUIET_S)
    for at in (0.0, 2.0, 4.0):
        control.take(ROOM, at)
    control.receive(chunks.Ping(7), 9.0)
    assert control.due_s(4.0) == 9.0 + PONG_WAIT_S


def test_the_first_ping_is_repeated_until_it_is_answered_and_not_in_every_packet() -> None:
    control = Control(QUIET_S)
    control.ping(1.0)
    assert control.take(ROOM, 0.5) == [chunks.Ping(0)]
    assert control.due_s(0.0) == 0.5 + PING_AGAIN_S[0]
    assert control.take(ROOM, 1.0) == []
    assert control.take(ROOM, 5.0) == [chunks.Ping(1)]
    control.receive(chunks.Pong(1, 10), 6.1)
    assert control.trip.rtt_s == control.sender.rtt_s == pytest.approx(1.0)
    assert control.due_s(0.0) is None
    control.receive(chunks.Pong(0, 0), 6.2)  # late; the newer answer came before it
    assert control.due_s(0.0) is None


def test_a_message_crosses_and_its_acknowledgement_waits_half_a_second() -> None:
    here, there = Control(QUIET_S), Control(QUIET_S)
    here.send(b"hello", 1.5)
    assert here.due_s(0.0) == 1.5
    (side,) = here.take(ROOM, 1.0)  # a packet went anyway
    assert there.receive(side, 2.0) == [Message(b"hello")]
    assert there.due_s(0.0) == 2.0 + ACK_WAIT_S
    (ack,) = there.take(ROOM, 2.5)
    here.receive(ack, 3.0)
    assert here.due_s(0.0) is None and here.sender.queued_bytes == 0


@pytest.mark.parametrize(("lost", "wait_s"), [(0, LAZY_ACK_WAIT_S), (2, ACK_WAIT_S)])
def test_both_ends_know_by_a_report_how_long_an_acknowledgement_waits(
    lost: int, wait_s: float
) -> None:
    here, there = Control(QUIET_S), Control(QUIET_S)
    for counter in (*range(10), *range(10 + lost, 20)):
        there.reporter.packet(counter, counter * 0.1)
    for chunk in there.take(ROOM, 10.0):
        here.receive(chunk, 10.0)
    here.send(b"hello", 10.0)
    for chunk in here.take(ROOM, 10.0):  # the message, and the answer to a ping
        there.receive(chunk, 10.0)
    assert there.due_s(10.0) == 10.0 + wait_s
    resend_s = here.sender.due_s
    assert resend_s is not None and wait_s + 1 <= resend_s - 10.0 <= wait_s + 3.5


def test_a_silent_end_is_sent_no_message_alone() -> None:
    control = Control(QUIET_S)
    control.send(b"hello", 0.0)
    control.is_silent = True
    assert control.due_s(0.0) is None
    assert control.take(ROOM, 1.0) == [chunks.Side(0, True, b"hello")]


def test_a_report_comes_out_as_it_went_in_and_the_first_brings_a_ping() -> None:
    here, there = Control(QUIET_S), Control(QUIET_S)
    here.queued_ms = 400
    for counter in range(19):
        here.reporter.packet(counter, counter * 0.1)
    report, ping = here.take(ROOM, 10.0)
    assert isinstance(ping, chunks.Ping)
    assert there.receive(report, 10.0) == [Report(0.0, 0, 400, 2)]


def test_all_the_small_control_there_is_fits_where_it_is_asked_for() -> None:
    control = Control(QUIET_S)
    control.receive(chunks.Ping(1), 0.0)
    control.receive(chunks.Side(0, True, b"hello"), 0.0)
    control.reporter.packet(0, 0.0)
    assert control.take(SMALL_BYTES - 1, 1.0) == []
    taken = control.take(SMALL_BYTES, 1.0)
    assert [type(chunk) for chunk in taken] == [
        chunks.Pong,
        chunks.Ack,
        chunks.Report,
        chunks.Ping,
    ]
    assert len(chunks.write(taken)) == SMALL_BYTES


def test_more_pings_than_an_honest_end_sends_are_not_all_kept() -> None:
    control = Control(QUIET_S)
    for number in range(100):
        control.receive(chunks.Ping(number), 0.0)
    pongs = 0
    while control.take(ROOM, 1.0):
        pongs += 1
    assert pongs == 4
