"""Sessions over any link, and sessions under attack: what must hold whatever comes."""

import random
from collections import Counter
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.budget import LINE_S, WINDOW_S
from sotto_app.link.events import Bundle, Event, Message, Up
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.packet import IPV4_UDP_BYTES
from sotto_app.link.profile import PERFECT, LinkProfile
from sotto_app.link.session import State
from sotto_app.link.setup import Reply
from sotto_app.link.talk import TalkSender
from tests.test_app.link.thin_call import CODEC2_700C, SHAPES, End, ThinCall

PATIENCE_S = 2.0  # of media that waits
FRAME_MS = SHAPES[CODEC2_700C].frame_ms

LINKS = st.builds(
    LinkProfile,
    name=st.just("any"),
    title=st.just(""),
    words=st.just(""),
    rate_bps=st.sampled_from([0, 2400, 4800, 64_000]),
    delay_ms=st.sampled_from([0, 20, 300, 600, 2000]),
    jitter_ms=st.sampled_from([0, 5, 200, 1500]),
    loss=st.sampled_from([0, 0.01, 0.05, 0.2, 0.4]),
    burst=st.sampled_from([1, 3, 8]),
    queue_ms=st.sampled_from([1000, 5000]),
)


@settings(max_examples=25, deadline=None)
@given(LINKS, LINKS, st.lists(st.binary(max_size=300), max_size=8), st.integers(0, 1000))
def test_messages_come_in_order_and_once_and_media_is_what_was_said(
    forth: LinkProfile, back: LinkProfile, bodies: list[bytes], seed: int
) -> None:
    call = ThinCall(forth, back, seed=seed)
    said = {0: call.talk(call.caller, 20.0, 80.0), 1: call.talk(call.listener, 30.0, 60.0)}
    for n, body in enumerate(bodies):
        call.message(call.caller, 2.0 + 7 * n, body)
        call.message(call.listener, 1.0 + 5 * n, body[::-1])
    call.run(900.0)
    assert [it.body for it in call.listener.got(Message)] == bodies
    assert [it.body for it in call.caller.got(Message)] == [body[::-1] for body in bodies]
    check_media(call.listener, said[0])
    check_media(call.caller, said[1])


def check_media(end: End, said: list[bytes]) -> None:
    """Each frame was said, came once, and stands at its place in time wherever that is certain."""
    heard = [
        (bundle.start_ms + n * FRAME_MS, frame, bundle.is_certain)
        for bundle in end.got(Bundle)
        for n, frame in enumerate(bundle.frames)
    ]
    assert not Counter(frame for _, frame, _ in heard) - Counter(said)
    places = {frame: n * FRAME_MS for n, frame in enumerate(said)}
    assert all(places[frame] == at_ms for at_ms, frame, is_certain in heard if is_certain)


def standing_call() -> tuple[ThinCall, list[bytes]]:
    """In the middle of a talk."""
    call = ThinCall(PERFECT)
    said = call.talk(call.caller, 1.0, 61.0)
    call.message(call.caller, 10.0, b"one")
    call.message(call.listener, 10.0, b"two")
    call.run(30.0)
    return call, said


def attack(end: End, datagrams: list[bytes], now: float) -> list[Event]:
    """No answer is larger than what it answers. Gives what happened besides."""
    happened: list[Event] = []
    for datagram in datagrams:
        for event in end.session.receive(datagram, now):
            if isinstance(event, Reply):
                assert len(event.datagram) <= len(datagram)
            else:
                happened.append(event)
    return happened


