"""Both halves of a pipeline between two browsers, without I/O and in virtual time."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sotto_app.catalogue import load_catalogue, modes_of
from sotto_app.link.channel import Channel
from sotto_app.link.packet import IPV4_UDP_BYTES
from sotto_app.link.profile import PERFECT, LinkProfile
from sotto_app.media.capture import RtpOpus
from sotto_app.media.downlink import Downlink, OpusOut
from sotto_app.media.talking import PAUSE_S
from sotto_app.media.uplink import Datagram, Uplink
from sotto_app.modes import browser_opus
from sotto_codecs.backends.libopus import Ctl, OpusDecoder, OpusEncoder
from sotto_codecs.base import Pcm

RATE_HZ = 48_000
START_S = 1000.0
LOCAL_S = 0.002  # from the talker's browser to its pipeline

CATALOGUE = load_catalogue("opus-24k", "perfect")
MODES = modes_of(CATALOGUE)


class Browser:
    """Encodes as a talker's browser does for a mode: that mode's bitrate and frame length."""

    def __init__(self, mode: str) -> None:
        self._encoder = OpusEncoder(RATE_HZ, 1)
        self._sequence = 65_500  # wraps within the first second
        self._timestamp = (1 << 32) - 48_000
        self.set_mode(mode)

    def set_mode(self, mode: str) -> None:
        settings = browser_opus(CATALOGUE.modes[mode])
        self.frame_samples = RATE_HZ * settings.frame_ms // 1000
        self._encoder.set(Ctl.BITRATE, settings.bitrate_bps)
        self._encoder.set(Ctl.DTX, settings.dtx)

    def packet(self, pcm: Pcm) -> RtpOpus | None:
        """None where the encoder says that nothing needs to be sent."""
        packet = RtpOpus(self._sequence, self._timestamp, self._encoder.encode(pcm))
        self._timestamp = (self._timestamp + len(pcm)) % (1 << 32)
        if len(packet.payload) <= 2:
            return None
        self._sequence = (self._sequence + 1) % (1 << 16)
        return packet


@dataclass(slots=True)
class Call:
    """What was sent, and what the listener's browser got and when."""

    sent: list[tuple[float, Datagram]] = field(default_factory=list)
    got: list[tuple[float, OpusOut]] = field(default_factory=list)
    told: list[int] = field(default_factory=list)  # levels of the background
    came_s: list[float] = field(default_factory=list)  # packets of the talker's browser
    downlink: Downlink = field(default_factory=lambda: Downlink(MODES))

    def up(self, uplink: Uplink, packet: RtpOpus | None, now: float) -> list[Datagram]:
        """What comes of a packet, or of none for a while, as in a whole pipeline."""
        if packet:
            self.came_s.append(now - START_S)
            return uplink.receive(packet, now)
        if (due_s := uplink.due_s) is not None and due_s <= now:
            return uplink.leave()
        if not self.came_s or now - START_S - self.came_s[-1] < PAUSE_S:
            return []
        if uplink.level is not None:
            self.told.append(uplink.level)
            self.downlink.hush(uplink.level, now)
        return uplink.pause()

    def heard(self) -> Pcm:
        """The packets at their RTP times, as a patient browser would play them."""
        decoder, first = OpusDecoder(RATE_HZ, 1), self.got[0][1].timestamp
        sound = np.zeros(self.got[-1][1].timestamp - first + RATE_HZ, np.float32)
        for _, packet in self.got:
            pcm, at = decoder.decode(packet.payload), packet.timestamp - first
            sound[at : at + len(pcm)] = pcm
        return sound


def talk(
    pcm: Pcm,
    mode: str,
    *,
    profile: LinkProfile = PERFECT,
    events: dict[float, Callable[[Browser, Uplink], None]] | None = None,
    lose: Callable[[int], bool] = lambda n: False,
) -> Call:
    """Talk through a link. `events` happen at their seconds; `lose` takes packets on the way up."""
    call, browser = Call(), Browser(mode)
    uplink = Uplink(CATALOGUE.modes[mode], CATALOGUE.codecs[mode])
    channel = Channel(profile, IPV4_UDP_BYTES, seed=3)
    pending = sorted((events or {}).items(), reverse=True)
    start_s, at, number = START_S, 0, 0
    now = start_s
    end_s = start_s + len(pcm) / RATE_HZ + 2
    while now < end_s:
        while pending and now - start_s >= pending[-1][0]:
            pending.pop()[1](browser, uplink)
        if now >= start_s + (at + browser.frame_samples) / RATE_HZ + LOCAL_S and at < len(pcm):
            piece = pcm[at : at + browser.frame_samples]
            at += browser.frame_samples
            if len(piece) == browser.frame_samples:
                packet = browser.packet(piece)
                arrives = packet is not None and not lose(number)
                for datagram in call.up(uplink, packet if arrives else None, now):
                    call.sent.append((now - start_s, datagram))
                    channel.send(datagram.data, now)
                number += 1
        for data in channel.receive(now):
            call.got += [(now - start_s, out) for out in call.downlink.receive(data, now)]
        if (due_s := call.downlink.due_s) is not None and due_s <= now:
            call.got += [(now - start_s, out) for out in call.downlink.play(now)]
        now += 0.001
    return call


def switch_to(mode: str, *, browser_follows: bool = True) -> Callable[[Browser, Uplink], None]:
    """An event: the talker picks another mode."""

    def event(browser: Browser, uplink: Uplink) -> None:
        uplink.set_mode(CATALOGUE.modes[mode], CATALOGUE.codecs[mode])
        if browser_follows:
            browser.set_mode(mode)

    return event
