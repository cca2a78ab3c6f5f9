"""A few cases of what `make fuzz` does for minutes, and a flood."""

import gc
import os
import random
import tracemalloc
from collections.abc import Iterator

import pytest

from tests.test_app.link.fuzzing import TARGETS, Check, attack
from tests.test_app.link.meeting import Meeting, answers_a_ping

CASES = int(os.environ.get("SOTTO_FUZZ_CASES", "25"))
FLOOD, WARM = 50_000, 10_000
PER_DATAGRAM_S = 0.001
GROWTH_BYTES = 100_000


@pytest.mark.parametrize("check", TARGETS, ids=lambda check: check.__name__)
def test_no_input_does_harm(check: Check) -> None:
    attack(check, CASES)


def traced_bytes() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def flood(chance: random.Random) -> Iterator[bytes]:
    """Noise, sealed and not, and set-ups of the right sizes."""
    kinds = (0xC9, 0xC9, 0xCA, 0xCB, 0xCC, 0xD1)
    while True:
        yield chance.randbytes(chance.randint(0, 200))
        yield bytes([chance.randrange(0xC0)]) + chance.randbytes(chance.randint(8, 120))
        kind = chance.choice(kinds)
        yield bytes([kind]) + chance.randbytes({0xCB: 72, 0xCC: 1}.get(kind, 104))


@pytest.mark.parametrize("stands", [True, False])
def test_a_flood_takes_no_memory_and_is_hardly_answered(stands: bool) -> None:
    meeting, came, answered, warm = Meeting(is_caller=False), 0, 0, 0
    keys = meeting.stand() if stands else None
    tracemalloc.start()
    for n, datagram in zip(range(FLOOD), flood(random.Random(3)), strict=False):
        came += len(datagram)
        answered += sum(map(len, meeting.receive(datagram)))
        meeting.own.clear()
        meeting.happened.clear()
        meeting.now += PER_DATAGRAM_S
        if n == WARM:
            warm = traced_bytes()
    growth = traced_bytes() - warm
    tracemalloc.stop()
    assert growth < GROWTH_BYTES
    assert answered < came / 1000
    assert meeting.session.dropped.total() > FLOOD / 2
    assert keys is None or answers_a_ping(meeting, keys)
