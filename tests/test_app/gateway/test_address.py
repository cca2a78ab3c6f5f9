import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_app.gateway.address import At, Key, KissAt, SerialAt, UdpAt, WebRtcAt, address, name_of

BOTH: tuple[Key, ...] = ("to", "listen")


@pytest.mark.parametrize("key", BOTH)
@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("ship.example:8701", UdpAt("ship.example", 8701)),
        ("udp://0.0.0.0:8701", UdpAt("0.0.0.0", 8701)),
        ("[2001:db8::1]:8701", UdpAt("2001:db8::1", 8701)),
        ("udp://[fe80::1%eth0]:0", UdpAt("fe80::1%eth0", 0)),
        ("kiss://127.0.0.1:8001", KissAt("127.0.0.1", 8001)),
        ("kiss://modem:8001/", KissAt("modem", 8001)),
        ("serial:///dev/ttyUSB0", SerialAt("/dev/ttyUSB0", 9600)),
        ("serial:///dev/serial/by-id/a?baud=1200", SerialAt("/dev/serial/by-id/a", 1200)),
    ],
)
def test_both_ends_understand(text: str, key: Key, at: At) -> None:
    assert address(text, key) == at


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("webrtc+https://shore.example", "https://shore.example/gateway"),
        ("webrtc+https://shore.example/", "https://shore.example/gateway"),
        ("webrtc+http://[::1]:8080/sotto/", "http://[::1]:8080/sotto/gateway"),
    ],
)
def test_a_data_channel_is_asked_for_at_the_other_relay(text: str, url: str) -> None:
    assert address(text, "to") == WebRtcAt(url)


def test_a_data_channel_is_waited_for_at_this_one() -> None:
    assert address("webrtc", "listen") == WebRtcAt()


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("ship", "to", "to = 'ship' is not like ship.example:8701"),
        ("ship:port", "to", "to = 'ship:port' is not like ship.example:8701"),
        (":8701", "listen", "listen = ':8701' is not like ship.example:8701"),
        ("2001:db8::1:8701", "to", "to = '2001:db8::1:8701' is not like ship.example:8701"),
        ("ship:65536", "to", "to = 'ship:65536' is not like ship.example:8701"),
        ("ship:8701 ", "to", "to = 'ship:8701 ' has a character that no address has"),
        ("udp://ship", "to", "to = 'udp://ship' is not like udp://ship.example:8701"),
        ("udp://me@ship:1", "to", "to = 'udp://me@ship:1' is not like udp://"),
        ("kiss:///dev/ttyS0", "to", "to = 'kiss:///dev/ttyS0' is not like kiss://127.0.0.1:8001"),
        ("tcp://ship:1", "to", "to = 'tcp://ship:1': there is no tcp://; known: udp://, kiss://"),
        ("serial://ttyUSB0", "to", "to = 'serial://ttyUSB0' is not like serial:///dev/ttyUSB0"),
        ("serial:///", "to", "to = 'serial:///' is not like serial:///dev/ttyUSB0"),
        ("serial:///dev/a?bits=7", "to", "to = 'serial:///dev/a?bits=7' is not like serial:///"),
        ("serial:///dev/a?baud=", "to", "to = 'serial:///dev/a?baud=': baud is a whole number"),
        ("serial:///dev/a?baud=49", "to", "to = 'serial:///dev/a?baud=49': baud is a whole"),
        ("webrtc", "to", "to = 'webrtc': who calls says to = 'webrtc+https://"),
        ("webrtc+https://", "to", "to = 'webrtc+https://' is not like webrtc+https://shore"),
        ("webrtc+https://a?b=c", "to", "to = 'webrtc+https://a?b=c' is not like webrtc+https://"),
        ("webrtc+http://a:b", "to", "to = 'webrtc+http://a:b': Port could not be cast"),
        ("webrtc+https://[", "to", "to = 'webrtc+https://[': Invalid IPv6 URL"),
        ("webrtc+https://a", "listen", "listen = 'webrtc+https://a': who is called says listen"),
    ],
)
def test_a_bad_address_says_what_a_good_one_is_like(text: str, key: Key, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        address(text, key)
    assert str(caught.value).startswith(message)


@given(st.text(), st.sampled_from(BOTH))
def test_any_text_is_an_address_or_a_fault_that_names_the_key(text: str, key: Key) -> None:
    for prefix in ("", "udp://", "kiss://", "serial://", "webrtc+https://"):
        try:
            assert address(prefix + text, key)
        except ValueError as fault:
            assert str(fault).startswith(f"{key} = ")


def test_a_gateway_that_is_known_stays_known_with_its_scheme() -> None:
    assert name_of("udp://ship:8701") == name_of("ship:8701") == "ship:8701"
    assert name_of("kiss://tnc:8001") == "kiss://tnc:8001"
