"""What goes into the next packet, and what it costs by kind."""

import pytest

from sotto_app.link.chunks import (
    Chunk,
    Earlier,
    Hold,
    Level,
    Media,
    Side,
    Spurt,
    Talker,
    read,
)
from sotto_app.link.control import Control
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.meter import Meter
from sotto_app.link.outgoing import PHRASE_BYTES, UNHEARD_PACKETS, Outgoing
from sotto_app.link.schedule import Drop, Schedule
from sotto_app.link.sealing import Opener, Sealer
from sotto_app.link.talk import Packet
from tests.test_app.link.thin_call import SHAPES

KEY = bytes(range(32))
MEDIA = Media(1, 0, bytes(88))


def outgoing(
    settings: LinkSettings | None = None, schedule: Schedule[Packet] | None = None
) -> Outgoing:
    link = settings or LinkSettings(SHAPES)
    sender = Outgoing(Sealer(KEY), Control(20.0), link, schedule or Schedule(link.line))
    sender.heard(0.0)
    sender.last_sent_s = 0.0
    return sender


def opened(datagrams: list[bytes]) -> list[list[Chunk]]:
    opener = Opener(KEY)
    return [read(opener.open(datagram).plain) for datagram in datagrams]


def test_bundles_of_several_talkers_share_a_datagram_talker_0_last_and_one_of_each() -> None:
    sender = outgoing()
    sender.offer(0, (MEDIA,), 1.0, 0.0)
    sender.offer(2, (MEDIA,), 1.0, 0.0)
    sender.offer(0, (Level(40), MEDIA), 1.0, 0.0)
    sender.offer(1, (Level(50),), 1.0, 0.0)
    assert opened(sender.take(1.0, Meter())) == [
        [Talker(2, (MEDIA,)), Talker(1, (Level(50),)), MEDIA],
        [Level(40), MEDIA],
    ]
    assert sender.take(1.0, Meter()) == []


def test_no_datagram_is_larger_than_the_link_takes_and_redundancy_gives_way_first() -> None:
    link = LinkSettings(SHAPES, mtu_bytes=280)
    schedule = Schedule[Packet](link.line)
    sender = outgoing(link, schedule)
    earlier = [Earlier(d, bytes(88)) for d in (1, 2, 3)]
    sender.offer(0, (Spurt(1, 0, 0), *earlier, MEDIA), 1.0, 0.0)
    sender.offer(1, (MEDIA,), 1.0, 0.0)
    sender.offer(2, (Media(1, 0, bytes(300)),), 1.0, 0.0)
    sender.send(bytes(500), 1.0)
    datagrams = sender.take(1.0, Meter())
    assert max(map(len, datagrams)) <= link.mtu_bytes
    flat = [chunk for chunks in opened(datagrams) for chunk in chunks]
    assert flat.count(MEDIA) == 1 and Talker(1, (MEDIA,)) in flat
    assert [chunk for chunk in flat if isinstance(chunk, Earlier)] == earlier[:1]
    assert schedule.dropped == {Drop.BIG: 1}
    assert b"".join(chunk.data for chunk in flat if isinstance(chunk, Side)) == bytes(500)


def test_what_waits_goes_where_the_budget_has_room_for_a_phrase_behind_it() -> None:
    link = LinkSettings(SHAPES, rate_bps=2400)
    schedule = Schedule[Packet](link.line)
    sender = outgoing(link, schedule)
    left_bytes = link.line.around_bytes + 50 + PHRASE_BYTES - 1
    schedule.charge(int(link.line.window_bytes) - left_bytes, 1.0)
    sender.send(bytes(50), 1.0, waits=True)
    due_s = sender.due_s
    assert due_s is not None and schedule.room_at_s(50) < due_s - 0.01
    assert sender.take(due_s - 0.01, Meter()) == []
    assert opened(sender.take(due_s, Meter())) == [[Side(0, True, bytes(50))]]


def test_media_that_cannot_go_makes_no_empty_packet() -> None:
    sender = outgoing()
    sender.offer(0, (Media(1, 0, bytes(1300)),), 1.0, 0.0)
    assert sender.take(1.0, Meter()) == []


