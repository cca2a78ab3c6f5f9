"""The reliable stream: in order, complete, once, whatever the link does."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.chunks import Ack, Side
from sotto_app.link.reliable import (
    ACK_WAIT_S,
    FIRST_RTT_S,
    LAZY_ACK_WAIT_S,
    LAZY_SEGMENTS,
    MESSAGE_BYTES,
    RESEND_AT_MOST_S,
    WINDOW,
    ReliableReceiver,
    ReliableSender,
    ack_wait_s,
)

FIRST_RESEND_S = 1.5 * FIRST_RTT_S + ACK_WAIT_S


def taken(sender: ReliableSender, now: float, room: int = 1000) -> list[Side]:
    sides = []
    while (side := sender.take(room, now)) is not None:
        sides.append(side)
    return sides


def test_a_message_is_cut_and_put_together_again() -> None:
    sender, receiver = ReliableSender(), ReliableReceiver()
    message = bytes(range(150))
    sender.send(message)
    sides = taken(sender, 0.0)
    assert [(side.number, side.last, len(side.data)) for side in sides] == [
        (0, False, 63),
        (1, False, 63),
        (2, True, 24),
    ]
    assert [m for side in sides for m in receiver.receive(side, 1.0)] == [message]
    assert receiver.ack_due_s == 1.0 + ACK_WAIT_S
    ack = receiver.take_ack()
    assert ack == Ack(3, 0) and receiver.take_ack() is None
    sender.acknowledged(ack, 1.5)
    assert sender.due_s is None and sender.queued_bytes == 0


def test_what_is_missing_alone_is_sent_again_when_later_ones_came_and_once() -> None:
    sender, receiver = ReliableSender(), ReliableReceiver()
    for n in range(4):
        sender.send(bytes([n]))
    first, lost, third, fourth = taken(sender, 0.0)
    receiver.receive(first, 0.1)
    receiver.receive(third, 0.1)
    ack = receiver.take_ack()
    assert ack == Ack(1, 0b1)
    sender.acknowledged(ack, 0.5)
    assert taken(sender, 0.5) == [lost]
    receiver.receive(fourth, 0.6)
    ack = receiver.take_ack()
    assert ack == Ack(1, 0b11)
    sender.acknowledged(ack, 0.7)  # the lost one is on its way, for the fourth was sent before it
    assert taken(sender, FIRST_RESEND_S) == []
    assert receiver.receive(lost, 4.0) == [b"\1", b"\2", b"\3"]


def test_the_last_one_is_sent_again_after_the_time_of_an_acknowledgement() -> None:
    sender = ReliableSender()
    sender.send(b"hello")
    (side,) = taken(sender, 0.0)
    assert taken(sender, FIRST_RESEND_S - 0.01) == []
    assert taken(sender, FIRST_RESEND_S) == [side]


def test_where_nothing_is_lost_several_messages_share_an_acknowledgement() -> None:
    sender, receiver = ReliableSender(), ReliableReceiver()
    sender.ack_wait_s = receiver.ack_wait_s = ack_wait_s(0.0)
    for at_s in (0.0, 4.0):
        sender.send(b"a phrase")
        (side,) = taken(sender, at_s)
        receiver.receive(side, at_s)
    assert receiver.ack_due_s == LAZY_ACK_WAIT_S
    assert sender.due_s is not None and sender.due_s > LAZY_ACK_WAIT_S + 1
    receiver.receive(side, 5.0)  # it came again: the sender has heard nothing
    assert receiver.ack_due_s == 5.0 + ACK_WAIT_S
    assert receiver.take_ack() == Ack(2, 0)


def test_a_full_window_waits_for_no_lazy_acknowledgement() -> None:
    receiver = ReliableReceiver()
    receiver.ack_wait_s = LAZY_ACK_WAIT_S
    dues_s = []
    for n in range(LAZY_SEGMENTS):
        receiver.receive(Side(n, True, b""), 1.0)
        dues_s.append(receiver.ack_due_s)
    assert dues_s == [1.0 + LAZY_ACK_WAIT_S] * (LAZY_SEGMENTS - 1) + [1.0 + ACK_WAIT_S]


def test_what_is_behind_in_a_slow_queue_is_not_sent_again_while_others_arrive() -> None:
    sender, receiver = ReliableSender(), ReliableReceiver()
    sender.send(bytes(16 * 63))
    queue = taken(sender, 0.0)
    for n in range(16):  # a second each
        receiver.receive(queue[n], n + 1.0)
        ack = receiver.take_ack()
        assert ack is not None
        sender.acknowledged(ack, n + 1.5)
        queue += taken(sender, n + 1.5)
    assert [side.number for side in queue] == list(range(16))
    assert sender.due_s is None


def test_resends_grow_apart_and_hurry_when_the_other_end_is_back() -> None:
    sender = ReliableSender()
    sender.rtt_s = 0.4
    sender.send(b"hello")
    times = []
    for _ in range(6):
        assert sender.due_s is not None
        times.append(sender.due_s)
        assert len(taken(sender, sender.due_s)) == 1
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert gaps == [1.5, 2.5, 4.5, 8.5, RESEND_AT_MOST_S + ACK_WAIT_S]
    sender.hurry(times[-1] + 1)
    assert sender.due_s == times[-1] + 1


def test_no_more_than_the_window_is_out_and_nothing_goes_that_does_not_fit() -> None:
    sender = ReliableSender()
    sender.send(bytes(2000))
    assert sender.take(65, 0.0) is None
    assert len(taken(sender, 0.0, room=66)) == WINDOW
    sender.acknowledged(Ack(2, 0), 0.0)
    assert len(taken(sender, 0.0)) == 2


def test_messages_have_a_bound_and_may_be_empty() -> None:
    with pytest.raises(ValueError, match="2000"):
        ReliableSender().send(bytes(MESSAGE_BYTES + 1))
    with pytest.raises(ValueError, match="2000"):
        ReliableSender().send(bytes(MESSAGE_BYTES + 1), waits=True)
    with pytest.raises(ValueError, match="segment"):
        ReliableSender(64)
    sender = ReliableSender()
    sender.send(b"")
    assert ReliableReceiver().receive(taken(sender, 0.0)[0], 0.0) == [b""]


def test_what_waits_is_overtaken_and_goes_when_all_else_has_arrived() -> None:
    sender = ReliableSender()
    sender.send(b"card", waits=True)
    sender.send(b"note", waits=True)
    assert sender.behind_bytes == 4 and sender.due_s is None
    sender.send(b"word")
    for at_s in (0.0, 1.0):  # it is queued, then on its way
        sender.let_go()
        assert sender.behind_bytes is None and sender.queued_bytes == 12
        sent = [side.data for side in taken(sender, at_s)]
        assert sent == ([] if at_s else [b"word"])
    sender.acknowledged(Ack(1, 0), 2.0)
    sender.let_go()
    sender.let_go()  # the first has not arrived
    assert taken(sender, 2.0) == [Side(1, True, b"card")]
    sender.acknowledged(Ack(2, 0), 3.0)
    sender.let_go()
    assert taken(sender, 3.0) == [Side(2, True, b"note")]
    sender.acknowledged(Ack(3, 0), 4.0)
    assert sender.queued_bytes == 0 and sender.behind_bytes is None


def test_what_waits_can_be_taken_back_what_has_gone_cannot() -> None:
    sender = ReliableSender()
    for message in (b"a1", b"b22", b"a333", b"b4444"):
        sender.send(message, waits=True)
    sender.let_go()
    sender.take_back(lambda message: message.startswith(b"a"))
    assert sender.queued_bytes == len(b"a1" + b"b22" + b"b4444")
    sent = list[bytes]()
    for number in range(4):
        sent += [side.data for side in taken(sender, number)]
        sender.acknowledged(Ack(number + 1, 0), number)
        sender.let_go()
    assert sent == [b"a1", b"b22", b"b4444"] and sender.queued_bytes == 0


def test_a_message_that_never_ends_is_not_kept_without_bound() -> None:
    receiver = ReliableReceiver()
    for n in range(1000):
        receiver.receive(Side(n % 256, False, bytes(63)), 0.0)
    (message,) = receiver.receive(Side(1000 % 256, True, b""), 0.0)
    assert len(message) == MESSAGE_BYTES


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 20))
def test_no_acknowledgement_frees_what_was_not_sent(base: int, bits: int, messages: int) -> None:
    sender = ReliableSender()
    for n in range(messages):
        sender.send(bytes([n]))
    sent = taken(sender, 0.0)
    sender.acknowledged(Ack(base, bits), 0.0)
    left = messages - min(base, len(sent)) if base <= len(sent) else messages
    assert sender.queued_bytes <= left  # bits may free what stands at the front as well
    assert sender.queued_bytes >= messages - len(sent)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.binary(max_size=200), max_size=60),
    st.floats(0, 0.6),
    st.floats(0, 3),
    st.integers(0, 99),
)
def test_in_order_complete_and_once_over_loss_and_reordering(
    messages: list[bytes], loss: float, jitter_s: float, seed: int
) -> None:
    chance = random.Random(seed)
    sender, receiver, got = ReliableSender(), ReliableReceiver(), list[bytes]()
    flight: list[tuple[float, Side | Ack]] = []
    for message in messages:
        sender.send(message)
    now = 0.0
    while sender.due_s is not None and now < 4000:
        now += 0.25
        out: list[Side | Ack] = list(taken(sender, now))
        if receiver.ack_due_s is not None and receiver.ack_due_s <= now:
            out += [ack for ack in [receiver.take_ack()] if ack]
        flight += [
            (now + 0.3 + chance.uniform(0, jitter_s), item)
            for item in out
            if chance.random() >= loss
        ]
        for item in [item for at, item in sorted(flight, key=lambda it: it[0]) if at <= now]:
            if isinstance(item, Side):
                got += receiver.receive(item, now)
            else:
                sender.acknowledged(item, now)
        flight = [(at, item) for at, item in flight if at > now]
    assert got == messages
