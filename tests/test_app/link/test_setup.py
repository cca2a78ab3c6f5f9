"""Set-up: two ends that find each other over a bad link, in virtual time, and nobody else."""

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.datagram import (
    Drop,
    Dropped,
    Kind,
    Reason,
    is_set_up,
    write_refuse,
    write_set_up,
)
from sotto_app.link.events import Up
from sotto_app.link.keys import KeyPair, Trust, decide
from sotto_app.link.listen import HALF_OPEN_MOST, HALF_OPEN_S, Listener
from sotto_app.link.profile import LinkProfile
from sotto_app.link.setup import (
    CONFIRM_S,
    JITTER,
    Caller,
    Established,
    Event,
    Me,
    Refused,
    Reply,
    SetUp,
)
from tests.test_app.link.thin_call import ThinCall

HELLO = write_set_up(Kind.HELLO, bytes(104))


def me(seed: int, known: frozenset[bytes] = frozenset()) -> Me:
    """A gateway whose keys follow from `seed`, that trusts `known`, or anybody."""
    randomness = random.Random(seed)
    static = KeyPair(randomness.randbytes(32))
    return Me(static, bytes([seed]) * 8, lambda key: decide(known, key), randomness.randbytes)


SHIP, SHORE, STRANGER = (me(seed).static.public for seed in (1, 2, 3))


def pair() -> tuple[Caller, Listener]:
    return Caller(me(1), 0.0), Listener(me(2))


def replies(events: list[Event]) -> list[bytes]:
    return [event.datagram for event in events if isinstance(event, Reply)]


def session(events: list[Event]) -> Established:
    (established,) = [event for event in events if isinstance(event, Established)]
    return established


def test_one_round_trip_and_both_ends_talk() -> None:
    caller, listener = pair()
    (hello,) = caller.poll(0.0)
    (welcome,) = replies(listener.receive(hello, 0.6))
    events = caller.receive(welcome, 1.2)
    ship, (finish,) = session(events), replies(events)
    shore = session(listener.receive(finish, 1.8))
    assert shore.opener.open(ship.sealer.seal(b"ahoy")).plain == b"ahoy"
    assert ship.opener.open(shore.sealer.seal(b"hello")).plain == b"hello"
    assert (ship.peer_public, shore.peer_public) == (SHORE, SHIP)
    assert (ship.payload, shore.payload) == (b"\2" * 8, b"\1" * 8)
    assert ship.trust is shore.trust is Trust.FIRST_USE


def test_golden_bytes_of_a_whole_set_up() -> None:
    # As another implementation of Noise makes them of these keys (noiseprotocol 0.3.1).
    caller, listener = pair()
    (hello,) = caller.poll(0.0)
    (welcome,) = replies(listener.receive(hello, 0.0))
    (finish,) = replies(caller.receive(welcome, 0.0))
    assert (
        hello.hex()
        == "c9ba92ffde98ce04e5c31ead7dcdf24333eed2d871263dba58863860fc8d7e8a71" + "00" * 72
    )
    assert welcome.hex() == (
        "cac10bf8e00fe5e812e64e31306ae8cb16563a1d7f4478a33055f9899d8c3d39304e24264daeb4d2"
        "4398c9fb2ebd363b092eda43a449b0513315373844da2cefe515241f4775f63f074fbc031d48b467"
        "d3bede19d13fa91a29ad3dfa9cde26967ff93727b0efc1ae74"
    )
    assert finish.hex() == (
        "cb4ef4970ba0e0ae7a7c2cdeb47cd8814eaf42a074df8ca40f067f41352529c3de27a79dc0ac9fc7"
        "effe1bdd648194c3cc9917690b727816ff16588d1976aefee361ecbf7b14c7e7f7"
    )


def test_sizes() -> None:
    caller, listener = pair()
    (hello,) = caller.poll(0.0)
    (welcome,) = replies(listener.receive(hello, 0.0))
    (finish,) = replies(caller.receive(welcome, 0.0))
    assert (len(hello), len(welcome), len(finish)) == (105, 105, 73)


