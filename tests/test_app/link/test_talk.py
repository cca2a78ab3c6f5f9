"""A talker's sending half: what goes into which packet."""

import pytest

from sotto_app.link.chunks import Earlier, Level, Media, Spurt, write
from sotto_app.link.run import FrameShape
from sotto_app.link.sealing import Sealer
from sotto_app.link.talk import Packet, TalkSender

SHAPES = {1: FrameShape(2, 40.0), 2: FrameShape(3, 20.0), 3: FrameShape(None, 60.0)}


def talk(sender: TalkSender, frames: range, start_ms: int = 0, frame_ms: int = 40) -> list[Packet]:
    """Packets with frames numbered so."""
    return [
        packet
        for frame in frames
        for packet in sender.add(frame.to_bytes(2), start_ms + frame * frame_ms)
    ]


def media(packet: Packet) -> Media:
    assert isinstance(packet[-1], Media)
    return packet[-1]


def spurts(packets: list[Packet]) -> list[int]:
    return [i for i, packet in enumerate(packets) if isinstance(packet[0], Spurt)]


def test_golden_packets_of_a_run() -> None:
    sender = TalkSender(SHAPES, 1, frames=2, first=2)
    packets = talk(sender, range(6), start_ms=0x010203)
    assert [write(packet).hex() for packet in packets] == [
        "4101000102038400000001",
        "4101010102538500020003",
        "8600040005",
    ]


def test_golden_packet_with_redundancy_and_the_end() -> None:
    sender = TalkSender(SHAPES, 1, frames=1)
    sender.depth = 2
    talk(sender, range(2))
    assert [write(packet).hex() for packet in talk(sender, range(2, 3))] == [
        "4801020001" + "4802020000" + "860002"
    ]
    assert [write(packet).hex() for packet in sender.end(57)] == ["4039"]


def test_redundancy_is_the_core_of_earlier_frames() -> None:
    sender = TalkSender({1: FrameShape(3, 40.0, core_bytes=1)}, 1, frames=2, first=2)
    sender.depth = 1
    packets = [packet for at in range(4) for packet in sender.add(bytes([at, 7, 7]), 40 * at)]
    assert packets[1][1:] == (Earlier(1, b"\x00\x01"), Media(1, 1, b"\x02\x07\x07\x03\x07\x07"))


def test_the_steady_state_costs_one_byte_per_bundle() -> None:
    sender = TalkSender(SHAPES, 1, frames=4, first=4)
    packets = talk(sender, range(4 * 16 * 10))
    sizes = [len(write(packet)) for packet in packets]
    marked = spurts(packets)
    assert marked == [0, 1, *range(16, 160, 16)]
    assert {size for i, size in enumerate(sizes) if i not in marked} == {1 + 8}
    assert {size for i, size in enumerate(sizes) if i in marked} == {1 + 8 + 6}


