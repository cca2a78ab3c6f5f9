"""Bad input: the cases, what must hold in each, and `make fuzz`, which goes on for minutes.

Hypothesis makes the cases. What a fuzzer that follows coverage (atheris) is good at is finding the
way in byte by byte; here 8 bytes of tag stand in the way, and what lies behind them is reached only
by who has the keys and knows what to seal. So cases are rows of doings, and shrink to few of them.

    python -m tests.test_app.link.fuzzing [SECONDS]
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from rich.progress import Progress

from sotto_app.files import CHECKOUT
from sotto_app.gateway import crossing
from sotto_app.gateway.crossing import CrossingError, Join, Leave, Mode, Mute, Refuse
from sotto_app.link.chunks import write
from sotto_app.link.events import Bundle, Up
from sotto_app.link.kiss import KissDecoder, frame
from sotto_app.link.listen import HALF_OPEN_S
from sotto_app.link.session import State
from tests.test_app.link.meeting import SAID, Meeting, answers_a_ping, honest
from tests.test_app.link.test_chunks import DATAGRAMS

MINUTES_5 = 300.0
ROUND = 50  # cases of one kind, then those of the next
KISS_BYTES = 300
REASONS = (CHECKOUT / "docs/protocol.md").read_text().partition("## 8. ")[2].partition("## 9. ")[0]


@dataclass(frozen=True)
class Twist:
    """Somebody's datagram: `which` of `whose`, cut off, with bits flipped, with a tail."""

    whose: str
    which: int
    cut: int | None
    flips: tuple[int, ...]
    tail: bytes

    def of(self, pools: Mapping[str, Sequence[bytes]]) -> bytes:
        pool = pools[self.whose]
        data = bytearray(pool[self.which % len(pool)][: self.cut])
        for bit in self.flips:
            if data:
                data[bit // 8 % len(data)] ^= 1 << bit % 8
        return bytes(data) + self.tail


@dataclass(frozen=True)
class Say:
    """What somebody with keys seals, so many packets after the last and so long after it."""

    plain: bytes
    skipped: int
    waits_s: float


def _set_up(version: int, kind: int, body: bytes) -> bytes:
    return bytes([0xC0 | version << 3 | kind]) + body


NOISE = st.binary(max_size=160)
EXACT = st.sampled_from([0, 1, 72, 104]).flatmap(
    lambda size: st.binary(min_size=size, max_size=size)
)
SET_UPS = st.builds(_set_up, st.sampled_from([1, 1, 1, 0, 2, 7]), st.integers(0, 7), EXACT)
EDITS = {
    "which": st.integers(0, SAID - 1),
    "cut": st.none() | st.integers(0, 120),
    "flips": st.just(()) | st.lists(st.integers(0, 960), max_size=3).map(tuple),
    "tail": st.just(b"") | st.binary(max_size=40),
}
TWISTS = st.builds(Twist, whose=st.sampled_from(["honest", "own", "stranger", "set-up"]), **EDITS)
INTACT = st.builds(Twist, st.just("honest"), EDITS["which"], st.none(), st.just(()), st.just(b""))
OUTSIDE = st.lists(st.one_of(INTACT, TWISTS, NOISE, SET_UPS), max_size=60)
PLAINS = st.one_of(
    DATAGRAMS.map(write),
    st.builds(lambda chunks, size: write(chunks)[:size], DATAGRAMS, st.integers(0, 60)),
    st.binary(max_size=120),
)
SKIPS = st.sampled_from([0, 0, 0, 0, 1, 5, 63, 64, 1024, 1 << 20])
WAITS = st.sampled_from([0.0, 0.0, 0.1, 1.0, 30.0, 700.0])
INSIDE = st.lists(st.builds(Say, PLAINS, SKIPS, WAITS), max_size=40)
NAMES = st.text(max_size=20)
CALLS = st.integers(0, 63)
CROSSINGS = st.one_of(
    st.builds(Join, CALLS, NAMES, NAMES, NAMES),
    st.builds(Leave, CALLS),
    st.builds(Mode, CALLS, NAMES),
    st.builds(Mute, CALLS, st.booleans()),
    st.builds(Refuse, CALLS, NAMES),
)
TOLD = st.tuples(CROSSINGS.map(crossing.write), st.builds(Twist, whose=st.just("told"), **EDITS))
LINES = st.lists(
    NOISE | NOISE.map(frame) | st.binary(min_size=KISS_BYTES, max_size=500), max_size=8
)


def outsider(is_caller: bool, doings: list[Twist | bytes]) -> None:
    """Who has no keys can repeat and reorder, and change nothing."""
    meeting, stranger = Meeting(is_caller), Meeting(is_caller, seed=5)
    keys = meeting.stand()
    said = honest(keys)
    pools = {
        "honest": said,
        "stranger": honest(stranger.stand()),
        "own": meeting.own,
        "set-up": meeting.set_up,
    }
    before, delivered = meeting.session.authentic, set[bytes]()
    for doing in doings:
        datagram = doing.of(pools) if isinstance(doing, Twist) else doing
        meeting.receive(datagram)
        delivered |= {datagram} & set(said)
        assert meeting.session.authentic == before + len(delivered)
    heard = [f for event in meeting.happened if isinstance(event, Bundle) for f in event.frames]
    assert len(heard) == len(set(heard)) == len(delivered)
    assert meeting.got(Up) == 1 and meeting.session.state is State.UP
    assert answers_a_ping(meeting, keys)


def newcomer(is_caller: bool, doings: list[bytes]) -> None:
    """Whatever comes before a set-up, or between its datagrams, the session then stands."""
    meeting = Meeting(is_caller)
    for n, datagram in enumerate(doings):
        meeting.receive(datagram)
        if n % 8 == 0:
            meeting.poll()
    assert not meeting.got(Up) and meeting.session.authentic == 0
    meeting.now += HALF_OPEN_S + 1
    meeting.stand()
    assert meeting.got(Up) == 1 and meeting.session.state is State.UP


def insider(is_caller: bool, sayings: list[Say]) -> None:
    """Who has keys can say what it likes: it is read or dropped for a reason that is known."""
    meeting = Meeting(is_caller)
    keys = meeting.stand()
    meeting.session.send_message(b"is anybody there?", meeting.now)
    for saying in sayings:
        keys.sealer.counter += saying.skipped
        meeting.receive(keys.sealer.seal(saying.plain, unheard=saying.skipped > 60))
        meeting.now += saying.waits_s
        sent = meeting.poll()
        assert len(sent) <= 20, "no more goes than what waits"
    unknown = [reason for reason in meeting.session.dropped if reason not in REASONS]
    assert not unknown, f"docs/protocol.md does not know {unknown}"


def radio(pieces: list[bytes], step: int) -> None:
    """However a line is cut, the same frames come of it, and none is too long."""
    line = b"".join(pieces)
    whole, by_parts = KissDecoder(KISS_BYTES), KissDecoder(KISS_BYTES)
    found = [it for at in range(0, len(line), step) for it in by_parts.feed(line[at : at + step])]
    assert whole.feed(line) == found and whole.dropped == by_parts.dropped
    assert all(len(it) <= KISS_BYTES for it in found)
    assert by_parts.feed(frame(b"")[:1] + frame(b"next"))[-1:] == [b"next"]


def told(message: bytes, twist: Twist) -> None:
    """A message between gateways is read as it was written, or refused."""
    assert crossing.write(crossing.read(message)) == message
    data = twist.of({"told": [message]})
    try:
        assert crossing.write(crossing.read(data)) == data
    except CrossingError:
        pass


Check = Callable[..., None]
TARGETS: dict[Check, tuple[SearchStrategy[Any], ...]] = {
    outsider: (st.booleans(), OUTSIDE),
    newcomer: (st.booleans(), st.lists(NOISE | SET_UPS, max_size=60)),
    insider: (st.booleans(), INSIDE),
    radio: (LINES, st.integers(1, 400)),
    told: (TOLD.map(lambda it: it[0]), TOLD.map(lambda it: it[1])),
}


def attack(check: Check, cases: int) -> None:
    """So many cases of one kind. Raises what is found, with the least case that shows it."""
    test = given(*TARGETS[check])(check)
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]  # a machine may do something else
    settings(max_examples=cases, deadline=None, database=None, suppress_health_check=slow)(test)()


def main(seconds: float) -> None:
    start_s, cases = time.monotonic(), 0
    with Progress() as progress:
        task = progress.add_task("fuzz", total=seconds)
        for check in cycle(TARGETS):
            attack(check, ROUND)
            cases += ROUND
            past_s = time.monotonic() - start_s
            words = f"{cases} cases; {check.__name__}"
            progress.update(task, completed=min(past_s, seconds), description=words)
            if past_s >= seconds:
                return


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES_5)