def times_of_speech(set_up: SetUp, until_s: float) -> Iterator[float]:
    while set_up.due_s is not None and set_up.due_s <= until_s:
        now = set_up.due_s
        assert len(set_up.poll(now)) == 1
        yield now


def test_the_caller_repeats_less_and_less_often() -> None:
    caller, _ = pair()
    times = list(times_of_speech(caller, 60.0))
    waits = [later - sooner for sooner, later in itertools.pairwise(times)]
    for wait, least in zip(waits, [4, 6, 8, 8, 8], strict=False):
        assert least <= wait < least * (1 + JITTER)
    assert len(set(waits)) == len(waits) >= 5  # no two are alike
    assert caller.poll(times[-1] + 7.9) == []


def test_a_repeated_hello_has_the_same_answer() -> None:
    caller, listener = pair()
    (hello,) = caller.poll(0.0)
    (again,) = caller.poll(5.0)
    assert hello == again
    assert listener.receive(hello, 0.0) == listener.receive(again, HALF_OPEN_S - 1)


def test_a_flood_of_one_hello_is_answered_once_a_second() -> None:
    caller, listener = pair()
    (hello,) = caller.poll(0.0)
    answers = [replies(listener.receive(hello, n / 100)) for n in range(1000)]
    assert sum(map(len, answers)) <= 10
    assert listener.dropped[Drop.REPLAYED] >= 990


def test_sealed_datagrams_without_a_session_are_answered_by_two_bytes_once_a_second() -> None:
    _, listener = pair()
    assert replies(listener.receive(bytes(9), 0.0)) == [bytes.fromhex("cc04")]
    assert listener.receive(bytes(9), 0.9) == []
    assert replies(listener.receive(bytes(9), 1.0)) == [bytes.fromhex("cc04")]
    assert listener.dropped == {Drop.UNEXPECTED: 3}


def test_a_half_open_set_up_is_forgotten() -> None:
    caller, listener = pair()
    (hello,) = caller.poll(0.0)
    (welcome,) = replies(listener.receive(hello, 0.0))
    (finish,) = replies(caller.receive(welcome, 0.0))
    assert listener.receive(finish, HALF_OPEN_S) == []
    assert listener.dropped == {Drop.FORGED: 1}


def test_a_repeated_hello_keeps_it_longer() -> None:
    caller, listener = pair()
    (hello,) = caller.poll(0.0)
    (welcome,) = replies(listener.receive(hello, 0.0))
    listener.receive(hello, HALF_OPEN_S - 1)
    (finish,) = replies(caller.receive(welcome, HALF_OPEN_S))
    assert session(listener.receive(finish, 2 * HALF_OPEN_S - 2))


@pytest.mark.parametrize("delay_s", [0.3, 0.6, 1.2, 1.5])
def test_over_a_long_way_nothing_of_the_set_up_travels_twice(delay_s: float) -> None:
    call = ThinCall(LinkProfile("far", "", "", rate_bps=4800, delay_ms=delay_s * 1000))
    call.run(60.0)
    sizes = [[len(sent) for _, sent in end.sent if is_set_up(sent)] for end in call.ends]
    assert sizes == [[105, 73], [105]]
    assert [len([at for at, _ in end.sent if at < 15]) for end in call.ends] == [4, 3]  # and pings


def test_beyond_that_what_is_repeated_makes_no_second_session() -> None:
    call = ThinCall(LinkProfile("moon and back", "", "", delay_ms=2600))
    call.run(60.0)
    sizes = [[len(sent) for _, sent in end.sent if is_set_up(sent)] for end in call.ends]
    assert sizes == [[105, 105, 73, 73], [105, 105]]
    assert [len(end.got(Up)) for end in call.ends] == [1, 1]


