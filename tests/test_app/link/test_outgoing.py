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
    write,
)
from sotto_app.link.control import Control
from sotto_app.link.meter import Meter
from sotto_app.link.outgoing import (
    TOO_BIG,
    UNHEARD_PACKETS,
    LinkSettings,
    Outgoing,
)
from sotto_app.link.sealing import Opener, Sealer
from tests.test_app.link.thin_call import SHAPES

KEY = bytes(range(32))
MEDIA = Media(1, 0, bytes(88))


def outgoing(settings: LinkSettings | None = None) -> Outgoing:
    sender = Outgoing(Sealer(KEY), Control(20.0), settings or LinkSettings(SHAPES))
    sender.heard(0.0)
    sender.last_sent_s = 0.0
    return sender


def opened(datagrams: list[bytes]) -> list[list[Chunk]]:
    opener = Opener(KEY)
    return [read(opener.open(datagram).plain) for datagram in datagrams]


def test_bundles_of_several_talkers_share_a_datagram_talker_0_last_and_one_of_each() -> None:
    sender = outgoing()
    sender.offer(0, (MEDIA,))
    sender.offer(2, (MEDIA,))
    sender.offer(0, (Level(40), MEDIA))
    sender.offer(1, (Level(50),))
    assert opened(sender.take(1.0, Meter())) == [
        [Talker(2, (MEDIA,)), Talker(1, (Level(50),)), MEDIA],
        [Level(40), MEDIA],
    ]
    assert sender.take(1.0, Meter()) == []


def test_no_datagram_is_larger_than_the_link_takes_and_redundancy_gives_way_first() -> None:
    sender, mtu_bytes = outgoing(LinkSettings(SHAPES, mtu_bytes=256)), 256
    earlier = [Earlier(d, bytes(88)) for d in (1, 2, 3)]
    sender.offer(0, (Spurt(1, 0, 0), *earlier, MEDIA))
    sender.offer(1, (MEDIA,))
    sender.offer(2, (Media(1, 0, bytes(300)),))
    sender.send(bytes(500), 1.0)
    datagrams = sender.take(1.0, Meter())
    assert max(map(len, datagrams)) <= mtu_bytes
    flat = [chunk for chunks in opened(datagrams) for chunk in chunks]
    assert flat.count(MEDIA) == 1 and Talker(1, (MEDIA,)) in flat
    assert [chunk for chunk in flat if isinstance(chunk, Earlier)] == earlier[:1]
    assert sender.dropped == {TOO_BIG: 1}
    assert b"".join(chunk.data for chunk in flat if isinstance(chunk, Side)) == bytes(500)


def test_media_that_cannot_go_makes_no_empty_packet() -> None:
    sender = outgoing()
    sender.offer(0, (Media(1, 0, bytes(1300)),))
    assert sender.take(1.0, Meter()) == []


def test_a_bundle_that_cannot_go_leaves_its_packet_out_and_the_next_counter_is_whole() -> None:
    sender, lengths = outgoing(), []
    for n in range(40):
        sender.offer(0, (Media(1, 0, bytes(1300 if n == 32 else 88)),))
        lengths += [len(datagram) for datagram in sender.take(float(n) / 10, Meter())]
    assert len(lengths) == 39 and sender.sealer.counter == 40
    assert [n for n, size in enumerate(lengths) if size > min(lengths)] == [0, 1, 2, 3, 32]


def test_a_packet_with_media_is_filled_with_messages_only_so_far() -> None:
    sender = outgoing(LinkSettings(SHAPES, fill_bytes=200))
    sender.offer(0, (MEDIA,))
    sender.send(bytes(500), 0.0)
    (first, *others) = opened(sender.take(1.0, Meter()))
    assert first == [Side(0, False, bytes(63)), MEDIA]
    assert all(len(write(chunks)) <= 200 for chunks in others)


def test_what_goes_alone_keeps_to_the_rate_and_media_does_not_wait_for_it() -> None:
    sender = outgoing(LinkSettings(SHAPES, rate_bps=2400))
    sender.send(bytes(1000), 0.0)
    (first,) = sender.take(1.0, Meter())
    free_s = 1.0 + (len(first) + 28) * 8 / 2400
    assert sender.due_s == pytest.approx(free_s)
    sender.offer(0, (MEDIA,))
    assert len(sender.take(1.1, Meter())) == 1


def test_the_keepalive_is_one_byte_after_20_s_and_on_a_serial_line_there_is_none() -> None:
    sender = outgoing()
    assert sender.due_s == 20.0 and sender.take(19.9, Meter()) == []
    assert opened(sender.take(20.0, Meter())) == [[Hold()]]
    serial = outgoing(LinkSettings(SHAPES, keepalive_s=0))
    assert serial.due_s is None and serial.deaf_since_s is None
    serial.offer(0, (MEDIA,))
    serial.take(50.0, Meter())
    assert serial.deaf_since_s == 70.0
    serial.heard(60.0)
    assert serial.deaf_since_s is None


def test_the_whole_counter_goes_along_when_the_other_end_may_have_lost_its_place() -> None:
    sender, lengths = outgoing(), []
    for n in range(UNHEARD_PACKETS + 60):
        sender.offer(0, (MEDIA,))
        lengths += [len(datagram) for datagram in sender.take(n * 1.0, Meter())]
    short = min(lengths)
    longs = {n for n, size in enumerate(lengths) if size > short}
    assert longs == {0, 1, 2, 3, 32, *range(UNHEARD_PACKETS + 1, len(lengths))}


def test_padding_makes_sizes_the_same() -> None:
    sender = outgoing(LinkSettings(SHAPES, multiple_bytes=64))
    sizes = set()
    for n in range(5, 40):
        sender.offer(0, (Media(1, 0, bytes(n)),))
        sizes |= {len(datagram) for datagram in sender.take(float(n), Meter())}
    assert sizes == {1 + 64 + 8, 4 + 64 + 8}


@pytest.mark.parametrize("values", [{"mtu_bytes": 20}, {"fill_bytes": 5}])
def test_a_link_that_is_too_small_is_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="too few"):
        LinkSettings(SHAPES, **values)  # type: ignore[arg-type]  # integers all
