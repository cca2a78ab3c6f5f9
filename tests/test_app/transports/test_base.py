"""What a link costs, and what one end may send of it."""

import pytest

from sotto_app.link.airtime import AirRules
from sotto_app.transports.base import DATA_CHANNEL_COST, KISS_COST, UDP_IPV4_COST, LinkCost
from sotto_app.transports.kiss import air_cost


@pytest.mark.parametrize(
    ("cost", "bps"),
    [
        (UDP_IPV4_COST, 2400),
        (DATA_CHANNEL_COST, 2400 - 333),
        (KISS_COST, 2400),
        (air_cost(AirRules(9600, half_duplex=False)), 2400),
        (air_cost(AirRules(9600)), 1200),
        (air_cost(AirRules(1200)), 600),
        (air_cost(AirRules(1200, share=0.25)), 300),
        (air_cost(AirRules(1200, half_duplex=False, share=0.75)), 900),
    ],
)
def test_what_one_end_may_send_of_2400_bits(cost: LinkCost, bps: float) -> None:
    assert cost.each_way_bps(2400) == bps


def test_what_a_datagram_causes_is_what_it_costs_with_its_answer() -> None:
    assert UDP_IPV4_COST.caused(b"12345") == UDP_IPV4_COST.below(b"12345") == 28
    assert DATA_CHANNEL_COST.below(b"12345") == 93 + 3
    assert DATA_CHANNEL_COST.caused(b"12345") == 93 + 3 + 93


def test_a_turn_costs_packing_what_the_air_could_carry_meanwhile_and_the_meter_nothing() -> None:
    rules = AirRules(1200, key_up_s=0.3, quiet_s=0.3)
    own_line = AirRules(1200, half_duplex=False, key_up_s=0.3)
    for cost, pause_s in ((air_cost(rules), 0.3 + 0.3), (air_cost(own_line), 0.3)):
        assert cost.toll.below_bytes == 3 + 150 * pause_s
        assert cost.below(bytes([0xC0, 0])) == cost.caused(bytes([0xC0, 0])) == 3 + 1