def test_finish_is_repeated_until_the_other_end_is_heard() -> None:
    caller, listener = pair()
    (welcome,) = replies(listener.receive(caller.poll(0.0)[0], 0.0))
    events = caller.receive(welcome, 0.0)
    assert caller.poll(3.9) == []
    assert caller.poll(5.0) == caller.poll(13.0) == replies(events)
    listener.receive(replies(events)[0], 3.0)
    caller.confirm()
    assert caller.due_s is None
    assert caller.poll(9.0) == []


def test_a_packet_that_opens_calls_off_a_new_set_up_beside_it() -> None:
    caller, listener = pair()
    (welcome,) = replies(listener.receive(caller.poll(0.0)[0], 0.0))
    caller.receive(welcome, 0.0)
    caller.restart(5.0)
    (hello,) = caller.poll(5.0)
    (welcome,) = replies(listener.receive(hello, 5.0))
    caller.confirm()
    assert caller.due_s is None and caller.poll(60.0) == []
    assert caller.receive(welcome, 6.0) == []


def test_a_finish_that_nothing_answers_is_given_up_for_a_new_hello() -> None:
    caller, listener = pair()
    (hello,) = caller.poll(0.0)
    caller.receive(replies(listener.receive(hello, 0.0))[0], 0.0)
    said = [caller.poll(now)[0] for now in times_of_due(caller, CONFIRM_S + 10)]
    assert said[-1][0] == hello[0]
    assert said[-1] != hello


def times_of_due(set_up: SetUp, until_s: float) -> Iterator[float]:
    while set_up.due_s is not None and set_up.due_s <= until_s:
        yield set_up.due_s


def test_a_repeated_finish_makes_no_second_session() -> None:
    caller, listener = pair()
    (welcome,) = replies(listener.receive(caller.poll(0.0)[0], 0.0))
    (finish,) = replies(caller.receive(welcome, 0.0))
    assert session(listener.receive(finish, 1.0))
    assert listener.receive(finish, 2.0) == []
    assert caller.receive(welcome, 2.0) == []
    assert listener.dropped == {Drop.REPLAYED: 1}
    assert caller.dropped == {Drop.UNEXPECTED: 1}


def test_a_late_finish_does_not_bring_an_older_session_back() -> None:
    caller, listener = pair()
    finishes = []
    for now in (0.0, 5.0):
        caller.restart(now)
        (welcome,) = replies(listener.receive(caller.poll(now)[0], now))
        finishes += replies(caller.receive(welcome, now))
    assert session(listener.receive(finishes[1], 6.0))
    assert listener.receive(finishes[0], 7.0) == []


def test_a_new_set_up_takes_the_place_of_a_session_that_went_down() -> None:
    caller, listener = pair()
    sessions = []
    for now in (0.0, 700.0):
        caller.restart(now)
        (welcome,) = replies(listener.receive(caller.poll(now)[0], now))
        events = caller.receive(welcome, now)
        sessions.append((session(events), session(listener.receive(replies(events)[0], now))))
    (old, _), (ship, shore) = sessions
    assert shore.opener.open(ship.sealer.seal(b"again")).plain == b"again"
    shore.sealer.seal(b"")
    assert old.sealer.seal(b"same") != ship.sealer.seal(b"same")


def test_the_wrong_key_at_the_called_end_is_refused_and_the_right_one_still_comes_through() -> None:
    caller = Caller(me(1, frozenset({SHORE})), 0.0)
    shore, stranger = Listener(me(2)), Listener(me(3))
    (hello,) = caller.poll(0.0)
    (false,) = replies(stranger.receive(hello, 0.0))
    assert caller.receive(false, 0.0) == [Refused(Reason.UNKNOWN_KEY, 1, True, STRANGER)]
    (true,) = replies(shore.receive(hello, 0.0))
    assert session(caller.receive(true, 0.0)).trust is Trust.PINNED


