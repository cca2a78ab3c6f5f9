"""Which modes fit a measured link."""

import pytest

from sotto_app.link.fitting import BUDGET_SHARE, Fit, Link, Voice, best, fit, link_of
from sotto_app.link.packing import Bounds
from sotto_app.link.prober import Measured, Way
from sotto_app.link.sounding import ENOUGH_BPS, Loss, Rate
from sotto_app.link.tariff import UDP_IPV4

C700 = Voice("codec2-700c", Bounds(700, 80, 1, 25), 0.04)
C1200 = Voice("codec2-1200", Bounds(1200, 40, 1, 50), 0.04)
OPUS_6 = Voice("opus-6k", Bounds(6000, 60, 1, 4), 0.01)
VOICES = (OPUS_6, C1200, C700)


def way(bps: float, error: float = 0.01, lost: int = 0, jitter_s: float = 0.0) -> Way:
    return Way(Rate(bps, error, 10_000, True), Loss(lost, 100), jitter_s, 0.0)


def measured(up: Way, down: Way, *round_trips_s: float) -> Measured:
    return Measured(up, down, round_trips_s or (0.1,), 43, 5000, 5000, 30.0, False)


def link(up: Way, down: Way, *round_trips_s: float) -> Link:
    found = link_of(measured(up, down, *round_trips_s))
    assert found is not None
    return found


def fits(it: Link) -> dict[str, Fit]:
    return {voice.name: fit(voice, it, UDP_IPV4) for voice in VOICES}


def test_the_slower_and_worse_direction_counts() -> None:
    found = link(way(2400, lost=2), way(9600, lost=9, jitter_s=0.1), 1.9, 1.2 + 344 / 2400 + 0.04)
    assert found.budget_bps == 2160 and found.loss == 0.09 and found.depth == 1
    assert found.one_way_s == pytest.approx(0.6 + 0.1, abs=0.01)


def test_what_is_in_doubt_is_not_spent() -> None:
    assert link(way(2400, error=0.3), way(2400)).budget_bps == 1680
    assert link(way(2400, error=5.0), way(2400)).budget_bps == 1200
    assert link(way(1e6, error=1.0), way(9e6, error=1.0)).budget_bps == ENOUGH_BPS


def test_without_a_rate_there_is_nothing_to_advise() -> None:
    assert link_of(measured(Way(None, Loss(0, 0), 0.0, 0.0), way(2400))) is None


def test_2400_bits_carry_the_thin_codecs_and_no_opus() -> None:
    found = fits(link(way(2400), way(2400), 1.2))
    assert {name: it.fits for name, it in found.items()} == {
        "opus-6k": False,
        "codec2-1200": True,
        "codec2-700c": True,
    }
    assert found["codec2-700c"].calls == 2
    chosen = best(found.values())
    assert chosen is found["codec2-1200"] and chosen.choice.depth == 0


def test_where_packets_are_lost_what_can_be_said_twice_is_better() -> None:
    it = link(way(2400, lost=5), way(2400))
    assert best(fits(it).values()) == fit(C700, it, UDP_IPV4)
    assert fit(C700, it, UDP_IPV4).choice.depth == 1


def test_nothing_fits_the_thinnest() -> None:
    found = fits(link(way(300), way(300)))
    assert best(found.values()) is None and not any(it.fits for it in found.values())


@pytest.mark.parametrize("voice", VOICES)
def test_a_mode_fits_the_link_that_it_needs_and_none_thinner(voice: Voice) -> None:
    needs_bps = fit(voice, Link(300, 0.0, 0.0), UDP_IPV4).needs_bps
    for share, fitting in ((0.98, False), (1.01, True)):
        budget_bps = share * needs_bps * BUDGET_SHARE
        assert fit(voice, Link(budget_bps, 0.0, 0.0), UDP_IPV4).fits == fitting


def test_what_is_heard_is_behind_by_codec_bundle_line_and_distance() -> None:
    it = fit(C700, Link(2160, 0.7, 0.0), UDP_IPV4)
    bits = it.choice.wire_bps * it.choice.bundle_s
    assert it.behind_s == pytest.approx(0.04 + it.choice.bundle_s + bits / 2160 + 0.7)
