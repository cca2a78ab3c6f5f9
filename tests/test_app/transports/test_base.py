"""What a link costs, and what one end may send of a budget."""

import pytest

from sotto_app.link.airtime import AirRules
from sotto_app.transports.base import DATA_CHANNEL_COST, UDP_IPV4_COST, LinkCost, kiss_cost
from sotto_app.transports.kiss import air_cost


@pytest.mark.parametrize(
    ("cost", "each_way_bps"),
    [
        (UDP_IPV4_COST, 2400),
        (DATA_CHANNEL_COST, 2400 - 333),
        (kiss_cost(), 2400),
        (kiss_cost(1200), 1200),
        (kiss_cost(9600, half_duplex=True), 1200),  # the budget is of both ways
        (kiss_cost(1200, half_duplex=True, share=0.25), 300),
        (kiss_cost(9600, share=0.1), 960),
    ],
)
def test_what_one_end_may_send_of_2400_bits(cost: LinkCost, each_way_bps: float) -> None:
    assert cost.each_way_bps(2400) == each_way_bps


def test_what_a_datagram_causes_is_what_it_costs_with_its_answer() -> None:
    assert UDP_IPV4_COST.caused(b"12345") == UDP_IPV4_COST.below(b"12345") == 28
    assert DATA_CHANNEL_COST.below(b"12345") == 93 + 3
    assert DATA_CHANNEL_COST.caused(b"12345") == 93 + 3 + 93


def test_a_station_counts_on_half_of_the_air_less_the_pauses() -> None:
    rules = AirRules(1200, key_up_s=0.3, quiet_s=0.3, slot_s=0.1, slots=8, turn_s=2.0)
    assert air_cost(rules).share == pytest.approx(0.5 * 2.0 / (2.0 + 0.3 + 0.3 + 0.4))
    assert air_cost(AirRules(1200, share=0.1)).share == 0.1
    assert air_cost(AirRules(1200, half_duplex=False)).share == 1.0
