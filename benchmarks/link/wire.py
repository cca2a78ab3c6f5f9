"""Bits on the wire: two real sessions in virtual time, and every byte that they hand out."""

from math import ceil
from statistics import mean

from benchmarks.link.figures import Wire
from sotto_app.link.elsewhere import data_channel, webrtc_audio
from sotto_app.link.events import Bundle
from sotto_app.link.link_settings import LinkSettings
from sotto_app.link.run import FrameShape
from sotto_app.link.tariff import Speech, price
from sotto_app.transports.base import KISS_COST, UDP_IPV4_COST
from sotto_codecs.base import CodecSpec
from sotto_codecs.registry import load
from tests.test_app.link.thin_call import End, ThinCall

LINKS = {"UDP/IPv4": UDP_IPV4_COST, "KISS": KISS_COST}
AROUND_S = 30.0  # before anyone talks and after everyone has: set-up and last reports are over
MODE = 1


def wire(rate: str, bundle_s: float, link: str, minutes: float) -> Wire:
    """Both talk, then the caller alone, then nobody. The listener begins a third of a bundle after
    the caller, for what answers a bundle waits longer or shorter for the next one back."""
    spec, cost = codec2(rate), LINKS[link]
    frames = max(1, int(bundle_s / spec.frame_s + 0.5))
    bundle_s = frames * spec.frame_s
    bundles = ceil(minutes * 60 / bundle_s)
    talk_s = bundles * bundle_s
    call = ThinCall(settings=settings(spec, link))
    starts_s = (AROUND_S, AROUND_S + bundle_s / 3)
    one_s = AROUND_S + talk_s + AROUND_S / 2
    end_s = AROUND_S + 2 * talk_s
    nobody_s = end_s + AROUND_S
    just = 1e-6  # a bundle goes when it ends
    call.talk(call.caller, starts_s[0], end_s + just, MODE, frames)
    call.talk(call.listener, starts_s[1], starts_s[1] + talk_s + just, MODE, frames)
    call.run(nobody_s + talk_s)

    def bps(end: End, from_s: float, to_s: float) -> float:
        went = [data for at, data in end.sent if from_s + just < at <= to_s + just]
        return sum(8 * (len(data) + cost.below(data)) for data in went) / (to_s - from_s)

    both = [bps(end, at, at + talk_s) for end, at in zip(call.ends, starts_s, strict=True)]
    speech = Speech(spec.payload_bps, bundle_s)
    table, audio, channel = price(speech, cost.toll), webrtc_audio(speech), data_channel(speech)
    return Wire(
        link=link,
        rate=rate,
        payload_bps=spec.payload_bps,
        bundle_s=bundle_s,
        bundles=bundles,
        talking_bps=mean(both),
        listening_bps=bps(call.listener, one_s, end_s),
        silent_bps=mean(bps(end, nobody_s, nobody_s + talk_s) for end in call.ends),
        tariff_bps=(table.talking_bps, table.listening_bps, table.silent_bps),
        delay_s=longest_wait_s(call.listener, AROUND_S),
        webrtc_audio_bps=(audio.there_bps, audio.back_bps),
        data_channel_bps=(channel.there_bps, channel.back_bps),
    )


def longest_wait_s(end: End, from_s: float) -> float:
    came = [(at, event) for at, event in end.events if isinstance(event, Bundle)]
    return max(at - from_s - bundle.start_ms / 1000 for at, bundle in came)


def codec2(rate: str) -> CodecSpec:
    return load("codec2", {"rate": rate}).spec


def settings(spec: CodecSpec, link: str = "UDP/IPv4") -> LinkSettings:
    cost, shape = LINKS[link], FrameShape(spec.frame_bytes, 1000 * spec.frame_s)
    return LinkSettings({MODE: shape}, keepalive_s=cost.keepalive_s, below=cost.below)
