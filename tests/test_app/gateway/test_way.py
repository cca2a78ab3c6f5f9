"""Which transport the settings open, and what the session learns of it."""

import pytest

from sotto_app.gateway.way import cost_of, each_way_bps, kiss_settings, open_way
from sotto_app.link.airtime import AirRules
from sotto_app.settings import GatewaySettings, RadioSettings, ServerSettings
from sotto_app.transports.kiss import Kiss
from sotto_app.transports.lobby import Lobby
from sotto_app.transports.redial import Redial
from sotto_app.transports.udp import Udp
from tests.test_app.transports.catching import Caught


async def test_each_scheme_opens_its_transport_with_the_padding_in_its_toll() -> None:
    for gateway, kind, below in (
        (GatewaySettings(listen="127.0.0.1:0", pad_bytes=16), Udp, 28),
        (GatewaySettings(to="udp://[::1]:9", pad_bytes=16), Udp, 48),
        (GatewaySettings(to="kiss://127.0.0.1:9", pad_bytes=16), Kiss, 3),
        (GatewaySettings(listen="serial:///dev/nothing", pad_bytes=16), Kiss, 3),
        (GatewaySettings(to="webrtc+http://127.0.0.1:9", pad_bytes=16), Redial, 93 + 93),
        (GatewaySettings(listen="webrtc", pad_bytes=16), Lobby, 93 + 93),
    ):
        settings = ServerSettings(gateway=gateway)
        way = await open_way(settings, Caught())
        assert isinstance(way, kind) and way.cost == cost_of(settings)
        assert way.cost.toll.below_bytes == below and way.cost.toll.multiple_bytes == 16
        await way.close()


def test_a_modem_of_which_nothing_is_known_gets_all_at_once() -> None:
    told = kiss_settings(RadioSettings())
    assert (told.air, told.parameters.encode(), told.mtu_bytes) == (None, b"", 255)


def test_air_that_is_known_is_paced_and_shared() -> None:
    radio = RadioSettings(1200, True, 0.25, key_up_ms=300, datagram_bytes=200)
    told = kiss_settings(radio, line_bps=7680)
    assert told.air == AirRules(1200, True, 0.3, slots=4, share=0.25)
    assert told.parameters.encode() == bytes.fromhex("c0011ec0")
    assert told.mtu_bytes == 200


def test_a_serial_line_slower_than_the_air_is_the_measure() -> None:
    assert kiss_settings(RadioSettings(9600), line_bps=960).air == AirRules(960, False, slots=4)
    assert kiss_settings(RadioSettings(), line_bps=960).air == AirRules(960, False, slots=4)


@pytest.mark.parametrize(
    ("to", "radio", "bps"),
    [
        ("ship:1", RadioSettings(9600, True), 2400),  # there is no radio
        ("kiss://tnc:1", RadioSettings(), 2400),
        ("kiss://tnc:1", RadioSettings(9600), 9600),
        ("kiss://tnc:1", RadioSettings(9600, True), 4800),
        ("serial:///dev/a?baud=9600", RadioSettings(), 2400),
        ("serial:///dev/a?baud=1200", RadioSettings(), 960),
        ("serial:///dev/a?baud=1200", RadioSettings(9600, True), 480),
        ("webrtc+http://a", RadioSettings(), 2400 - 333),
    ],
)
def test_the_air_takes_the_place_of_the_budget(to: str, radio: RadioSettings, bps: float) -> None:
    settings = ServerSettings(gateway=GatewaySettings(to=to), radio=radio)
    assert each_way_bps(settings, cost_of(settings)) == bps
