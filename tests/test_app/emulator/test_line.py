"""One direction of an emulated link, over virtual time."""

import itertools

import pytest

from sotto_app.emulator.line import Cut, Impairment, Line, Turns
from sotto_app.link.profile import PERFECT, LinkProfile


def profile(**values: float) -> LinkProfile:
    return LinkProfile("test", "", "", **values)


def run(line: Line, packets: int, every_s: float = 0.02, size: int = 4) -> list[tuple[float, int]]:
    """Arrival and number of each packet that came out."""
    for n in range(packets):
        line.send(n.to_bytes(size, "big"), n * every_s)
    arrived = []
    while (at := line.due_s) is not None:
        arrived += [(at, int.from_bytes(packet, "big")) for packet in line.receive(at)]
    return arrived


def test_every_byte_is_counted_with_what_lies_below() -> None:
    line = Line(Impairment(profile(loss=0.2), overhead_bytes=28, seed=4), near=True)
    arrived = run(line, 1000)
    tally = line.tally
    assert (tally.sent, tally.sent_bytes) == (1000, 32_000)
    assert (tally.arrived, tally.arrived_bytes) == (len(arrived), 32 * len(arrived))
    assert tally.sent == tally.arrived + tally.dropped + tally.cut
    assert tally.dropped == pytest.approx(200, abs=40) and tally.cut == 0


def test_a_seed_makes_the_same_link_and_its_directions_differ() -> None:
    wild = profile(loss=0.3, jitter_ms=80)
    first, again = (run(Line(Impairment(wild, seed=7), near=True), 300) for _ in range(2))
    back = run(Line(Impairment(wild, seed=7), near=False), 300)
    other = run(Line(Impairment(wild, seed=8), near=True), 300)
    assert first == again and first != back and first != other and back != other


def test_a_cut_takes_what_is_sent_in_it_and_nothing_else() -> None:
    cuts = (Cut(1.0, 2.0), Cut(3.0, 3.5))
    line = Line(Impairment(profile(delay_ms=300), cuts=cuts), near=True)
    arrived = [n for _, n in run(line, 40, every_s=0.1)]
    assert arrived == [n for n in range(40) if not (10 <= n < 20 or 30 <= n < 35)]
    assert line.tally.cut == 15 and line.tally.dropped == 0


@pytest.mark.parametrize("span", [(2.0, 2.0), (3.0, 1.0), (-1.0, 1.0)])
def test_a_cut_that_is_none_is_refused(span: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="a cut goes"):
        Cut(*span)


def test_on_half_duplex_air_only_one_end_sends_at_a_time() -> None:
    """40 bytes take 0.1 s at 3200 bit/s; each end sends 1.6 kbit/s on average, its half."""
    turns = Turns(near_share=0.5, cycle_s=2.0)
    air = Impairment(profile(rate_bps=3200, queue_ms=5000), turns=turns)
    spans = list[tuple[float, float, bool]]()
    for near in (True, False):
        arrived = run(Line(air, near), 100, every_s=0.2, size=40)
        assert len(arrived) == 100
        spans += [(at - 0.1, at, near) for at, _ in arrived]
        assert all(near == ((at - 0.05) % 2.0 < 1.0) for at, _ in arrived)
    spans.sort()
    assert all(b[0] >= a[1] - 1e-9 for a, b in itertools.pairwise(spans))
    assert max(at for _, at, _ in spans) < 21.1


def test_without_a_rate_turns_hold_packets_back_until_the_turn() -> None:
    line = Line(Impairment(PERFECT, turns=Turns(0.25, cycle_s=4.0)), near=False)
    assert [at for at, _ in run(line, 4, every_s=0.5)] == pytest.approx([1.0, 1.0, 1.0, 1.5])


def test_who_waits_too_long_for_a_turn_is_dropped() -> None:
    air = profile(rate_bps=3200, queue_ms=500)
    line = Line(Impairment(air, turns=Turns(0.5, cycle_s=4.0)), near=False)
    arrived = run(line, 40, every_s=0.1, size=40)
    assert 0 not in [n for _, n in arrived] and line.tally.dropped == 40 - len(arrived) > 10


def test_a_packet_longer_than_a_turn_goes_all_the_same() -> None:
    air = profile(rate_bps=800, queue_ms=60_000)
    line = Line(Impairment(air, turns=Turns(0.5, cycle_s=1.0)), near=True)
    assert len(run(line, 3, every_s=0.1, size=100)) == 3  # 1 s each, in turns of half a second


@pytest.mark.parametrize(("share", "cycle_s"), [(0.0, 2.0), (1.0, 2.0), (0.5, 0.0)])
def test_turns_that_are_none_are_refused(share: float, cycle_s: float) -> None:
    with pytest.raises(ValueError, match="share|cycle"):
        Turns(share, cycle_s)
