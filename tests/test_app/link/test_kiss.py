"""KISS framing: exact bytes, any data back, and its place found again after anything."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.kiss import FEND, Command, KissDecoder, Parameters, escapes, frame

few = settings(max_examples=60)


def decoded(received: bytes, max_bytes: int = 300) -> list[bytes]:
    return KissDecoder(max_bytes).feed(received)


def test_a_frame_has_these_bytes() -> None:
    assert frame(b"TEST").hex() == "c00054455354c0"
    assert frame(b"\xc0\xdb").hex() == "c000dbdcdbddc0"  # the example of the KISS paper
    assert frame(b"\xdb\xdc\xdd").hex() == "c000dbdddcddc0"


def test_parameters_come_as_one_frame_each() -> None:
    told = Parameters(tx_delay_s=0.3, persistence=0.25, slot_s=0.1, full_duplex=False)
    assert told.encode().hex() == "c0011ec0" + "c0023fc0" + "c0030ac0" + "c00500c0"
    assert Parameters().encode() == b""
    assert Parameters(tx_delay_s=1.92).encode().hex() == "c001dbdcc0"  # 192 is FEND
    assert Parameters(persistence=1.0).encode().hex() == "c002ffc0"


@pytest.mark.parametrize(
    "values", [{"tx_delay_s": 2.56}, {"slot_s": -0.1}, {"persistence": 0.0}, {"persistence": 1.1}]
)
def test_parameters_that_kiss_cannot_hold_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="KISS holds times|persistence is"):
        Parameters(**values)  # type: ignore[arg-type]  # of floats only


@few
@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(1, 50))
def test_whatever_is_framed_comes_back_however_the_line_cuts_it(
    datagrams: list[bytes], step: int
) -> None:
    line = b"".join(frame(datagram) for datagram in datagrams)
    decoder, found = KissDecoder(300), list[bytes]()
    for start in range(0, len(line), step):
        found += decoder.feed(line[start : start + step])
    assert found == datagrams and not decoder.dropped


@few
@given(st.binary(max_size=300))
def test_the_cost_of_a_frame_is_exact(datagram: bytes) -> None:
    assert len(frame(datagram)) == len(datagram) + 3 + escapes(datagram)


@few
@given(st.binary(max_size=400), st.binary(max_size=100))
def test_after_any_garbage_the_next_frame_but_one_is_whole(garbage: bytes, datagram: bytes) -> None:
    """The first FEND after garbage may end a frame that the garbage began."""
    assert decoded(garbage + frame(datagram))[-1:] == [datagram]


@pytest.mark.parametrize(
    ("received", "reason"),
    [
        (b"end of a frame\xc0", "garbage"),
        (b"\xc0\x00ab\xdbcd\xc0", "bad escape"),
        (b"\xc0\x00ab\xdb\xc0", "bad escape"),
        (b"\xc0\x10other port\xc0", "not data"),
        (b"\xc0\x01\x1e\xc0", "not data"),
        (b"\xc0\x00" + bytes(301) + b"\xc0", "too long"),
    ],
)
def test_what_is_no_frame_of_data_is_counted(received: bytes, reason: str) -> None:
    decoder = KissDecoder(300)
    assert decoder.feed(received) == []
    assert decoder.dropped == {reason: 1}
    assert decoder.feed(frame(b"next")) == [b"next"]


def test_the_largest_frame_passes_and_a_flood_without_end_takes_no_memory() -> None:
    assert decoded(frame(bytes([FEND]) * 300)) == [bytes([FEND]) * 300]
    decoder = KissDecoder(300)
    decoder.feed(frame(b"")[:2])
    for _ in range(100):
        assert decoder.feed(bytes(1000)) == []
    assert len(decoder._frame) <= 301
    assert decoder.feed(frame(b"next")) == [b"next"] and decoder.dropped == {"too long": 1}


def test_fends_between_frames_are_nothing() -> None:
    decoder = KissDecoder(300)
    assert decoder.feed(b"\xc0\xc0\xc0" + frame(b"a") + b"\xc0" + frame(b"b", Command.DATA))
    assert not decoder.dropped
