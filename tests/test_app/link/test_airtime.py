"""Turns on shared air, over virtual time."""

import random
from collections.abc import Iterator

import pytest

from sotto_app.link.airtime import Air, AirRules

RULES = AirRules(rate_bps=1200, key_up_s=0.3, quiet_s=0.2, slot_s=0.1, slots=4, turn_s=2.0)
FRAME = bytes(30)  # 0.2 s at 1200 bit/s


def drain(air: Air, until_s: float) -> Iterator[tuple[float, list[bytes]]]:
    """The turns that a station takes when it hears nothing."""
    while (due_s := air.due_s) is not None and due_s <= until_s:
        yield due_s, air.poll(due_s)


def test_free_air_is_used_at_once() -> None:
    air = Air(RULES, random.Random(1))
    assert air.due_s is None
    air.put(FRAME)
    assert air.poll(5.0) == [FRAME]
    assert air.due_s is None and air.waiting == 0


def test_while_another_talks_it_waits_and_for_a_random_slot_more() -> None:
    starts = set()
    for seed in range(40):
        air = Air(RULES, random.Random(seed))
        air.put(FRAME)
        for at in (1.0, 1.1, 1.2):
            air.heard(at)
            assert air.poll(at) == []
        assert air.due_s is not None
        assert air.poll(air.due_s - 0.001) == []
        starts.add(round(air.due_s, 6))
        assert air.poll(air.due_s) == [FRAME]
    assert min(starts) >= 1.4 and max(starts) == pytest.approx(1.7) and len(starts) > 3


def test_a_turn_takes_several_frames_but_no_longer_than_allowed() -> None:
    air = Air(RULES, random.Random(1))
    for _ in range(20):
        air.put(FRAME)
    (first_s, first), (second_s, second) = list(drain(air, 10.0))[:2]
    assert len(first) == len(second) == 8  # 0.3 s to key up, then 8 frames of 0.2 s: 1.9 s
    assert second_s - first_s == pytest.approx(1.9 + 0.2 + 4 * 0.1)


def test_two_that_always_have_something_talk_in_turn_and_never_at_once() -> None:
    stations = [Air(RULES, random.Random(seed)) for seed in (1, 2)]
    turns, busy_until_s, now = list[int](), 0.0, 0.0
    stations[1].heard(0.0)  # else both begin in the same instant
    while now < 120:
        for number, air in enumerate(stations):
            while air.waiting < 10:
                air.put(FRAME)
            if taken := air.poll(now):
                assert now >= busy_until_s
                turns.append(number)
                busy_until_s = now + RULES.key_up_s + len(taken) * 0.2
        if now < busy_until_s and turns:
            stations[1 - turns[-1]].heard(now)
        now += 0.02
    assert len(turns) > 30
    assert all(a != b for a, b in zip(turns, turns[1:], strict=False))


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_no_minute_has_more_than_the_share(share: float) -> None:
    rules = AirRules(1200, key_up_s=0.3, turn_s=2.0, share=share)
    air, turns = Air(rules, random.Random(1)), list[tuple[float, float]]()
    for _ in range(200):
        while air.waiting < 20:
            air.put(FRAME)
        due_s = air.due_s
        assert due_s is not None
        taken = air.poll(due_s)
        assert taken
        turns.append((due_s, due_s + 0.3 + 0.2 * len(taken)))
    for _, end_s in turns:
        within_s = sum(
            min(end, end_s) - max(start, end_s - 60)
            for start, end in turns
            if end > end_s - 60 and start < end_s
        )
        assert within_s <= 60 * share + 1e-6
    assert turns[-1][1] < 200 * 2.0 / share * 1.1  # and it is used


def test_its_own_line_is_paced_without_listening() -> None:
    air = Air(AirRules(1200, half_duplex=False), random.Random(1))
    for _ in range(5):
        air.put(FRAME)
    air.heard(0.0)
    turns = list(drain(air, 10.0))
    assert [at for at, _ in turns] == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8])
    assert all(frames == [FRAME] for _, frames in turns)


def test_when_the_queue_is_full_the_oldest_goes() -> None:
    air = Air(AirRules(1200, queue=2), random.Random(1))
    air.heard(0.0)
    for n in range(4):
        air.put(bytes([n]))
    assert air.dropped == {"stale": 2}
    assert next(drain(air, 10.0))[1] == [b"\x02", b"\x03"]


@pytest.mark.parametrize("values", [{"rate_bps": 0}, {"share": 0.0}, {"slots": 0}, {"queue": 0}])
def test_rules_that_cannot_work_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="rate|share|slots"):
        AirRules(**{"rate_bps": 1200, **values})  # type: ignore[arg-type]  # of numbers only
