"""A talker over scripted links: nothing twice, nothing invented, times right where they say so."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.chunks import Earlier, Level, Media, Spurt, Talker, TalkerChunk, read, write
from sotto_app.link.hear import Ended, Heard, TalkReceiver
from sotto_app.link.run import Arrivals, FrameShape
from sotto_app.link.talk import Packet, TalkSender

SHAPES = {
    1: FrameShape(4, 40.0),  # without a Spurt not to be told from 33
    2: FrameShape(3, 20.0),
    4: FrameShape(4, 40.0),
    33: FrameShape(None, 60.0),
}
FRAME_MS = {2: 20, 4: 40, 33: 60}
WRAP_MS = 1 << 24


@dataclass
class Talk:
    """A talker whose frames all differ, and when each of the packets was sent."""

    sender: TalkSender
    mode: int = 4
    clock_ms: int = 0
    frames: dict[bytes, tuple[int, int]] = field(default_factory=dict)  # mode and start of each
    packets: list[tuple[Packet, float]] = field(default_factory=list)

    def speak(self, frames: int) -> None:
        for _ in range(frames):
            payload = len(self.frames).to_bytes(SHAPES[self.mode].frame_bytes or 5)
            self.frames[payload] = self.mode, self.clock_ms
            packets = self.sender.add(payload, self.clock_ms)
            self.clock_ms += FRAME_MS[self.mode]
            self.send(packets)

    def pause(self, ms: int) -> None:
        self.send(self.sender.end(60))
        self.clock_ms += ms

    def change(self, mode: int, frames: int) -> None:
        self.send(self.sender.set_mode(mode, frames))
        self.mode = mode

    def send(self, packets: Sequence[Packet]) -> None:
        self.packets += [(packet, self.clock_ms / 1000) for packet in packets]


def talk(frames: int, bundle: int = 2, depth: int = 0, start_ms: int = 0) -> Talk:
    talker = Talk(TalkSender(SHAPES, 4, bundle, first=bundle), clock_ms=start_ms)
    talker.sender.depth = depth
    talker.speak(frames)
    return talker


class Ear:
    """A receiver that holds all it hears against what was said."""

    def __init__(self, talker: Talk, arrivals: Arrivals | None = None) -> None:
        self.talker = talker
        self.arrivals = arrivals or Arrivals()
        self.receiver = TalkReceiver(SHAPES, self.arrivals)
        self.heard: list[Heard] = []
        self.ended: list[Ended] = []
        self.frames: list[bytes] = []

    def receive(self, counter: int, late_s: float = 0.6) -> list[Heard]:
        packet, sent_s = self.talker.packets[counter]
        if not self.arrivals.add(counter):
            return []
        chunks = [chunk for chunk in read(write(packet)) if isinstance(chunk, TalkerChunk)]
        return self.take(chunks, counter, sent_s + late_s)

    def take(self, chunks: Sequence[TalkerChunk], counter: int, now: float) -> list[Heard]:
        events = self.receiver.receive(chunks, counter, now)
        heard = [event for event in events if isinstance(event, Heard)]
        self.ended += [event for event in events if isinstance(event, Ended)]
        self.heard += heard
        self.frames += [payload for bundle in heard for payload in bundle.payloads]
        return heard

    def check(self) -> None:
        assert len(set(self.frames)) == len(self.frames), "a frame came twice"
        for bundle in self.heard:
            said = [self.talker.frames[payload] for payload in bundle.payloads]  # nothing invented
            assert {mode for mode, _ in said} == {bundle.mode}
            if bundle.certain:
                assert (bundle.start_ms - said[0][1]) % WRAP_MS == 0

    @property
    def off_ms(self) -> list[int]:
        """How far each bundle is from its right place."""
        return [
            bundle.start_ms - self.talker.frames[bundle.payloads[0]][1] for bundle in self.heard
        ]


def hear(talker: Talk, lost: Iterable[int] = ()) -> Ear:
    ear, lost = Ear(talker), set(lost)
    for counter in range(len(talker.packets)):
        if counter not in lost:
            ear.receive(counter)
    ear.check()
    return ear


TURNS = st.one_of(
    st.tuples(st.just("speak"), st.integers(1, 40)),
    st.tuples(st.just("pause"), st.integers(0, 5000)),
    st.tuples(st.just("jump"), st.integers(2, 3000)),
    st.tuples(st.sampled_from(["mode 4", "mode 2", "mode 33"]), st.integers(1, 5)),
    st.tuples(st.just("depth"), st.integers(0, 3)),
    st.tuples(st.just("bundle"), st.integers(1, 6)),
    st.tuples(st.just("other packets"), st.integers(1, 4)),
)


@st.composite
def talks(draw: st.DrawFn) -> Talk:
    """Speech, silence, changes of all that may change, and packets that are not this talker's."""
    talker = talk(draw(st.integers(1, 20)), start_ms=draw(st.sampled_from([0, WRAP_MS - 700])))
    for what, value in draw(st.lists(TURNS, max_size=12)):
        match what.split():
            case ["speak"]:
                talker.speak(value)
            case ["pause"]:
                talker.pause(value)
            case ["jump"]:
                talker.clock_ms += value
            case ["mode", mode]:
                talker.change(int(mode), value)
            case ["depth"]:
                talker.sender.depth = value
            case ["bundle"]:
                talker.sender.resize(value)
            case _:
                talker.send([()] * value)
    talker.send(talker.sender.flush())
    return talker


