"""Packets: golden bytes, every field back, and no bad byte gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_app.link.packet import HEADER_BYTES, Packet, PacketError, mode_of, pack, unpack, unwrap

ONE = Packet(mode=11, sequence=0x1234, time_ms=0x0A0B0C, payloads=(bytes(range(7)),))
TWO = Packet(mode=3, sequence=0, time_ms=60, payloads=(b"ab", b"cde"))


def test_golden_bytes_of_a_fixed_size_bundle() -> None:
    assert pack(ONE, 7).hex() == "010b12340a0b0c00010203040506"


def test_golden_bytes_of_a_bundle_of_varying_frames() -> None:
    assert pack(TWO, None).hex() == "0203000000003c026162636465"


@given(
    st.integers(0, 255),
    st.integers(0, 65535),
    st.integers(0, (1 << 24) - 1),
    st.lists(st.binary(max_size=300), min_size=1, max_size=15),
)
def test_what_goes_in_comes_out(
    mode: int, sequence: int, time_ms: int, payloads: list[bytes]
) -> None:
    packet = Packet(mode, sequence, time_ms, tuple(payloads))
    assert unpack(pack(packet, None), None) == packet


@given(st.binary(max_size=40), st.sampled_from([None, 4, 7]))
def test_any_bytes_are_a_packet_or_a_clear_error(data: bytes, frame_bytes: int | None) -> None:
    try:
        packet = unpack(data, frame_bytes)
    except PacketError as fault:
        assert str(fault)
    else:
        assert len(packet.payloads) <= 15
        assert mode_of(data) == packet.mode


def test_frames_that_are_cut_are_known_by_their_length() -> None:
    cut = Packet(3, 0, 60, (b"ab", b"cd"))
    whole = Packet(3, 0, 60, (b"abcd", b"efgh"))
    for packet in (cut, whole):
        assert unpack(pack(packet, 4), 4, 2) == packet
    with pytest.raises(PacketError, match="4 bytes do not make 4 bytes"):
        unpack(pack(cut, 4), 4)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x01", "too few"),
        (b"\x41" + bytes(6), "version 1"),
        (b"\x11" + bytes(6), "kind 1"),
        (b"\x01" + bytes(6) + b"abc", "3 bytes"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, words: str) -> None:
    with pytest.raises(PacketError, match=words):
        unpack(data, 7)


def test_a_large_frame_in_a_bundle_has_a_length_of_two_bytes() -> None:
    data = pack(Packet(0, 0, 0, (bytes(200), b"x")), None)
    assert len(data) == HEADER_BYTES + 2 + 200 + 1


@given(st.integers(0, 1 << 40), st.integers(-30000, 30000))
def test_unwrap_finds_the_nearest(near: int, step: int) -> None:
    assert unwrap((near + step) & 0xFFFF, near, 16) == near + step
