"""Two sessions talk over scripted links in virtual time: what a user would notice."""

import pytest

from sotto_app.link.chunks import Hold, write
from sotto_app.link.events import Back, Bundle, Down, Message, Silent, Up
from sotto_app.link.outgoing import LinkSettings
from sotto_app.link.packet import IPV4_UDP_BYTES
from sotto_app.link.profile import LinkProfile
from sotto_app.link.session import DOWN_S, SILENT_S, State
from tests.test_app.link.thin_call import CODEC2_700C, FULL, End, ThinCall


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


def test_silence_is_said_after_25_s() -> None:
    call = ThinCall()
    call.cut(10.0, 100.0)
    call.run(60.0)
    assert call.caller.session.state is State.SILENT
    (at,) = [at for at, event in call.caller.events if isinstance(event, Silent)]
    assert SILENT_S <= at <= 10.0 + SILENT_S
