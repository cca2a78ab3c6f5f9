"""A talker's bundles on the link, and the end of what it says."""

from functools import partial

import pytest

from sotto_app.gateway.packed import HUSHED_S, PackedTalker
from sotto_app.gateway.said import Said
from sotto_app.link.events import Bundle, SpurtEnd
from sotto_app.link.packing import Bounds, Share
from sotto_app.link.tariff import UDP_IPV4
from tests.test_app.link.thin_call import CODEC2_700C, SHAPES, ThinCall

SHAPE = SHAPES[CODEC2_700C]
BOUNDS = {CODEC2_700C: Bounds(700, SHAPE.frame_ms, 1, 25)}
SHARE = Share(1100, UDP_IPV4)
LEVEL = 52


def talking(frames: int) -> tuple[ThinCall, PackedTalker, float]:
    """A call of which so many frames have been said, and when the last of them was."""
    call = ThinCall()
    call.run(1.0)
    talker = PackedTalker(0, call.caller.session, BOUNDS)
    for n in range(frames):
        said = Said(0, CODEC2_700C, round(n * SHAPE.frame_ms), (bytes([n]) * 7,))
        call.run(1.0 + (n + 1) * SHAPE.frame_ms / 1000)
        talker.say(said, SHARE, 1.0, call.now)
    return call, talker, call.now


@pytest.mark.parametrize("frames", [1, 20, 31])
def test_the_level_goes_with_the_last_bundle(frames: int) -> None:
    call, talker, now = talking(frames)
    before = len(call.caller.sent)
    call.at(now + 0.2, partial(talker.end, LEVEL, now + 0.2))
    call.run(now + 1.0)
    assert len(call.caller.sent) == before + 1
    events = [it for _, it in call.listener.events if isinstance(it, Bundle | SpurtEnd)]
    assert events[-1] == SpurtEnd(0, LEVEL)
    assert sum(len(it.frames) for it in events if isinstance(it, Bundle)) == frames
    assert not talker.is_talking and talker.hushed_at is None


def test_who_is_silent_does_not_say_so_again_and_costs_next_to_nothing() -> None:
    call, talker, now = talking(20)
    for n in range(1, 300):
        call.at(now + 0.2 * n, partial(talker.end, LEVEL, now + 0.2 * n))
    call.run(now + 121.0)
    assert len(call.listener.got(SpurtEnd)) == 1
    assert call.caller.bytes_between(now + 1.0, now + 121.0) * 8 / 120 <= 30


def test_without_a_level_the_last_bundle_goes_all_the_same() -> None:
    call, talker, now = talking(20)
    at = talker.hushed_at
    assert at is not None and at == pytest.approx(now + HUSHED_S)
    call.at(at, partial(talker.hush, at))
    call.run(now + 1.0)
    assert sum(len(it.frames) for it in call.listener.got(Bundle)) == 20
    assert not call.listener.got(SpurtEnd)
