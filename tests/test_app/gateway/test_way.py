"""Which transport the settings open, and what the session learns of it."""

from sotto_app.gateway.way import kiss_settings, open_way
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
        way = await open_way(ServerSettings(gateway=gateway), Caught())
        assert isinstance(way, kind)
        assert way.cost.toll.below_bytes == below and way.cost.toll.multiple_bytes == 16
        await way.close()


def test_a_modem_of_which_nothing_is_known_gets_all_at_once() -> None:
    told = kiss_settings(RadioSettings())
    assert (told.air, told.parameters.encode(), told.mtu_bytes) == (None, b"", 255)


def test_air_that_is_known_is_paced_and_shared() -> None:
    radio = RadioSettings(1200, True, 0.25, key_up_ms=300, datagram_bytes=200)
    told = kiss_settings(radio, line_bps=7680)
    assert told.air == AirRules(1200, True, 0.3, share=0.25)
    assert told.parameters.encode() == bytes.fromhex("c0011ec0")
    assert told.mtu_bytes == 200


def test_a_serial_line_slower_than_the_air_is_the_measure() -> None:
    assert kiss_settings(RadioSettings(9600), line_bps=960).air == AirRules(960, False)
    assert kiss_settings(RadioSettings(), line_bps=960).air == AirRules(960, False)