@settings(max_examples=150, deadline=None)
@given(talks())
def test_without_loss_all_is_heard_in_order_and_certain(talker: Talk) -> None:
    ear = hear(talker)
    assert ear.frames == list(talker.frames)
    assert all(bundle.certain and not bundle.earlier for bundle in ear.heard)
    assert not ear.receiver.dropped


@settings(max_examples=300, deadline=None)
@given(talks(), st.floats(0, 0.9), st.integers(0, 12), st.randoms(use_true_random=False))
def test_whatever_the_link_does_nothing_comes_twice_or_is_invented(
    talker: Talk, loss: float, reach: int, chance: random.Random
) -> None:
    ear = Ear(talker)
    order = [counter for counter in range(len(talker.packets)) if chance.random() >= loss]
    order += [counter for counter in order if chance.random() < 0.2]  # twice
    for counter in sorted(order, key=lambda counter: counter + chance.uniform(0, reach)):
        ear.receive(counter, 0.6 + chance.uniform(0, 0.3))
    ear.check()


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.integers(0, 3), st.randoms(use_true_random=False))
def test_reordering_alone_loses_nothing(reach: int, depth: int, chance: random.Random) -> None:
    talker = talk(60, depth=depth)
    ear = Ear(talker)
    places = range(len(talker.packets))
    for counter in sorted(places, key=lambda counter: counter + chance.uniform(0, reach)):
        ear.receive(counter)
    ear.check()
    assert sorted(ear.frames) == list(talker.frames)


@pytest.mark.parametrize("depth", range(4))
@pytest.mark.parametrize("loss", [0.05, 0.2, 0.3])
def test_the_share_that_is_heard_is_that_of_the_arithmetic(depth: int, loss: float) -> None:
    """A bundle is lost if all the packets that carry it are: each by itself, loss^(depth + 1)."""
    talker = talk(20000, bundle=2, depth=depth)
    chance = random.Random(7)
    ear = hear(talker, [i for i in range(len(talker.packets)) if chance.random() < loss])
    expected = loss ** (depth + 1)
    deviation = (expected / 10000 * (2 * depth + 1)) ** 0.5  # neighbours share packets
    assert 1 - len(ear.frames) / 20000 == pytest.approx(expected, abs=4 * deviation)


