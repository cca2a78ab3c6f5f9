"""The way to the other end of the thin link, by the settings: which transport, made open."""

import time
from dataclasses import replace
from functools import partial
from typing import assert_never

from aiortc import RTCIceServer

from sotto_app.gateway.address import KissAt, SerialAt, UdpAt, WebRtcAt
from sotto_app.gateway.answering import open_answering
from sotto_app.gateway.doorbell import ring
from sotto_app.link.airtime import AirRules
from sotto_app.link.kiss import Parameters
from sotto_app.settings import RadioSettings, ServerSettings
from sotto_app.strict_toml import SettingsError
from sotto_app.transports.base import (
    DATA_CHANNEL_COST,
    UDP_IPV4_COST,
    UDP_IPV6_COST,
    LinkCost,
    OnDatagram,
    Traffic,
)
from sotto_app.transports.kiss import Kiss, KissSettings, serial, tcp
from sotto_app.transports.lobby import Lobby
from sotto_app.transports.redial import Redial
from sotto_app.transports.udp import Udp, open_udp
from sotto_app.transports.webrtc import DataChannel
from sotto_app.turn import ice_servers

SLOTS = 4  # on the air are two stations and no more
SERIAL_BITS = 10  # of a byte on the line: a start bit, 8 bits, a stop bit

Way = Udp | Kiss | Redial | Lobby


def cost_of(settings: ServerSettings) -> LinkCost:
    """Of the way that `to` or `listen` names, with the padding; before it is open a host that is
    only a name is taken to have IPv4."""
    radio = settings.radio
    match settings.gateway.at:
        case UdpAt(host):
            cost = UDP_IPV6_COST if ":" in host else UDP_IPV4_COST
        case KissAt():
            cost = kiss_settings(radio).cost
        case SerialAt(_, baud):
            cost = kiss_settings(radio, _line_bps(baud)).cost
        case WebRtcAt():
            cost = DATA_CHANNEL_COST
    return _padded(cost, settings)


def each_way_bps(settings: ServerSettings, cost: LinkCost) -> float:
    """What this end may send: of the budget, or of all that the air carries where that is known."""
    is_radio = isinstance(settings.gateway.at, KissAt | SerialAt)
    air_bps = settings.radio.rate_bps if is_radio else 0.0
    return cost.each_way_bps(air_bps or settings.gateway.budget_bps)


async def open_way(settings: ServerSettings, on_datagram: OnDatagram) -> Way:
    """Its cost knows of the padding. Raises SettingsError."""
    try:
        way = await _opened(settings, on_datagram)
    except OSError as fault:
        gateway = settings.gateway
        raise SettingsError("gateway", f"{gateway.to or gateway.listen}: {fault}") from fault
    way.cost = _padded(way.cost, settings)
    return way


async def _opened(settings: ServerSettings, on_datagram: OnDatagram) -> Way:
    gateway, radio = settings.gateway, settings.radio
    match gateway.at:
        case UdpAt(host, port) if gateway.to:
            return await open_udp(on_datagram, remote=(host, port))
        case UdpAt(host, port):
            return await open_answering(on_datagram, (host, port))
        case KissAt(host, port):
            return Kiss(tcp(host, port), on_datagram, kiss_settings(radio))
        case SerialAt(device, baud):
            return Kiss(serial(device, baud), on_datagram, kiss_settings(radio, _line_bps(baud)))
        case WebRtcAt(url) if url:
            make = partial(_data_channel, settings)
            return Redial(on_datagram, make, partial(ring, url))
        case WebRtcAt():
            return Lobby(on_datagram, partial(_data_channel, settings))
        case _ as never:
            assert_never(never)


def kiss_settings(radio: RadioSettings, line_bps: float | None = None) -> KissSettings:
    """Of a modem on air that the settings know, or of a line with such a rate."""
    rates = [rate for rate in (radio.rate_bps, line_bps) if rate]
    key_up_s = radio.key_up_ms / 1000
    air = (
        AirRules(min(rates), radio.half_duplex, key_up_s, slots=SLOTS, share=radio.airtime_share)
        if rates
        else None
    )
    parameters = Parameters(tx_delay_s=key_up_s or None)
    return KissSettings(radio.datagram_bytes, parameters, air)


def _line_bps(baud: int) -> float:
    return baud * 8 / SERIAL_BITS


def _padded(cost: LinkCost, settings: ServerSettings) -> LinkCost:
    return replace(cost, toll=replace(cost.toll, multiple_bytes=settings.gateway.pad_bytes))


def _data_channel(
    settings: ServerSettings, on_datagram: OnDatagram, traffic: Traffic
) -> DataChannel:
    servers = [
        RTCIceServer(it.urls, it.username, it.credential)
        for it in ice_servers(settings, "gateway", time.time())
    ]
    return DataChannel(on_datagram, servers, traffic, settings.announce_addresses)
