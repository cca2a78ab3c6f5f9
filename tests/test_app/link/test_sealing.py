"""Sealed datagrams: what was sealed opens once, whatever the link does; nothing else opens."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.datagram import Drop, Dropped
from sotto_app.link.sealing import WINDOW, CounterEnd, Opened, Opener, Sealer

KEY = bytes(range(32))
EPOCH = 1 << 20


def sealed(count: int, start: int = 0) -> list[bytes]:
    """Datagrams whose plain bytes are their counters."""
    sealer = sealer_at(start)
    return [sealer.seal(str(sealer.counter).encode()) for _ in range(count)]


def sealer_at(counter: int) -> Sealer:
    sealer = Sealer(KEY)
    for first in range(EPOCH, counter + 1, EPOCH):  # walk the chain
        sealer.counter = first
        sealer.seal(b"")
    sealer.counter = counter
    return sealer


def opener_at(counter: int) -> Opener:
    """One that has just accepted `counter`."""
    opener = Opener(KEY)
    for at in [*range(EPOCH - 1, counter, EPOCH), counter]:
        opener.open(sealer_at(at).seal(b"", unheard=True))
    return opener


def opened(opener: Opener, datagrams: Iterable[bytes]) -> list[int]:
    """Counters of those that open; that they hold what was sealed is checked on the way."""
    counters = []
    for datagram in datagrams:
        try:
            packet = opener.open(datagram)
        except Dropped:
            continue
        assert packet.plain == str(packet.counter).encode()
        counters.append(packet.counter)
    return counters


def test_golden_bytes_short_long_and_of_the_second_epoch() -> None:
    assert sealer_at(5).seal(b"sotto").hex() == "052f3ceff72acda66dd73acc471c"
    assert sealer_at(0).seal(b"sotto").hex() == "80000000cae8de0cfee248064ac96138b1"
    assert sealer_at(EPOCH + 5).seal(b"sotto").hex() == "05454b7a507465a17e271871f9b0"


def test_the_cost_is_nine_bytes_and_three_more_where_the_counter_is_long() -> None:
    sealer = Sealer(KEY)
    sizes = [len(sealer.seal(b"x")) - 1 for _ in range(100)]
    assert [at for at, size in enumerate(sizes) if size == 12] == [0, 1, 2, 3, 32, 64, 96]
    assert set(sizes) == {9, 12}


def test_the_counter_is_long_when_nothing_is_heard() -> None:
    assert len(sealer_at(5).seal(b"", unheard=True)) == 12


@settings(max_examples=200, deadline=None)
@given(st.integers(4, 70), st.data())
def test_a_flipped_bit_anywhere_is_dropped(at: int, data: st.DataObject) -> None:
    datagram = sealed(1, at)[0]
    bit = data.draw(st.integers(0, 8 * len(datagram) - 1))
    bad = (int.from_bytes(datagram, "big") ^ 1 << bit).to_bytes(len(datagram), "big")
    opener = opener_at(at - 1)
    with pytest.raises(Dropped):
        opener.open(bad)
    assert opener.dropped.total() == 1
    assert opened(opener, [datagram]) == [at]  # and it has not hurt


def test_a_flipped_bit_of_the_ciphertext_or_the_tag_is_counted_as_forged() -> None:
    datagram = sealed(1, 5)[0]
    opener = opener_at(4)
    for at in range(1, len(datagram)):
        opened(opener, [datagram[:at] + bytes([datagram[at] ^ 1]) + datagram[at + 1 :]])
    assert opener.dropped == {Drop.FORGED: len(datagram) - 1}


def test_another_key_does_not_open() -> None:
    opener = Opener(bytes(32))
    assert opened(opener, sealed(10)) == []
    assert opener.dropped == {Drop.FORGED: 10}


def test_each_opens_once() -> None:
    datagrams = sealed(40)
    opener = Opener(KEY)
    assert opened(opener, datagrams + datagrams) == list(range(40))
    assert opener.dropped == {Drop.REPLAYED: 40}


def test_what_came_late_opens_once_too() -> None:
    datagrams = sealed(40)
    late = [*datagrams[20:], *datagrams[:20]]
    opener = Opener(KEY)
    assert opened(opener, late + late) == [*range(20, 40), *range(20)]
    assert opener.dropped == {Drop.REPLAYED: 40}


@settings(max_examples=50, deadline=None)
@given(st.permutations(range(32)), st.sampled_from([64, EPOCH - 15, 3 * EPOCH - 20]))
def test_any_order_within_half_the_short_counter_opens_all(order: list[int], start: int) -> None:
    datagrams = sealed(32, start)
    assert opened(opener_at(start - 1), [datagrams[at] for at in order]) == [
        start + at for at in order
    ]


def test_what_is_behind_the_window_is_too_old() -> None:
    sealer = Sealer(KEY)
    early = [sealer.seal(b"%d" % sealer.counter, unheard=True) for _ in range(WINDOW + 10)]
    opener = Opener(KEY)
    opened(opener, early[WINDOW:])
    assert opened(opener, early[:WINDOW]) == list(range(10, WINDOW))
    assert opener.dropped == {Drop.TOO_OLD: 10}


@pytest.mark.parametrize("late", [EPOCH - 1, EPOCH - 60])
def test_a_late_packet_of_the_epoch_before_still_opens(late: int) -> None:
    opener = opener_at(late - 1)
    after = [datagram for datagram in sealed(3, EPOCH)]
    assert opened(opener, [*after, *sealed(1, late)]) == [EPOCH, EPOCH + 1, EPOCH + 2, late]


def test_an_epoch_is_entered_in_any_order_of_its_first_packets() -> None:
    opener = opener_at(EPOCH - 5)
    wanted = [EPOCH + 2, EPOCH - 1, EPOCH, EPOCH - 2, EPOCH + 1]
    assert opened(opener, [sealed(1, at)[0] for at in wanted]) == wanted


def test_more_than_an_epoch_ahead_is_not_looked_at() -> None:
    opener = opener_at(10)
    assert opened(opener, [sealed(1, 2 * EPOCH)[0]]) == []
    assert opener.dropped == {Drop.FORGED: 1}
    assert opened(opener, [sealed(1, 2 * EPOCH - 32)[0]]) == [2 * EPOCH - 32]


@pytest.mark.parametrize("lost", range(0, 64, 7))
def test_a_short_counter_finds_its_place_after_63_lost_packets(lost: int) -> None:
    assert opened(opener_at(100), sealed(1, 101 + lost)) == [101 + lost]


def test_after_any_outage_the_place_is_found_within_32_packets() -> None:
    for start in range(1000, 1128):
        counters = opened(opener_at(100), sealed(64, start))
        assert counters and counters[0] - start <= 31
        assert counters == list(range(counters[0], start + 64))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 299), st.booleans()), max_size=400))
def test_nothing_opens_twice_and_nothing_else_opens(script: list[tuple[int, bool]]) -> None:
    datagrams = sealed(300)
    opener = Opener(KEY)
    counters = opened(opener, [datagrams[at][: None if whole else -1] for at, whole in script])
    assert len(set(counters)) == len(counters)
    assert set(counters) <= {at for at, whole in script if whole}
    assert len(counters) + opener.dropped.total() == len(script)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_dropped_for_a_reason(datagram: bytes) -> None:
    opener = opener_at(100)
    assert opened(opener, [datagram]) == []
    assert opener.dropped.total() == 1


def test_a_set_up_datagram_is_not_opened() -> None:
    opener = Opener(KEY)
    assert opened(opener, [b"\xc9" + bytes(104)]) == []
    assert opener.dropped == {Drop.UNEXPECTED: 1}


def test_the_last_counter_is_used_and_none_after_it() -> None:
    sealer = Sealer(KEY)
    sealer.counter = 1 << 30
    with pytest.raises(CounterEnd):
        sealer.seal(b"")


def test_no_key_is_shown() -> None:
    sealer, opener = Sealer(KEY), Opener(KEY)
    assert opener.open(sealer.seal(b"plain")) == Opened(0, b"plain")
    for shown in (repr(sealer), repr(opener)):
        assert KEY.hex() not in shown
        assert repr(KEY)[2:-1] not in shown