def test_the_wrong_key_of_a_caller_is_refused_and_it_is_told() -> None:
    caller, listener = Caller(me(3), 0.0), Listener(me(2, frozenset({SHIP})))
    (welcome,) = replies(listener.receive(caller.poll(0.0)[0], 0.0))
    (finish,) = replies(caller.receive(welcome, 0.0))
    reply, refused = listener.receive(finish, 0.0)
    assert refused == Refused(Reason.UNKNOWN_KEY, 1, True, STRANGER)
    assert reply == Reply(bytes.fromhex("cc02"))
    assert caller.receive(reply.datagram, 0.0) == [Refused(Reason.UNKNOWN_KEY, 1, by_us=False)]


@pytest.mark.parametrize("version", [0, 2, 7])
def test_a_hello_of_another_version_is_answered_by_less_than_came(version: int) -> None:
    listener = Listener(me(2))
    first = bytes([0xC0 | version << 3 | Kind.HELLO])
    reply, refused = listener.receive(first + bytes(2), 0.0)
    assert reply == Reply(bytes.fromhex("cc01"))
    assert refused == Refused(Reason.VERSION, version, by_us=True)
    assert listener.receive(first + bytes(1), 0.0) == []
    assert listener.dropped == {Drop.VERSION: 2}


def test_a_caller_learns_the_version_of_the_other_end() -> None:
    caller, _ = pair()
    refuse = bytes([0xC0 | 2 << 3 | Kind.REFUSE, Reason.VERSION])
    assert caller.receive(refuse, 0.0) == [Refused(Reason.VERSION, 2, by_us=False)]


def test_no_session_means_nothing_to_who_sets_one_up() -> None:
    caller, _ = pair()
    assert caller.receive(write_refuse(Reason.NO_SESSION), 0.0) == []
    assert caller.dropped == {Drop.UNEXPECTED: 1}


def test_a_refuse_means_nothing_to_who_has_a_session() -> None:
    caller, listener = pair()
    caller.receive(replies(listener.receive(caller.poll(0.0)[0], 0.0))[0], 0.0)
    caller.confirm()
    assert caller.receive(write_refuse(Reason.FULL), 1.0) == []
    assert caller.dropped == {Drop.UNEXPECTED: 1}


@pytest.mark.parametrize("version", range(8))
@pytest.mark.parametrize("kind", [0, 2, 3, 4, 5, 6, 7])
def test_no_answer_is_ever_answered(version: int, kind: int) -> None:
    caller, listener = pair()
    for set_up in (caller, listener):
        events = set_up.receive(bytes([0xC0 | version << 3 | kind]) + bytes(104), 0.0)
        assert events == []
        assert set_up.dropped.total() == 1


def test_a_flood_of_hellos_is_refused_until_there_is_room() -> None:
    listener = Listener(me(2))
    hellos = [Caller(me(seed), 0.0).poll(0.0)[0] for seed in range(10, 11 + HALF_OPEN_MOST)]
    answers = [replies(listener.receive(hello, 0.0))[0] for hello in hellos]
    assert [len(answer) for answer in answers] == [105] * HALF_OPEN_MOST + [2]
    assert answers[-1].hex() == "cc03"
    assert listener.dropped == {Drop.FULL: 1}
    assert len(replies(listener.receive(hellos[-1], HALF_OPEN_S))[0]) == 105


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=120), st.integers(0, 4))
def test_any_bytes_are_dropped_and_never_answered_by_more(data: bytes, kind: int) -> None:
    caller, listener = pair()
    datagram = write_set_up(Kind(kind), data) if kind else data
    for set_up in (caller, listener):
        events = set_up.receive(datagram, 0.0)
        assert all(len(reply) <= len(datagram) for reply in replies(events))
        assert events or set_up.dropped.total() == 1


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2), st.data())
def test_a_flipped_bit_makes_no_session_and_does_no_harm(which: int, data: st.DataObject) -> None:
    caller, listener = pair()
    ends: list[Callable[[bytes, float], list[Event]]] = [
        listener.receive,
        caller.receive,
        listener.receive,
    ]
    (message,) = caller.poll(0.0)
    for at, receive in enumerate(ends):
        if at == which and at > 0:
            bit = data.draw(st.integers(0, 8 * len(message) - 1))
            bad = (int.from_bytes(message, "big") ^ 1 << bit).to_bytes(len(message), "big")
            events = receive(bad, 0.0)
            assert not any(isinstance(event, Established) for event in events)
        events = receive(message, 0.0)
        message = (replies(events) or [b""])[0]
    assert session(events).peer_public == SHIP


