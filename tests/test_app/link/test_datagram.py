"""The bytes in the clear: golden, and any bytes are something or dropped for a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_app.link.datagram import (
    Drop,
    Dropped,
    Kind,
    Reason,
    Sealed,
    SetUpMessage,
    check_set_up,
    is_set_up,
    parse,
    reason_of,
    sealed_header,
    write_refuse,
    write_set_up,
)

TAG = bytes(8)


@pytest.mark.parametrize(
    ("counter", "long", "golden"),
    [
        (0, False, "00"),
        (200, False, "48"),
        (200, True, "800000c8"),
        ((1 << 30) - 1, True, "bfffffff"),
    ],
)
def test_golden_headers(counter: int, long: bool, golden: str) -> None:
    assert sealed_header(counter, long).hex() == golden


def test_golden_set_up_datagrams() -> None:
    assert write_set_up(Kind.HELLO, b"abc").hex() == "c9616263"
    assert write_set_up(Kind.REFUSE, b"\x01").hex() == "cc01"


@given(st.integers(0, (1 << 30) - 1), st.booleans(), st.binary(min_size=8, max_size=40))
def test_a_sealed_datagram_is_read_as_it_was_written(counter: int, long: bool, body: bytes) -> None:
    header = sealed_header(counter, long)
    bits = 30 if long else 7
    assert parse(header + body) == Sealed(header, counter % (1 << bits), bits, body)
    assert not is_set_up(header + body)


@given(st.integers(0, 7), st.integers(0, 7), st.binary(max_size=20))
def test_a_set_up_of_any_version_and_kind_is_read(version: int, kind: int, body: bytes) -> None:
    datagram = bytes([0xC0 | version << 3 | kind]) + body
    assert parse(datagram) == SetUpMessage(version, kind, body)
    assert is_set_up(datagram)


@pytest.mark.parametrize("datagram", [b"", b"\x00" + TAG[1:], b"\x80\0\0\0" + TAG[1:], b"\x80"])
def test_too_few_bytes_are_dropped(datagram: bytes) -> None:
    with pytest.raises(Dropped) as dropped:
        parse(datagram)
    assert dropped.value.reason is Drop.SHORT


@given(st.binary(max_size=60))
def test_any_bytes_are_a_datagram_or_dropped(datagram: bytes) -> None:
    try:
        message = parse(datagram)
    except Dropped as dropped:
        assert dropped.reason is Drop.SHORT
    else:
        assert isinstance(message, SetUpMessage) == is_set_up(datagram)


def test_a_reason_is_read_whatever_the_version() -> None:
    assert reason_of(SetUpMessage(5, Kind.REFUSE, b"\x03")) is Reason.FULL
    assert write_refuse(Reason.FULL).hex() == "cc03"


@pytest.mark.parametrize(
    ("body", "why"), [(b"", Drop.SHORT), (b"\1\1", Drop.SHORT), (b"\x09", Drop.UNKNOWN_KIND)]
)
def test_a_refuse_for_no_known_reason_is_dropped(body: bytes, why: Drop) -> None:
    with pytest.raises(Dropped) as dropped:
        reason_of(SetUpMessage(1, Kind.REFUSE, body))
    assert dropped.value.reason is why


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (SetUpMessage(2, Kind.HELLO, bytes(104)), Drop.VERSION),
        (SetUpMessage(1, 5, bytes(104)), Drop.UNKNOWN_KIND),
        (SetUpMessage(1, Kind.HELLO, bytes(103)), Drop.SHORT),
        (SetUpMessage(1, Kind.FINISH, bytes(73)), Drop.SHORT),
    ],
)
def test_a_set_up_that_is_not_of_this_version_is_dropped(message: SetUpMessage, why: Drop) -> None:
    with pytest.raises(Dropped) as dropped:
        check_set_up(message)
    assert dropped.value.reason is why
