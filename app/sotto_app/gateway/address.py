"""Where the other end of a thin link is, or where it is waited for, as the settings say it.

    ship.example:8701              UDP, also udp://ship.example:8701
    kiss://127.0.0.1:8001          a radio modem that speaks KISS over TCP
    serial:///dev/ttyUSB0?baud=9600  one that speaks KISS over a serial line
    webrtc+https://shore.example   a data channel; the relay there is asked for it (to)
    webrtc                         a data channel for whoever asks this relay (listen)

A modem has no address of the other end: `to` and `listen` both name the modem at this end.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, urlsplit

Key = Literal["to", "listen"]
WEBRTC = "webrtc"
WEBRTC_PATH = "/gateway"  # on the relay's own port
DEFAULT_BAUD = 9600


@dataclass(frozen=True, slots=True)
class UdpAt:
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class KissAt:
    """A modem behind a TCP port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class SerialAt:
    """A modem behind a serial device."""

    device: str
    baud: int


@dataclass(frozen=True, slots=True)
class WebRtcAt:
    """A data channel. `url` is where the offer is posted; empty: offers come to this relay."""

    url: str = ""


At = UdpAt | KissAt | SerialAt | WebRtcAt


def address(text: str, key: Key) -> At:
    """What the key `to` or `listen` says. Raises ValueError."""
    if not text.isprintable() or " " in text:
        raise ValueError(f"{key} = {text!r} has a character that no address has")
    if text == WEBRTC:
        return _asked(text, key)
    scheme, separator, rest = text.partition("://")
    if not separator:
        return UdpAt(*_host_and_port(text, text, key, "ship.example:8701"))
    if scheme not in _SCHEMES:
        raise ValueError(f"{key} = {text!r}: there is no {scheme}://; known: {_known()}")
    return _SCHEMES[scheme](text, rest, key)


def name_of(text: str) -> str:
    """The other end's name in the list of known gateways."""
    return text.removeprefix("udp://")


def _udp(text: str, rest: str, key: Key) -> UdpAt:
    return UdpAt(*_host_and_port(rest, text, key, "udp://ship.example:8701"))


def _kiss(text: str, rest: str, key: Key) -> KissAt:
    return KissAt(*_host_and_port(rest, text, key, "kiss://127.0.0.1:8001"))


def _serial(text: str, rest: str, key: Key) -> SerialAt:
    url = _split(text, key)
    options = dict(parse_qsl(url.query, keep_blank_values=True))
    baud = options.pop("baud", str(DEFAULT_BAUD))
    if not url.path.strip("/") or url.netloc or url.fragment or options:
        raise ValueError(f"{key} = {text!r} is not like serial:///dev/ttyUSB0?baud=9600")
    if not re.fullmatch("[0-9]{1,7}", baud) or not 50 <= int(baud) <= 4_000_000:
        raise ValueError(f"{key} = {text!r}: baud is a whole number from 50 to 4000000")
    return SerialAt(url.path, int(baud))


def _asking(text: str, rest: str, key: Key) -> WebRtcAt:
    if key == "listen":
        raise ValueError(f'listen = {text!r}: who is called says listen = "{WEBRTC}"')
    url = _split(text, key)
    if not url.hostname or url.query or url.fragment:
        raise ValueError(f"{key} = {text!r} is not like webrtc+https://shore.example")
    path = url.path.rstrip("/") + WEBRTC_PATH
    return WebRtcAt(f"{url.scheme.removeprefix('webrtc+')}://{url.netloc}{path}")


def _asked(text: str, key: Key) -> WebRtcAt:
    if key == "to":
        raise ValueError(f"to = {text!r}: who calls says to = 'webrtc+https://shore.example'")
    return WebRtcAt()


_SCHEMES: dict[str, Callable[[str, str, Key], At]] = {
    "udp": _udp,
    "kiss": _kiss,
    "serial": _serial,
    "webrtc+https": _asking,
    "webrtc+http": _asking,
}


def _known() -> str:
    return ", ".join(f"{scheme}://" for scheme in _SCHEMES)


def _split(text: str, key: Key) -> SplitResult:
    try:
        url = urlsplit(text)
        _ = url.port  # raises too
    except ValueError as fault:
        raise ValueError(f"{key} = {text!r}: {fault}") from fault
    return url


def _host_and_port(rest: str, text: str, key: Key, like: str) -> tuple[str, int]:
    """Of "ship.example:8701" or "[2001:db8::1]:8701"."""
    found = re.fullmatch(r"(?:\[([^][/?#]+)\]|([^][:/?#@]+)):([0-9]{1,5})/?", rest)
    if not found or int(found[3]) > 65_535:
        raise ValueError(f"{key} = {text!r} is not like {like}")
    return found[1] or found[2], int(found[3])