@dataclass
class Air:
    """A link in virtual time: each datagram takes a while, is lost, or comes twice."""

    fates: Iterator[tuple[bool, bool, float]]  # lost, twice, and the delay in seconds
    now: float = 0.0
    on_the_way: list[tuple[float, int, bytes]] = field(default_factory=list)

    def send(self, to: int, datagrams: list[bytes]) -> None:
        for datagram in datagrams:
            lost, twice, delay_s = next(self.fates)
            if not lost:
                self.on_the_way.append((self.now + delay_s, to, datagram))
            if twice:
                self.on_the_way.append((self.now + delay_s + 0.9, to, datagram))

    def next_event_s(self, due_s: float | None) -> float:
        times = [arrival for arrival, _, _ in self.on_the_way]
        return min(times + [float("inf") if due_s is None else due_s])

    def arrived(self) -> list[tuple[int, bytes]]:
        here = [(to, datagram) for at, to, datagram in self.on_the_way if at <= self.now]
        self.on_the_way = [entry for entry in self.on_the_way if entry[0] > self.now]
        return here


class End:
    """One gateway in miniature: at a new session the listener says a word, as gateways do."""

    def __init__(self, set_up: SetUp) -> None:
        self.set_up = set_up
        self.session: Established | None = None
        self.heard: list[bytes] = []

    def receive(self, datagram: bytes, now: float) -> list[bytes]:
        if datagram[0] < 0xC0 and self.session is not None:
            with suppress(Dropped):
                self.heard.append(self.session.opener.open(datagram).plain)
                self.set_up.confirm()
            return []
        events = self.set_up.receive(datagram, now)
        out = replies(events)
        for event in events:
            if isinstance(event, Established):
                self.session = event
                out.append(event.sealer.seal(b"word"))
        return out


FATES = st.tuples(st.sampled_from([False, False, True]), st.booleans(), st.floats(0.1, 3.0))


@settings(max_examples=100, deadline=None)
@given(st.lists(FATES, max_size=12))
def test_a_session_stands_in_the_end_whatever_the_link_does(
    script: list[tuple[bool, bool, float]],
) -> None:
    def fates() -> Iterator[tuple[bool, bool, float]]:
        yield from script
        while True:
            yield False, False, 0.6

    air = Air(fates())
    caller, listener = pair()
    ends = [End(caller), End(listener)]
    while (now := air.next_event_s(caller.due_s)) < 200:
        air.now = now
        for to, datagram in air.arrived():
            air.send(1 - to, ends[to].receive(datagram, now))
        air.send(1, caller.poll(now))
    ship, shore = ends[0].session, ends[1].session
    assert ship is not None and shore is not None
    assert shore.opener.open(ship.sealer.seal(b"ahoy", unheard=True)).plain == b"ahoy"
    assert ship.opener.open(shore.sealer.seal(b"hello", unheard=True)).plain == b"hello"


def test_nothing_secret_is_shown() -> None:
    caller, listener = pair()
    static = random.Random(1).randbytes(32)
    (welcome,) = replies(listener.receive(caller.poll(0.0)[0], 0.0))
    shown = repr([me(1), caller, listener, caller.receive(welcome, 0.0)])
    assert static.hex() not in shown
    assert repr(static)[2:-1] not in shown
