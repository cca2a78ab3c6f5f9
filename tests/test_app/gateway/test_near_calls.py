"""Who gets on the link: as many calls as may be, and as have room beside one another."""

import pytest

from sotto_app.catalogue import Modes
from sotto_app.gateway.line import Terms, ThinLine
from sotto_app.gateway.near_calls import NearCalls
from sotto_app.gateway.packed import bounds_of
from sotto_app.gateway.peers import Near
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.listen import Listener
from sotto_app.link.session import ThinSession
from sotto_app.modes import load_modes
from sotto_app.transports.base import UDP_IPV4_COST
from sotto_app.transports.memory import memory_pair
from sotto_signaling.media import Place
from tests.test_app.link.thin_call import SHAPES, me

WIDE, THIN = "codec2-3200", "codec2-700c"
LOADED = {name: mode for name, mode in load_modes().items() if name in (WIDE, THIN)}
MODES = Modes(
    {mode.wire_id: mode for mode in LOADED.values()},
    {name: mode.load() for name, mode in LOADED.items()},
)


def line(budget_bps: float) -> ThinLine:
    """One that nobody answers."""
    bounds = {number: bounds_of(MODES.codec(number).spec) for number in MODES.by_wire_id}
    session = ThinSession(Listener(me(1)), me(1), LinkSettings(SHAPES, rate_bps=budget_bps))
    thin = ThinLine(session, Terms(budget_bps, bounds, b""))
    thin.use(memory_pair(lambda *_: None, lambda *_: None, cost=UDP_IPV4_COST)[0])
    return thin


def calls(names: str, most: int = 2, budget_bps: float = 0) -> tuple[NearCalls, list[Near]]:
    """Peers of these names, each alone in its room, who have not chosen a mode yet."""
    thin = line(budget_bps)
    near = NearCalls(MODES, thin, most)
    for name in names:
        place = Place(f"room of {name}", name, name)
        near.add(Near(None, place, "", False, lambda message: True, thin.open_bill(0.0)))
    return near, list(near)


def admitted(near: NearCalls, peer: Near, mode: str) -> str | None:
    peer.mode = mode
    return near.admit(peer)


def test_each_has_the_lowest_number_that_is_free_and_keeps_it() -> None:
    near, (ada, bob, eve) = calls("abe", most=3)
    assert [admitted(near, it, THIN) for it in (ada, bob)] == [None, None]
    assert [it.call for it in (ada, bob, eve)] == [0, 1, None] and near.on_link == 2
    near.remove("a")
    assert admitted(near, eve, THIN) is None and admitted(near, bob, WIDE) is None
    assert (eve.call, bob.call) == (0, 1)
    assert near.of_call(0) is eve and near.of_peer("a") is None
    assert near.in_room("room of b") is bob


def test_one_too_many_waits_until_another_leaves() -> None:
    near, (ada, bob, eve) = calls("abe", most=2)
    assert [admitted(near, it, THIN) for it in (ada, bob)] == [None, None]
    refusal = admitted(near, eve, THIN)
    assert refusal == "The link is full: 2 of 2 calls. Nobody at the other end can hear you."
    assert near.waiting == [eve] and not eve.fits
    near.remove("b")
    assert near.admit(eve) is None and eve.fits and near.waiting == []


def test_who_has_chosen_no_mode_waits_for_nothing() -> None:
    near, (ada,) = calls("a")
    assert near.waiting == [] and near.on_link == 0 and not near.is_barred(ada)


@pytest.mark.parametrize(("mode", "is_heard"), [(WIDE, False), (THIN, True)])
def test_a_mode_that_is_too_wide_beside_the_others_is_refused(mode: str, is_heard: bool) -> None:
    near, (ada, bob) = calls("ab", budget_bps=2600)
    assert admitted(near, ada, THIN) is None
    refusal = admitted(near, bob, mode)
    assert (refusal is None) is bob.fits is is_heard


def test_who_changes_to_a_mode_that_does_not_fit_keeps_the_number_and_is_not_heard() -> None:
    near, (ada, bob) = calls("ab", budget_bps=2600)
    assert [admitted(near, it, THIN) for it in (ada, bob)] == [None, None]
    refusal = admitted(near, bob, WIDE)
    assert refusal and refusal.startswith("The link is full: 1 of")
    assert (bob.call, bob.fits) == (1, False)
    assert admitted(near, bob, THIN) is None and bob.fits
