"""Two sessions talk over scripted links in virtual time: what a user would notice."""

from functools import partial

import pytest

from sotto_app.link.chunks import Hold, write
from sotto_app.link.events import Back, Bundle, Down, Message, Silent, SpurtEnd, Up
from sotto_app.link.exchange import DOWN_S, SILENT_S
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.listen import Listener
from sotto_app.link.packet import IPV4_UDP_BYTES
from sotto_app.link.profile import PERFECT, LinkProfile
from sotto_app.link.schedule import Drop
from sotto_app.link.session import NO_SESSION, NOT_UP, State, ThinSession
from sotto_app.link.setup import Refused, Reply
from tests.test_app.link.thin_call import CODEC2_700C, FULL, SHAPES, End, ThinCall, me


def link(**values: float) -> LinkProfile:
    return LinkProfile("test", "", "", **values)


def frames(end: End) -> list[bytes]:
    """All that came, bundle after bundle, in the order of media time."""
    bundles = sorted(end.got(Bundle), key=lambda bundle: bundle.start_ms)
    return [frame for bundle in bundles for frame in bundle.frames]


def test_set_up_takes_one_round_trip_and_at_most_150_bytes_a_message() -> None:
    call = ThinCall(link(delay_ms=300))
    call.run(0.61)
    (up,) = call.caller.got(Up)
    assert call.caller.events[0][0] == pytest.approx(0.6)
    call.run(1.0)
    assert call.listener.events[0][0] == pytest.approx(0.9)
    (other,) = call.listener.got(Up)
    assert up.words == other.words and up.peer_public != other.peer_public
    assert max(len(d) for end in call.ends for _, d in end.sent) <= 150
    call.run(2.0)
    assert [end.session.state for end in call.ends] == [State.UP, State.UP]