def test_a_bundle_that_cannot_go_leaves_its_packet_out_and_the_next_counter_is_whole() -> None:
    sender, lengths = outgoing(), []
    for n in range(40):
        sender.offer(0, (Media(1, 0, bytes(1300 if n == 32 else 88)),), n / 10, 0.0)
        lengths += [len(datagram) for datagram in sender.take(n / 10, Meter())]
    assert len(lengths) == 39 and sender.sealer.counter == 40
    assert [n for n, size in enumerate(lengths) if size > min(lengths)] == [0, 1, 2, 3, 32]


def test_a_datagram_takes_a_second_of_the_line_at_most_and_messages_fill_it() -> None:
    sender, now = outgoing(LinkSettings(SHAPES, rate_bps=2400)), 1.0
    sender.send(bytes(500), 0.0)
    datagrams = list[bytes]()
    for n in range(4):
        sender.offer(0, (MEDIA,), now, 0.0)
        datagrams += sender.take(now, Meter())
        assert len(datagrams) == n + 1
        assert sender.take(now, Meter()) == []
        now += (len(datagrams[-1]) + 28) * 8 / 2400
    contents = opened(datagrams)
    assert contents[0] == [Side(0, False, bytes(63)), Side(1, False, bytes(63)), MEDIA]
    assert all(chunks[-1] == MEDIA for chunks in contents)
    assert max(map(len, datagrams)) <= 300 - 28
    flat = [chunk for chunks in contents for chunk in chunks]
    assert b"".join(chunk.data for chunk in flat if isinstance(chunk, Side)) == bytes(500)


def test_who_waits_longer_than_a_listener_would_is_dropped_and_counted() -> None:
    link = LinkSettings(SHAPES, rate_bps=900)
    schedule = Schedule[Packet](link.line)
    sender, meter, gone = outgoing(link, schedule), Meter(), 0
    for n in range(500):
        if n % 10 == 0:
            sender.offer(0, (MEDIA,), n / 10, 0.0)
        gone += len(sender.take(n / 10, meter))
    assert schedule.dropped[Drop.LATE] + gone >= 48 and gone >= 40
    assert sender.sealer.counter == gone + schedule.dropped[Drop.LATE]
    assert meter.total.total * 8 <= 900 * 55


def test_the_keepalive_is_one_byte_after_20_s_and_on_a_serial_line_there_is_none() -> None:
    sender = outgoing()
    assert sender.due_s == 20.0 and sender.take(19.9, Meter()) == []
    assert opened(sender.take(20.0, Meter())) == [[Hold()]]
    serial = outgoing(LinkSettings(SHAPES, keepalive_s=0))
    assert serial.due_s is None and serial.deaf_since_s is None
    serial.offer(0, (MEDIA,), 50.0, 0.0)
    serial.take(50.0, Meter())
    assert serial.deaf_since_s == 70.0
    serial.heard(60.0)
    assert serial.deaf_since_s is None


def test_the_whole_counter_goes_along_when_the_other_end_may_have_lost_its_place() -> None:
    sender, lengths = outgoing(), []
    for n in range(UNHEARD_PACKETS + 60):
        sender.offer(0, (MEDIA,), n * 1.0, 0.0)
        lengths += [len(datagram) for datagram in sender.take(n * 1.0, Meter())]
    short = min(lengths)
    longs = {n for n, size in enumerate(lengths) if size > short}
    assert longs == {0, 1, 2, 3, 32, *range(UNHEARD_PACKETS + 1, len(lengths))}


def test_padding_makes_sizes_the_same() -> None:
    sender = outgoing(LinkSettings(SHAPES, multiple_bytes=64))
    sizes = set()
    for n in range(5, 40):
        sender.offer(0, (Media(1, 0, bytes(n)),), float(n), 0.0)
        sizes |= {len(datagram) for datagram in sender.take(float(n), Meter())}
    assert sizes == {1 + 64 + 8, 4 + 64 + 8}


@pytest.mark.parametrize(
    ("values", "words"),
    [({"mtu_bytes": 70}, "no room for control"), ({"rate_bps": 100}, "below 170, the least")],
)
def test_a_link_that_is_too_small_is_refused(values: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        LinkSettings(SHAPES, **values)  # type: ignore[arg-type]  # integers all
