"""Depth of redundancy: up at once, down slowly, never past the budget."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.events import Bundle
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.profile import LinkProfile
from sotto_app.link.redundancy import LOSS_STEPS, PAYS, Redundancy
from tests.test_app.link.thin_call import CODEC2_700C, SHAPES, ThinCall


@pytest.mark.parametrize(
    ("loss", "depth"),
    [(0, 0), (0.009, 0), (0.01, 1), (0.104, 1), (0.105, 2), (0.234, 2), (0.235, 3), (1, 3)],
)
def test_loss_calls_for_a_depth_at_once(loss: float, depth: int) -> None:
    assert Redundancy().update(loss, 0.0) == depth


def test_one_step_down_after_thirty_seconds_of_less() -> None:
    redundancy = Redundancy()
    redundancy.update(0.3, 0.0)
    assert [redundancy.update(0.0, 5.0 * i) for i in range(1, 21)] == (
        [3] * 6 + [2] * 6 + [1] * 6 + [0] * 2
    )


def test_a_relapse_starts_the_thirty_seconds_anew() -> None:
    redundancy = Redundancy()
    redundancy.update(0.2, 0.0)
    redundancy.update(0.0, 5.0)
    assert redundancy.update(0.11, 30.0) == 2
    assert redundancy.update(0.0, 36.0) == 2
    assert redundancy.update(0.0, 66.0) == 1


@pytest.mark.parametrize("most", range(4))
def test_the_budget_limits_and_is_not_remembered(most: int) -> None:
    redundancy = Redundancy()
    assert redundancy.update(0.5, 0.0, most) == most
    assert redundancy.update(0.5, 1.0) == 3


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_steps_are_where_one_bundle_more_makes_one_in_a_hundred_heard(depth: int) -> None:
    loss = LOSS_STEPS[depth - 1]
    assert loss**depth * (1 - loss) == pytest.approx(PAYS, rel=0.02)


@settings(max_examples=15, deadline=None)
@given(st.integers(110, 600), st.integers(0, 3), st.integers(1, 16), st.integers(0, 99))
def test_with_redundancy_no_datagram_is_larger_than_the_link_takes(
    mtu_bytes: int, talker: int, frames: int, seed: int
) -> None:
    lossy = LinkProfile("lossy", "", "", delay_ms=300, loss=0.3)
    link = LinkSettings(SHAPES, mtu_bytes=mtu_bytes, depth=3)
    call = ThinCall(lossy, settings=link, seed=seed)
    call.run(200.0)  # the set-up is lost at times, too
    sender = call.caller.session.talk(talker, CODEC2_700C, frames, frames)
    sender.depth = 3
    for n in range(400):
        call.run(200.0 + n * 0.08)
        for packet in sender.add(bytes([n % 256]) * 7, n * 80):
            call.caller.session.send_media(talker, packet, call.now)
    call.run(250.0)
    sizes = [len(datagram) for end in call.ends for _, datagram in end.sent]
    assert max(sizes) <= mtu_bytes
    spare = link.line.largest_bytes - 7 * frames - 11  # beside TALKER, SPURT and MEDIA
    assert spare < 0 or call.listener.got(Bundle)
    assert spare < 7 * frames + 4 or call.caller.session.sent.total.redundancy > 0
