"""The arithmetic of cost, against figures made by hand."""

import pytest

from sotto_app.link.tariff import (
    KISS,
    OURS_BYTES,
    UDP_IPV4,
    UDP_IPV6,
    Speech,
    Toll,
    price,
    talk_bps,
    upkeep_bps,
)

SECOND = Speech(700, 1.04)  # 13 times 80 ms: 91 bytes


@pytest.mark.parametrize(
    ("speech", "toll", "depth", "bps"),
    [
        (SECOND, UDP_IPV4, 0, (91 + 10 + 28) * 8 / 1.04),  # 992.3
        (SECOND, UDP_IPV6, 0, (91 + 10 + 48) * 8 / 1.04),
        (SECOND, UDP_IPV4, 1, (91 + 94 + 10 + 28) * 8 / 1.04),
        (Speech(3200, 2.0), UDP_IPV4, 3, (800 + 3 * 804 + 38) * 8 / 2),  # two bytes of length
        (Speech(1200, 0.4), KISS, 0, (70 * 258 / 256 + 3) * 8 / 0.4),
    ],
)
def test_talk_costs_its_bytes(speech: Speech, toll: Toll, depth: int, bps: float) -> None:
    assert talk_bps(speech, toll, depth) == pytest.approx(bps)


def test_a_second_of_the_thinnest_voice() -> None:
    assert OURS_BYTES == 10
    assert round(talk_bps(SECOND, UDP_IPV4)) == 992


@pytest.mark.parametrize(("payload_bps", "most"), [(1200, 1.3), (1600, 1.3), (3200, 1.1)])
def test_on_a_radio_bundles_of_less_than_half_a_second_cost_little(
    payload_bps: int, most: float
) -> None:
    assert price(Speech(payload_bps, 0.4), KISS).talking_bps <= most * payload_bps


def test_on_a_radio_the_thinnest_voice_needs_longer_bundles() -> None:
    """13 bytes around 35: an 8-byte tag alone is 23 %."""
    assert talk_bps(Speech(700, 0.4), KISS) == pytest.approx(1.382 * 700, rel=0.001)
    assert talk_bps(Speech(700, 0.56), KISS) <= 1.3 * 700


def test_upkeep_is_small_change() -> None:
    spurts, counters = 6 / 16 / 1.04, 3 / 32 / 1.04
    reports, pings = 3 / 5, 5 / 30
    assert upkeep_bps(1.04) == pytest.approx(8 * (spurts + counters + reports + pings))
    assert upkeep_bps(1.04) < 10


def test_a_row_of_the_table() -> None:
    row = price(SECOND, UDP_IPV4)
    assert row.talking_bps == pytest.approx(992.3 + 9.74, abs=0.05)
    assert row.listening_bps == pytest.approx((28 + 9 + 3 + 5 / 6) * 8 / 20)
    assert row.silent_bps == (28 + 9 + 1) * 8 / 20
    assert row.delay_s == 1.04
    assert row.mb_per_hour == pytest.approx(0.45, abs=0.01)
    assert price(SECOND, KISS).silent_bps == 0


def test_a_silent_direction_stays_within_its_target() -> None:
    row = price(SECOND, UDP_IPV4)
    assert max(row.listening_bps, row.silent_bps) <= 30


def test_room_around_chunks_is_for_the_worst_case() -> None:
    assert UDP_IPV4.around_bytes == 28 + 4 + 8
    assert KISS.around_bytes == 3 + 4 + 8 + 9


def test_padding_fills_each_datagram_up() -> None:
    toll = Toll(28, multiple_bytes=32)
    assert [toll.datagram_bytes(size) for size in (1, 32, 32.5)] == [28 + 9 + 32] * 2 + [
        28 + 9 + 64
    ]
    assert UDP_IPV4.datagram_bytes(32.5) == 28 + 9 + 32.5