def broken(datagram: bytes, chance: random.Random) -> bytes:
    """Cut, longer, or with one bit changed."""
    kind = chance.randrange(3)
    if kind == 0:
        return datagram[: chance.randrange(len(datagram))]
    if kind == 1:
        return datagram + chance.randbytes(chance.randint(1, 20))
    at = chance.randrange(len(datagram) * 8)
    return bytes(byte ^ (1 << at % 8 if n == at // 8 else 0) for n, byte in enumerate(datagram))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=100), st.integers(0, 1000))
def test_random_broken_and_replayed_bytes_change_nothing(noise: list[bytes], seed: int) -> None:
    call, said = standing_call()
    chance = random.Random(seed)
    seen = [datagram for end in call.ends for _, datagram in end.sent]
    for end in call.ends:
        state, dropped = end.session.state, end.session.dropped.total()
        flood = noise + seen + [broken(chance.choice(seen), chance) for _ in range(200)]
        flood += [chance.randbytes(chance.randint(0, 120)) for _ in range(200)]
        chance.shuffle(flood)
        assert [it for it in attack(end, flood, call.now) if isinstance(it, Up | Bundle)] == []
        assert end.session.state is state is State.UP
        assert end.session.dropped.total() >= dropped + len(flood) // 2
    call.run(70.0)
    check_media(call.listener, said)
    assert sum(len(bundle.frames) for bundle in call.listener.got(Bundle)) == len(said) // 13 * 13
    assert [len(end.got(Up)) for end in call.ends] == [1, 1]


def test_a_flood_before_the_set_up_keeps_no_one_out() -> None:
    call, chance = ThinCall(PERFECT), random.Random(1)
    for end in call.ends:
        for _ in range(2000):
            attack(end, [chance.randbytes(chance.randint(0, 150))], 0.0)
        assert attack(end, [bytes([0xC9]) + chance.randbytes(104)], 0.0) == []
    call.run(120.0)
    assert [end.session.state for end in call.ends] == [State.UP, State.UP]


@pytest.mark.parametrize("loss", [0.05, 0.2, 0.3])
def test_redundancy_follows_the_loss_and_brings_back_most_of_it(loss: float) -> None:
    profile = LinkProfile("lossy", "", "", delay_ms=300, loss=loss)
    call = ThinCall(profile, seed=4)
    said = call.talk(call.caller, 10.0, 610.0)
    call.run(620.0)
    after = set(said[1000:])
    heard = {frame for bundle in call.listener.got(Bundle) for frame in bundle.frames}
    assert len(heard & after) / len(after) > 1 - loss / 3
    assert call.caller.session.sent.total.redundancy > 0


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([1000, 2400, 9600]),
    st.lists(st.sampled_from([1, 5, 13]), min_size=1, max_size=4),
    st.lists(st.tuples(st.floats(12, 60), st.binary(max_size=400)), max_size=6),
    st.integers(0, 1000),
)
def test_in_no_5_seconds_leaves_more_than_the_budget_and_nothing_waits_for_long(
    budget_bps: int, lengths: list[int], messages: list[tuple[float, bytes]], seed: int
) -> None:
    """Whoever talks in whatever bundles, with text between, and reports and redundancy of a link
    that loses a tenth."""
    lossy = LinkProfile("any", "", "", delay_ms=300, loss=0.1)
    call = ThinCall(lossy, settings=LinkSettings(SHAPES, rate_bps=budget_bps, depth=1), seed=seed)
    call.run(10.0)
    for talker, frames in enumerate(lengths):
        sender = call.caller.session.talk(talker, CODEC2_700C, frames, frames)
        for n in range(600):
            call.at(12 + n * 0.08, partial(_say, call, sender, talker, n))
    for at, body in messages:
        call.message(call.caller, at, body)
    call.run(120.0)
    sizes = [(at, len(it) + IPV4_UDP_BYTES) for at, it in call.caller.sent if at > 10]
    for n, (end, _) in enumerate(sizes):
        window = [size for at, size in sizes[: n + 1] if at + WINDOW_S > end]
        assert sum(window) * 8 <= budget_bps * WINDOW_S
    assert sorted(it.body for it in call.listener.got(Message)) == sorted(it[1] for it in messages)
    late_s = [
        at - 0.3 - 12 - (it.start_ms / 1000 + len(it.frames) * 0.08)
        for at, it in call.listener.events
        if isinstance(it, Bundle) and it.is_certain and not it.is_earlier
    ]
    assert late_s and max(late_s) < PATIENCE_S + 2 * LINE_S


def _say(call: ThinCall, sender: TalkSender, talker: int, n: int) -> None:
    for packet in sender.add(bytes([talker]) + n.to_bytes(2) + bytes(4), n * 80):
        call.caller.session.send_media(talker, packet, call.now, 0.1)


def test_phrases_cross_a_line_of_220_bits_in_a_packet_each() -> None:
    thin = LinkProfile("thin", "", "", rate_bps=220, delay_ms=600, queue_ms=10_000)
    call = ThinCall(thin, settings=LinkSettings(SHAPES, rate_bps=220))
    said = {60.0 + 4 * n: bytes([n]) * 25 for n in range(10)}
    for at_s, body in said.items():
        call.message(call.caller, at_s, body)
    call.run(110.0)
    came = [
        (at_s, event.body) for at_s, event in call.listener.events if isinstance(event, Message)
    ]
    assert [body for _, body in came] == list(said.values())
    assert max(came_s - at_s for (came_s, _), at_s in zip(came, said, strict=True)) < 4.5
    large = [datagram for at_s, datagram in call.caller.sent if at_s >= 60 and len(datagram) > 30]
    assert len(large) == len(said)