@pytest.mark.parametrize("lost", [[2], [5, 6], [2, 3, 4], [9, 11], range(2, 9), [0], [1], [15, 16]])
def test_in_a_run_lost_packets_put_nothing_out_of_place(lost: Iterable[int]) -> None:
    ear = hear(talk(80), lost)
    assert set(ear.off_ms) == {0}


def test_one_lost_packet_leaves_the_time_certain_and_two_until_the_next_spurt() -> None:
    assert all(bundle.certain for bundle in hear(talk(80), [5]).heard)
    ear = hear(talk(80), [5, 6])
    assert [bundle.certain for bundle in ear.heard] == [True] * 5 + [False] * 9 + [True] * 24


def test_redundancy_that_reaches_back_leaves_the_time_certain() -> None:
    ear = hear(talk(80, depth=3), [5, 6])
    assert all(bundle.certain for bundle in ear.heard)
    assert [bundle.earlier for bundle in ear.heard][5:8] == [True, True, False]
    assert ear.frames == list(ear.talker.frames)


def test_a_silence_is_no_loss() -> None:
    talker = talk(20)
    talker.pause(60_000)
    talker.speak(20)
    ear = hear(talker)
    assert ear.ended == [Ended(60)]
    assert all(bundle.certain for bundle in ear.heard)


def test_both_spurts_after_a_silence_lost_the_arrival_tells_the_time() -> None:
    talker = talk(20)
    talker.pause(10_000)
    talker.speak(60)
    end = len(talker.packets) - 30
    ear = hear(talker, [end, end + 1])
    after = ear.heard[10:]
    assert [bundle.certain for bundle in after] == [False] * 14 + [True] * 14
    assert set(ear.off_ms) == {0}


def test_the_end_lost_too_the_arrival_tells_all_the_same() -> None:
    talker = talk(20)
    talker.pause(10_000)
    talker.speak(60)
    ear = hear(talker, [10, 11, 12])
    assert set(ear.off_ms) == {0}
    assert not ear.heard[10].certain


def test_after_an_end_that_came_a_short_pause_is_seen_too() -> None:
    talker = talk(20)
    talker.pause(300)
    talker.speak(60)
    start = len(talker.packets) - 30
    ear = hear(talker, [start, start + 1])
    assert not ear.heard[10].certain
    assert set(ear.off_ms) == {0}


def test_redundancy_that_does_not_reach_over_a_pause_leaves_a_doubt() -> None:
    talker = talk(20, depth=2)
    talker.clock_ms += 3000
    talker.speak(60)
    ear = hear(talker, [10, 11])
    assert ear.frames == list(talker.frames)
    assert [bundle.certain for bundle in ear.heard[9:14]] == [True, False, False, False, False]
    assert set(ear.off_ms) == {0}


def test_a_late_bundle_before_a_pause_is_not_placed_by_the_next_run() -> None:
    talker = talk(20)
    talker.clock_ms += 3000
    talker.speak(20)
    ear = Ear(talker)
    for counter in [*range(7), 10, 11, 9]:
        ear.receive(counter)
    assert not ear.heard[-1].certain
    assert set(ear.off_ms) == {0}


def test_nothing_known_the_first_bundle_is_as_if_it_came_at_once() -> None:
    ear = Ear(talk(80))
    (bundle,) = ear.receive(7)
    assert bundle == Heard(
        4, 8 * 80 + 600 - 80, tuple(list(ear.talker.frames)[14:16]), False, False
    )
    for counter in range(8, 17):
        ear.receive(counter)
    assert [bundle.certain for bundle in ear.heard] == [False] * 9 + [True]
    ear.check()


def test_a_late_packet_gives_its_bundle_with_the_right_time() -> None:
    ear = Ear(talk(80))
    for counter in [0, 1, 2, 3, 5, 6, 7, 8, 4]:
        ear.receive(counter)
    assert ear.heard[-1].certain
    assert ear.off_ms[-1] == 0


def test_two_late_packets_in_a_row_have_the_right_times() -> None:
    ear = Ear(talk(80))
    for counter in [*range(16), *range(18, 30), 17, 16]:
        ear.receive(counter)
    assert set(ear.off_ms) == {0}
    ear.check()


