"""What the same call costs with what people use today: figures with their sources.

Rates are bits per second on the wire of one direction while somebody talks, lowest to highest.
"""

from dataclasses import dataclass

from sotto_app.link.tariff import Speech, mb_per_hour

SIGNAL_OPUS_BPS = 32_000  # RingRTC, AudioEncoderConfig: constant, bitrate 32000
SIGNAL_PACKET_S = 0.06  # ibid.: packets of 60 ms
IPV4_UDP_RTP_BYTES = 40  # RFC 791, RFC 768, RFC 3550 section 5.1


@dataclass(frozen=True, slots=True)
class Peer:
    """Another system. `source` says where the figures are from."""

    name: str
    least_bps: float
    most_bps: float
    source: str


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "Signal",
            SIGNAL_OPUS_BPS,
            SIGNAL_OPUS_BPS + IPV4_UDP_RTP_BYTES * 8 / SIGNAL_PACKET_S,
            "its source: always 32 kbit/s of Opus in packets of 60 ms; the least counts no header",
        ),
        Peer("Mumble", 13_500, 13_500, "its lowest setting"),
        Peer("Jitsi", 46_000, 58_000, "measured: Opus as Chrome sends it by default"),
        Peer("LXST", 2_300, 2_900, "its packet format, with Codec2 at 700 bit/s"),
    )
}

# Measured on IP, both ends aiortc 1.16.
RTP_AROUND_BYTES = 58  # a payload of 10 bytes in 68 to 77: the least
CHANNEL_AROUND_BYTES = 97  # a data-channel message of 10 bytes in 107
CHANNEL_BACK_BYTES = 93  # its SACK, 93 to 96: the least
IDLE_TRACK_BPS = 1_300  # each way: consent, RTCP
IDLE_CHANNEL_BPS = 333  # each way: consent, heartbeats


@dataclass(frozen=True, slots=True)
class BothWays:
    """Bits per second towards the listener, and back."""

    there_bps: float
    back_bps: float


def webrtc_audio(speech: Speech) -> BothWays:
    """A bundle in each RTP packet of a WebRTC audio track, were there a codec for it."""
    there_bps = (speech.bundle_bytes + RTP_AROUND_BYTES) * 8 / speech.bundle_s
    return BothWays(there_bps + IDLE_TRACK_BPS, IDLE_TRACK_BPS)


def data_channel(speech: Speech) -> BothWays:
    """A bundle in each message of a WebRTC data channel."""
    there_bps = (speech.bundle_bytes + CHANNEL_AROUND_BYTES) * 8 / speech.bundle_s
    back_bps = CHANNEL_BACK_BYTES * 8 / speech.bundle_s
    return BothWays(there_bps + IDLE_CHANNEL_BPS, back_bps + IDLE_CHANNEL_BPS)


def cost_words(spent_bytes: int, rate_bps: float, talk_s: float, peer: str = "Signal") -> str:
    """As the page says it: "11 kB so far, 0.4 MB per hour; the same call on Signal: 19 MB".

    `talk_s` is how long each counted direction lasted, summed; the peer's least rate is taken, so
    that it is never wronged. Raises KeyError for a peer without figures.
    """
    there = PEERS[peer].least_bps * talk_s / 8
    return (
        f"{bytes_words(spent_bytes)} so far, {mb_per_hour(rate_bps):.1f} MB per hour; "
        f"the same call on {peer}: {bytes_words(there)}"
    )


def bytes_words(size: float) -> str:
    """A number of bytes with two digits: 950 B, 11 kB, 0.4 MB."""
    if size < 1000:
        return f"{size:.0f} B"
    kilo, unit = (size / 1000, "kB") if size < 999_500 else (size / 1e6, "MB")
    return f"{kilo:.1f} {unit}" if kilo < 9.95 else f"{kilo:.0f} {unit}"