def test_media_goes_with_the_finish_and_arrives_whole() -> None:
    call = ThinCall(link(delay_ms=300, rate_bps=2400))
    said = call.talk(call.caller, 1.0, 31.0)
    call.run(40.0)
    assert frames(call.listener) == said[: len(said) // 13 * 13]
    assert all(bundle.mode == CODEC2_700C for bundle in call.listener.got(Bundle))


def test_the_round_trip_is_measured_without_a_common_clock() -> None:
    call = ThinCall(link(delay_ms=300))
    call.run(30.0)
    assert [end.session.rtt_s for end in call.ends] == pytest.approx([0.6, 0.6], abs=0.02)


@pytest.mark.parametrize("outage_s", [60, 600])
def test_the_call_goes_on_after_a_cut_without_a_new_set_up(outage_s: float) -> None:
    call = ThinCall(link(delay_ms=300))
    said = call.talk(call.caller, 1.0, 100.0 + outage_s)
    call.cut(30.0, 30.0 + outage_s)
    call.message(call.caller, 40.0, b"are you there?")
    call.run(110.0 + outage_s)
    assert [len(end.got(Up)) for end in call.ends] == [1, 1]
    assert not [end.got(Down) for end in call.ends if end.got(Down)]
    assert [len(end.got(Silent)) for end in call.ends] == [1, 1]
    assert [len(end.got(Back)) for end in call.ends] == [1, 1]
    assert call.listener.got(Message) == [Message(b"are you there?")]
    heard = set(frames(call.listener))
    after = said[round((29.0 + outage_s + 3.0) / 0.08) :][: round(60 / 0.08)]
    assert heard.issuperset(after)


def test_after_eleven_minutes_without_anything_the_caller_sets_up_anew() -> None:
    call = ThinCall(link(delay_ms=300))
    call.cut(30.0, 30.0 + DOWN_S + 30.0)
    call.message(call.caller, 100.0, b"lost")
    call.run(700.0)
    assert [len(end.got(Down)) for end in call.ends] == [1, 1]
    assert call.caller.got(Down)[0].undelivered_bytes == 4
    assert call.listener.session.state is State.DOWN
    call.message(call.listener, 701.0, b"again")
    call.run(760.0)
    assert [len(end.got(Up)) for end in call.ends] == [2, 2]
    assert call.caller.got(Message) == [Message(b"again")]


def a_call(settings: LinkSettings | None = None) -> ThinCall:
    """One that stands since a second, over a link of 600 ms each way."""
    call = ThinCall(link(delay_ms=600), settings=settings)
    call.run(10.0)
    return call


def rate_bps(end: End, from_s: float, to_s: float) -> float:
    return end.bytes_between(from_s, to_s) * 8 / (to_s - from_s)


def test_the_loss_of_a_direction_is_known_where_it_arrives() -> None:
    call = ThinCall(link(delay_ms=600, loss=0.2), PERFECT)
    assert call.listener.session.loss(0.0) == 0.0
    call.talk(call.caller, 10.0, 70.0)
    call.talk(call.listener, 10.0, 70.0)
    call.run(70.0)
    assert 0.05 < call.listener.session.loss(70.0) < 0.4
    assert call.caller.session.loss(70.0) == 0.0


def test_two_silent_directions_cost_17_bit_s_each_28_and_15_bytes_in_20_s() -> None:
    call = a_call()
    call.run(610.0)
    hold = IPV4_UDP_BYTES + 4 + len(write([Hold()])) + 8  # a long counter, at most
    for end in call.ends:
        assert 14 <= rate_bps(end, 10.0, 610.0) <= hold * 8 / 20 <= 17


def test_a_direction_that_only_listens_costs_at_most_30_bit_s() -> None:
    call = a_call()
    call.talk(call.caller, 10.0, 610.0)
    call.run(610.0)
    assert 14 <= rate_bps(call.listener, 10.0, 610.0) <= 30


def test_one_that_listens_through_loss_costs_at_most_30_bit_s() -> None:
    call = ThinCall(link(delay_ms=600, loss=0.05, burst=2))
    call.talk(call.caller, 10.0, 610.0)
    call.run(610.0)
    assert 14 <= rate_bps(call.listener, 10.0, 610.0) <= 30


@pytest.mark.parametrize(("mode", "frames", "size"), [(CODEC2_700C, 13, 91), (FULL, 1, 88)])
def test_one_that_talks_costs_at_most_1000_bit_s_28_and_101_bytes_each_1040_ms_make_993(
    mode: int, frames: int, size: int
) -> None:
    call = a_call()
    call.talk(call.caller, 10.0, 610.0, mode, frames)
    call.run(610.0)
    steady = (IPV4_UDP_BYTES + 1 + 1 + size + 8) * 8 / 1.04
    assert steady <= rate_bps(call.caller, 10.0, 610.0) <= min(1000, steady + 5)


def test_two_that_talk_cost_at_most_1000_bit_s_each_reports_included() -> None:
    call = a_call()
    for end in call.ends:
        call.talk(end, 10.0, 610.0)
    call.run(610.0)
    assert max(rate_bps(end, 10.0, 610.0) for end in call.ends) <= 1000


def test_a_serial_line_without_keepalive_costs_nothing_in_silence_and_stays_up() -> None:
    call = a_call(LinkSettings(SHAPES, keepalive_s=0))
    said = call.talk(call.caller, 10.0, 60.0)
    call.run(100.0)
    quiet_from = call.now
    call.run(3700.0)
    assert [end.bytes_between(quiet_from, call.now) for end in call.ends] == [0, 0]
    assert [end.session.state for end in call.ends] == [State.UP, State.UP]
    assert call.listener.sent[-1][0] > 10.0  # it did report
    assert frames(call.listener) == said[: len(said) // 13 * 13]


def test_a_serial_line_that_is_cut_is_noticed_by_who_talks() -> None:
    call = a_call(LinkSettings(SHAPES, keepalive_s=0))
    call.talk(call.caller, 10.0, 110.0)
    call.cut(30.0, 200.0)
    call.run(110.0)
    assert [end.session.state for end in call.ends] == [State.SILENT, State.UP]


def test_the_meters_of_both_ends_agree_with_the_bytes_that_went() -> None:
    call = a_call()
    call.talk(call.caller, 10.0, 60.0)
    call.message(call.listener, 20.0, bytes(500))
    call.run(105.0)  # nothing is under way
    for end, other in (call.ends, call.ends[::-1]):
        assert end.session.sent.total.total == end.bytes_between(0, 200)
        assert end.session.sent.total == other.session.received.total
    assert call.caller.session.sent.total.payload == 50_000 // 1040 * 91


def test_several_talkers_share_the_way_and_keep_apart() -> None:
    call = a_call()
    senders = {n: call.caller.session.talk(n, CODEC2_700C, 5, 5) for n in (0, 1, 200)}
    for n, sender in senders.items():
        for frame in range(20):
            for packet in sender.add(bytes([n, frame]) + bytes(5), frame * 80 + n):
                at = 11.0 + frame * 0.08
                call.at(at, partial(call.caller.session.send_media, n, packet, at))
        for packet in sender.end(60):
            call.at(13.0, partial(call.caller.session.send_media, n, packet, 13.0))
    call.run(20.0)
    for n in senders:
        bundles = [it for it in call.listener.got(Bundle) if it.talker == n]
        assert [it.start_ms for it in bundles] == [n, n + 400, n + 800, n + 1200]
        assert {frame[0] for it in bundles for frame in it.frames} == {n}
        assert SpurtEnd(n, 60) in call.listener.got(SpurtEnd)
    assert len([at for at, _ in call.caller.sent if at > 10.9]) == 5


def test_bundles_that_never_left_do_not_move_those_that_did() -> None:
    call = a_call(settings=LinkSettings(SHAPES, rate_bps=1500))
    sender = call.caller.session.talk(0, CODEC2_700C, 1, 1)
    for n in range(200):  # 3.7 kbit/s
        for packet in sender.add(bytes([n]) + bytes(6), n * 80):
            call.caller.session.send_media(0, packet, call.now)
        call.run(call.now + 0.08)
    call.run(call.now + 10.0)
    bundles = call.listener.got(Bundle)
    assert 40 < len(bundles) < 120 < call.caller.session.dropped[Drop.LATE] + len(bundles)
    late_ms = {it.frames[0][0]: it.start_ms - 80 * it.frames[0][0] for it in bundles}
    assert {late_ms[n] for n in late_ms if n >= 50} == {0}  # those before stood in the queue
    assert max(map(abs, late_ms.values())) < 2000


def test_a_goodbye_ends_the_session_at_once() -> None:
    call = a_call()
    call.listener.send(call.listener.session.close(10.0), 10.0)
    call.run(11.0)
    assert call.caller.got(Down) == [Down("the other end has left", 0)]
    assert call.caller.session.state is State.DOWN
    assert call.listener.session.poll(1e6) == ([], []) and call.listener.session.due_s is None


def test_a_listener_that_was_started_again_is_found_within_a_minute() -> None:
    call = a_call()
    call.talk(call.caller, 10.0, 130.0)
    call.run(30.0)
    again = me(99)
    call.listener.session = ThinSession(Listener(again), again, LinkSettings(SHAPES))
    call.run(60.0)
    assert call.caller.got(Down) == [Down("set up anew", 0)]
    assert [len(end.got(Up)) for end in call.ends] == [2, 2]
    call.run(130.0)
    assert call.listener.events[-1][0] > 125.0


def test_a_forged_word_that_there_is_no_session_ends_none() -> None:
    call = a_call()
    call.cut(10.0, 50.0)
    for _ in range(60):
        call.run(call.now + 1.0)
        call.caller.take(call.caller.session.receive(NO_SESSION, call.now), call.now)
    hellos = [at for at, datagram in call.caller.sent if at > 10 and datagram[0] == 0xC9]
    assert 1 <= len(hellos) <= 6
    call.run(80.0)
    assert [end.session.state for end in call.ends] == [State.UP, State.UP]


def test_media_goes_on_after_a_new_set_up() -> None:
    call = a_call()
    said = call.talk(call.caller, 10.0, 800.0)
    call.cut(20.0, 740.0)
    call.run(810.0)
    assert [len(end.got(Up)) for end in call.ends] == [2, 2]
    assert set(frames(call.listener)).issuperset(said[round(745 / 0.08) : round(780 / 0.08)])
    assert call.caller.session.dropped[NOT_UP] > 0


def test_a_session_whose_packet_numbers_are_used_up_is_set_up_anew_within_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sotto_app.link.exchange.LAST_COUNTER", 30)
    call = a_call()
    call.talk(call.caller, 10.0, 60.0)
    call.run(60.0)
    assert [len(end.got(Up)) for end in call.ends] == [2, 2]
    assert max(len(end.got(Down)) for end in call.ends) == 1


def test_messages_before_the_session_stands_wait_and_one_that_is_too_long_is_refused() -> None:
    call = ThinCall(link(delay_ms=600))
    for session in (end.session for end in call.ends):
        session.send_message(b"early", 0.0)
        assert session.undelivered_bytes == 5
        with pytest.raises(ValueError, match="2000"):
            session.send_message(bytes(2001), 0.0)
    call.run(10.0)
    assert [end.got(Message) for end in call.ends] == [[Message(b"early")]] * 2
    assert [end.session.undelivered_bytes for end in call.ends] == [0, 0]


def test_what_waits_before_the_session_stands_goes_last_and_can_be_taken_back() -> None:
    call = ThinCall(link(delay_ms=600))
    session = call.caller.session
    for message in (b"card", b"note"):
        session.send_message(message, 0.0, waits=True)
    session.send_message(b"note", 0.0)
    session.take_back(lambda message: message == b"note")
    assert session.undelivered_bytes == 8
    call.run(20.0)
    assert call.listener.got(Message) == [Message(b"note"), Message(b"card")]


def test_the_other_end_of_another_version_is_named() -> None:
    call = ThinCall(link())
    hello = bytes([0xC0 | 5 << 3 | 1]) + bytes(104)
    reply, refused = call.listener.session.receive(hello, 0.0)
    assert isinstance(reply, Reply) and len(reply.datagram) <= 3
    assert isinstance(refused, Refused) and (refused.version, refused.by_us) == (5, True)


def test_silence_is_said_after_25_s() -> None:
    call = ThinCall()
    call.cut(10.0, 100.0)
    call.run(60.0)
    assert call.caller.session.state is State.SILENT
    (at,) = [at for at, event in call.caller.events if isinstance(event, Silent)]
    assert SILENT_S <= at <= 10.0 + SILENT_S