def test_what_comes_after_its_copy_is_not_given() -> None:
    ear = Ear(talk(20, depth=1))
    for counter in [0, 1, 3, 2]:
        ear.receive(counter)
    assert [bundle.earlier for bundle in ear.heard] == [False, False, True, False]


def test_a_lost_bundle_is_heard_as_its_core() -> None:
    shapes = {4: FrameShape(3, 40.0, core_bytes=1)}
    sender, arrivals = TalkSender(shapes, 4, frames=1), Arrivals()
    sender.depth = 1
    packets = [packet for at in range(3) for packet in sender.add(bytes([at, 7, 7]), 40 * at)]
    receiver, heard = TalkReceiver(shapes, arrivals), []
    for counter in (0, 2):
        assert arrivals.add(counter)
        heard += receiver.receive(packets[counter], counter, 0.1)
    assert [(it.start_ms, it.payloads) for it in heard if isinstance(it, Heard)] == [
        (0, (b"\x00\x07\x07",)),
        (40, (b"\x01",)),
        (80, (b"\x02\x07\x07",)),
    ]


def test_a_change_of_mode_in_mid_run_is_followed() -> None:
    talker = talk(21)
    talker.change(33, 2)
    talker.speak(21)
    ear = hear(talker, [len(talker.packets) // 2])
    assert {bundle.mode for bundle in ear.heard} == {4, 33}
    assert all(bundle.certain for bundle in ear.heard)


def test_time_goes_on_past_the_end_of_its_bits() -> None:
    ear = hear(talk(400, start_ms=WRAP_MS - 8000))
    starts = [bundle.start_ms for bundle in ear.heard]
    assert [second - first for first, second in zip(starts, starts[1:], strict=False)] == [80] * 199


def test_an_outage_of_ten_minutes_then_the_time_is_right_again() -> None:
    talker = talk(4 * 700 * 25)
    lost = range(1000, 1000 + 10 * 60 * 25 // 2)
    ear = hear(talker, lost)
    assert set(ear.off_ms) == {0}
    assert not ear.heard[1000].certain
    assert ear.heard[1016].certain


def test_packets_of_others_that_came_are_not_taken_for_lost_bundles() -> None:
    talker = talk(20)
    for _ in range(10):
        talker.send([()] * 9)
        talker.speak(2)
    assert all(bundle.certain for bundle in hear(talker).heard)


def test_a_packet_that_never_left_is_as_a_lost_one_if_its_counter_is_left_out() -> None:
    talker = talk(80)
    ear = hear(talker, range(6, 10))  # four: the low bits of the number alone would not show it
    assert set(ear.off_ms) == {0}
    assert not ear.heard[6].certain


def test_alike_bundles_in_doubt_are_all_given() -> None:
    """A bundle that came is not taken for another with the same bytes."""
    sender = TalkSender(SHAPES, 4, 1)
    packets = [packet for i in range(40) for packet in sender.add(b"same", 40 * i)]
    arrivals = Arrivals()
    receiver = TalkReceiver(SHAPES, arrivals)
    heard = 0
    for counter in [0, 1, *range(8, 40)]:
        arrivals.add(counter)
        heard += len(receiver.receive(packets[counter], counter, counter * 0.04))
    assert heard == 34


@pytest.mark.parametrize(
    ("chunks", "reason"),
    [
        ([Media(4, 0, b"12345")], "bad bundle"),
        ([Media(4, 0, b"")], "bad bundle"),
        ([Media(1, 0, b"1234")], "unknown mode"),
        ([Spurt(99, 0, 0), Media(3, 0, b"1234")], "unknown mode"),
        ([Spurt(4, 1, 0), Media(4, 0, b"1234")], "contradiction"),
        ([Spurt(2, 0, 0), Media(4, 0, b"1234")], "contradiction"),
    ],
)
def test_what_cannot_be_understood_is_counted(chunks: list[TalkerChunk], reason: str) -> None:
    receiver = TalkReceiver(SHAPES, Arrivals())
    assert receiver.receive(chunks, 0, 1.0) == []
    assert receiver.dropped == {reason: 1}


def test_bad_redundancy_leaves_the_bundle_good() -> None:
    receiver = TalkReceiver(SHAPES, Arrivals())
    chunks: list[TalkerChunk] = [Spurt(4, 0, 80), Earlier(2, b"1234"), Media(4, 0, b"5678")]
    assert receiver.receive(chunks, 0, 1.0) == [Heard(4, 80, (b"5678",), False, True)]
    assert receiver.dropped == {"bad redundancy": 1}


def test_what_comes_far_too_late_is_dropped() -> None:
    ear = hear(talk(200), [3])
    assert ear.receive(3) == []
    assert ear.receiver.dropped == {"too late": 1}


def test_a_mode_above_31_is_taken_without_its_spurt_where_only_one_can_be_meant() -> None:
    frames = FrameShape(2, 20.0)
    chunks: list[TalkerChunk] = [Media(33 & 31, 1, b"ab")]
    for shapes, known in [({33: frames}, True), ({33: frames, 1: frames}, False)]:
        heard = TalkReceiver(shapes, Arrivals()).receive(chunks, 5, 1.0)
        assert heard == ([Heard(33, 980, (b"ab",), False, False)] if known else [])


def test_an_end_that_comes_late_is_not_one() -> None:
    talker = talk(20)
    talker.pause(500)
    talker.speak(4)
    ear = Ear(talker)
    for counter in [*range(10), 11, 12, 10]:
        ear.receive(counter)
    assert ear.ended == []
    assert ear.talker.packets[10][0] == (Level(60),)


@pytest.mark.parametrize("together", [True, False])
def test_several_talkers_over_one_link_do_not_disturb_each_other(together: bool) -> None:
    """In one datagram each time, and each in datagrams of its own: a fifth of them is lost."""
    talkers = [talk(2000, depth=2) for _ in range(3)]
    each = zip(*(talker.packets for talker in talkers), strict=True)
    rounds = [[(number, packet) for number, (packet, _) in enumerate(row)] for row in each]
    datagrams = rounds if together else [[one] for row in rounds for one in row]
    arrivals, chance = Arrivals(), random.Random(5)
    ears = [Ear(talker, arrivals) for talker in talkers]
    for counter, parts in enumerate(datagrams):
        if chance.random() < 0.2 or not arrivals.add(counter):
            continue
        plain = write([Talker(number, packet) for number, packet in parts])
        now = counter * 0.08 / (1 if together else 3)
        for chunk in read(plain):
            assert isinstance(chunk, Talker)
            ears[chunk.number].take(chunk.chunks, counter, now)
    for ear in ears:
        ear.check()
        assert len(ear.frames) / 2000 == pytest.approx(1 - 0.2**3, abs=0.02)
        assert max(map(abs, ear.off_ms)) == 0


HOSTILE = st.one_of(
    st.builds(Media, st.integers(0, 31), st.integers(0, 3), st.binary(max_size=12)),
    st.builds(
        Spurt, st.sampled_from([2, 4, 33, 99]), st.integers(0, 255), st.integers(0, WRAP_MS - 1)
    ),
    st.builds(Earlier, st.integers(0, 255), st.binary(max_size=12)),
    st.builds(Level, st.integers(0, 127)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 90), st.lists(HOSTILE, max_size=5)), max_size=90))
def test_no_chunks_from_the_other_end_raise(
    packets: list[tuple[int, list[TalkerChunk]]],
) -> None:
    arrivals = Arrivals()
    receiver = TalkReceiver(SHAPES, arrivals)
    for at, (counter, chunks) in enumerate(packets):
        if arrivals.add(counter):
            for event in receiver.receive(chunks, counter, at * 0.02):
                assert isinstance(event, Ended) or event.payloads