def test_bundles_grow_after_a_change_of_mode() -> None:
    sender = TalkSender(SHAPES, 1, frames=3)
    sizes = [len(media(packet).bundle) // 2 for packet in talk(sender, range(30))]
    assert sizes == [1] * 4 + [2] * 4 + [3] * 6
    assert [len(media(packet).bundle) // 3 for packet in sender.set_mode(2, 2)] == []
    packets = [packet for i in range(7) for packet in sender.add(bytes(3), 1200 + 20 * i)]
    assert [len(media(packet).bundle) // 3 for packet in packets] == [1] * 4 + [2]
    assert [media(packet).mode for packet in packets] == [2] * 5


def test_a_shorter_bundle_is_taken_at_once_and_a_longer_one_in_steps() -> None:
    sender = TalkSender(SHAPES, 1, frames=3, first=3)
    packets = talk(sender, range(6))
    sender.resize(1)
    packets += talk(sender, range(6, 9))
    sender.resize(2)
    packets += talk(sender, range(9, 14))
    assert [len(media(packet).bundle) // 2 for packet in packets] == [3, 3, 1, 1, 1, 1, 2, 2]
    assert spurts(packets) == [0, 1, 3, 4, 6, 7]  # the third is the short last of its run


def test_what_is_held_back_goes_out_when_the_mode_changes() -> None:
    sender = TalkSender(SHAPES, 1, frames=4, first=4)
    talk(sender, range(5))
    (packet,) = sender.set_mode(2, 1)
    assert media(packet) == Media(1, 1, b"\0\4")
    assert sender.flush() == []


def test_a_pause_begins_a_new_run_without_redundancy_across_it() -> None:
    sender = TalkSender(SHAPES, 1, frames=2, first=2)
    sender.depth = 3
    talk(sender, range(5))
    last, first = talk(sender, range(5, 7), start_ms=1000)
    assert media(last).bundle == b"\0\4"
    assert [type(chunk) for chunk in first] == [Spurt, Media]
    assert first[0] == Spurt(1, 3, 1200)


def test_the_end_rides_on_the_last_bundle() -> None:
    sender = TalkSender(SHAPES, 1, frames=2, first=2)
    talk(sender, range(9))
    (packet,) = sender.end(60)
    assert packet == (Level(60), Media(1, 0, b"\0\x08"))
    assert isinstance(talk(sender, range(9, 11))[0][0], Spurt)


def test_for_an_end_that_knows_nothing_a_run_begins() -> None:
    sender = TalkSender(SHAPES, 1, frames=1)
    sender.depth = 1
    talk(sender, range(5))
    sender.restart()
    first, second, third = talk(sender, range(5, 8))
    assert first == (Spurt(1, 5, 200), Media(1, 1, b"\0\5"))
    assert [type(chunk) for chunk in second] == [Spurt, Earlier, Media]
    assert [type(chunk) for chunk in third] == [Earlier, Media]


def test_redundancy_reaches_over_a_change_of_length_not_of_mode() -> None:
    sender = TalkSender(SHAPES, 1, frames=2)
    sender.depth = 3
    packets = talk(sender, range(6))
    assert packets[-1][1:-1] == (Earlier(1, b"\0\3"), Earlier(2, b"\0\2"), Earlier(3, b"\0\1"))
    sender.set_mode(2, 1)
    (packet,) = sender.add(b"new", 240)
    assert not any(isinstance(chunk, Earlier) for chunk in packet)


@pytest.mark.parametrize(("start_ms", "on_the_wire"), [((1 << 24) + 5, 5), (-1, (1 << 24) - 1)])
def test_time_wraps(start_ms: int, on_the_wire: int) -> None:
    (packet,) = TalkSender(SHAPES, 1, frames=1).add(b"ab", start_ms)
    assert packet[0] == Spurt(1, 0, on_the_wire)


def test_numbers_wrap() -> None:
    packets = talk(TalkSender(SHAPES, 1, frames=1), range(273))
    assert packets[272][0] == Spurt(1, 16, 272 * 40)
    assert media(packets[271]).turn == 271 % 4


def test_frames_of_a_fraction_of_a_millisecond_are_one_run() -> None:
    sender = TalkSender({1: FrameShape(1, 62.5)}, 1, frames=1)
    packets = [packet for i in range(40) for packet in sender.add(b"x", round(i * 62.5))]
    assert spurts(packets) == [0, 1, 16, 32]


def test_in_its_datagram_a_bundle_costs_ten_bytes_beside_itself() -> None:
    """A counter, a kind and mode, a tag of eight: but for the packets that set things right."""
    sealer, sender = Sealer(bytes(32)), TalkSender({1: FrameShape(7, 80.0)}, 1, frames=4, first=4)
    packets = [packet for i in range(4 * 320) for packet in sender.add(bytes(7), 80 * i)]
    sizes = [len(sealer.seal(write(packet))) for packet in packets]
    assert sizes[4:16] == [1 + 1 + 28 + 8] * 12
    assert sum(sizes[32:]) / len(sizes[32:]) == 38 + 6 / 16 + 3 / 32
