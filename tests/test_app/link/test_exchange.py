"""One set of keys: who is not heard, is heard again, or is given up."""

import pytest

from sotto_app.link.chunks import Hold, Side, write
from sotto_app.link.events import Back, Message, Silent
from sotto_app.link.exchange import DOWN_S, SILENT_S, Exchange
from sotto_app.link.keys import Trust
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.meter import Cost, Meter
from sotto_app.link.schedule import Schedule
from sotto_app.link.sealing import COUNTER_END, Opener, Sealer
from sotto_app.link.setup import Established
from tests.test_app.link.thin_call import SHAPES

HERE, THERE = bytes(range(32)), bytes(range(32, 64))


def exchange(now: float = 0.0) -> Exchange:
    keys = Established(Sealer(HERE), Opener(THERE), bytes(32), Trust.PINNED, bytes(8))
    link = LinkSettings(SHAPES)
    return Exchange(keys, link, Schedule(link.line), now)


def test_silence_is_noticed_once_and_ended_by_the_first_packet_that_opens() -> None:
    ours, there, meter = exchange(), Sealer(THERE), Meter()
    ours.outgoing.take(20.0, meter)
    assert ours.due_s == SILENT_S and ours.notice(SILENT_S - 0.1) == []
    assert ours.notice(SILENT_S) == [Silent()] and ours.notice(SILENT_S + 1) == []
    assert ours.receive(bytes(30), 90.0, meter) is None and ours.is_silent
    assert ours.receive(there.seal(write([Hold()])), 100.0, meter) == ([Back(100.0)], ())
    assert not ours.is_silent
    assert ours.receive(there.seal(write([Hold()])), 101.0, meter) == ([], ())


def test_what_was_not_acknowledged_goes_at_once_when_the_other_end_is_back() -> None:
    ours, there, meter = exchange(), Sealer(THERE), Meter()
    ours.outgoing.send(b"hello", 1.0)
    ours.outgoing.take(1.0, meter)
    ours.notice(SILENT_S)
    assert len(ours.outgoing.take(SILENT_S, meter)) == 1  # a keepalive, which takes it along
    assert ours.outgoing.due_s == SILENT_S + 20.0
    ours.receive(there.seal(write([Hold()])), 26.0, meter)
    assert ours.outgoing.due_s == 26.0


def test_it_is_over_eleven_minutes_after_the_last_packet() -> None:
    ours = exchange(5.0)
    assert not ours.is_over(5.0 + DOWN_S - 1) and ours.is_over(5.0 + DOWN_S)


def test_what_comes_is_counted_whether_it_is_authentic_or_not() -> None:
    ours, meter = exchange(), Meter()
    datagram = Sealer(THERE).seal(write([Side(0, True, b"hello")]))
    assert ours.receive(datagram, 1.0, meter) == ([], (Message(b"hello"),))
    assert meter.total == Cost(header=4, control=8, below=28, cryptography=8)
    ours.receive(datagram, 1.0, meter)
    assert meter.total.header == 4 + len(datagram)


@pytest.mark.parametrize(("counter", "is_used_up"), [(COUNTER_END - 9, True), (1 << 29, False)])
def test_packet_numbers_come_to_an_end_before_they_run_out(counter: int, is_used_up: bool) -> None:
    ours = exchange()
    ours.outgoing.sealer.counter = counter
    assert ours.is_used_up is is_used_up
