"""What a system costs, counted from the bytes of its packets.

Two streams: speech without a pause, over which a codec must keep its promise in every minute; and
one side of a conversation, who talks for 39 % of the time (ITU-T P.59) over the hiss of a quiet
room. In that one a codec that knows silence shows what it saves. For all others the call knows it:
the talker's browser sends Opus with DTX to its relay, and what is not sent there is not coded.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from benchmarks.codecs.coding import Bundle, bundled, encoded
from benchmarks.codecs.results import Bits
from benchmarks.metrics.base import RATE_HZ
from sotto_app.link.packet import HEADER_BYTES, IPV4_UDP_BYTES
from sotto_app.modes import BrowserOpus
from sotto_codecs.backends.opus import Opus
from sotto_codecs.base import Codec, CodecSpec, Frame, Pcm

TALK_S = 90.0
MINUTE_S = 60.0
TALK_SHARE = 0.3853  # ITU-T P.59, table 1
PAUSE_DBFS = -75.0
BROKEN = 1.01  # times the promise


@dataclass(frozen=True, eq=False, slots=True)
class Streams:
    """Both at RATE_HZ; `sent` says of each frame of a browser's Opus whether it is sent."""

    talk: Pcm
    call: Pcm
    sent: npt.NDArray[np.bool_]


def streams_of(sounds: list[Pcm], talk_s: float = TALK_S) -> Streams:
    """Sentences again and again, without pauses and with those of a conversation."""
    call = np.concatenate(list(_with_pauses(sounds, round(talk_s * RATE_HZ))))
    browser = BrowserOpus()
    opus = Opus(browser.bitrate_bps, browser.frame_ms, dtx=browser.dtx, fec=browser.fec)
    frames = encoded(opus.spec, opus.encoder(), at_rate(call, opus.spec.sample_rate_hz))
    return Streams(talk(sounds, talk_s), call, np.array([bool(frame.payload) for frame in frames]))


def talk(sounds: list[Pcm], seconds: float) -> Pcm:
    """Sentences one after the other, without pauses, again and again, at RATE_HZ."""
    return np.resize(np.concatenate(sounds), round(seconds * RATE_HZ))


def at_rate(pcm: Pcm, rate_hz: int) -> Pcm:
    """From RATE_HZ to a codec's rate."""
    return np.asarray(soxr.resample(pcm, RATE_HZ, rate_hz), np.float32)


def count(codec: Codec, bundle_frames: int, streams: Streams) -> Bits:
    """Raises CodecError."""
    spec = codec.spec
    speech, call = (at_rate(pcm, spec.sample_rate_hz) for pcm in (streams.talk, streams.call))
    frames = list(encoded(spec, codec.encoder(), speech))
    spoken = bundled(frames, bundle_frames, spec)
    in_call = bundled(_with_dtx(codec, call, streams.sent), bundle_frames, spec)
    talk_s, call_s = (len(pcm) / spec.sample_rate_hz for pcm in (speech, call))
    one_off_bits = 8.0 * sum(len(frame.payload) for frame in frames if not frame.samples)
    return Bits(
        seconds=talk_s,
        promised_bps=spec.payload_bps,
        talk_bps=_payload_bits(spoken) / talk_s,
        wall_bps=_payload_bits(in_call) / call_s,
        wire_talk_bps=_wire_bits(spoken, spec) / talk_s,
        wire_wall_bps=_wire_bits(in_call, spec) / call_s,
        header_bytes=IPV4_UDP_BYTES + HEADER_BYTES,
        packet_ms=1000 * bundle_frames * spec.frame_s,
        one_off_bits=one_off_bits,
        one_off_bps=one_off_bits / MINUTE_S,
        broken=round(worst_minute_bps(frames, spec) / spec.payload_bps, 4) >= BROKEN,
    )


def worst_minute_bps(frames: Iterable[Frame], spec: CodecSpec) -> float:
    """Payload of the minute that has most of it; of all where there is less than a minute."""
    lasting = [frame for frame in frames if frame.samples]
    sums = np.concatenate([[0], np.cumsum([8 * len(frame.payload) for frame in lasting])])
    ends = np.array([0, *(frame.start_sample + frame.samples for frame in lasting)])
    window = min(round(MINUTE_S * spec.sample_rate_hz), int(ends[-1]))
    firsts = np.searchsorted(ends, ends - window)
    most = (sums - sums[firsts])[ends >= window].max()
    return float(most) * spec.sample_rate_hz / window


def _with_pauses(sounds: list[Pcm], samples: int) -> Iterator[Pcm]:
    """At least so many samples of speech."""
    chance, gain, said, turn = np.random.default_rng(0), 10 ** (PAUSE_DBFS / 20), 0, 0
    while said < samples:
        sound = sounds[turn % len(sounds)]
        yield sound
        pause = round(len(sound) * (1 / TALK_SHARE - 1))
        yield (gain * chance.standard_normal(pause)).astype(np.float32)
        said, turn = said + len(sound), turn + 1


def _with_dtx(codec: Codec, call: Pcm, sent: npt.NDArray[np.bool_]) -> list[Frame]:
    """Frames of the conversation, an empty payload where nothing is sent."""
    frames = list(encoded(codec.spec, codec.encoder(), call))
    knows_silence = not all(frame.payload for frame in frames)
    return frames if knows_silence else list(_gated(codec, call, sent))


def _gated(codec: Codec, call: Pcm, sent: npt.NDArray[np.bool_]) -> Iterator[Frame]:
    """As a relay codes what a browser sends it: a frame that lies in silence is not coded."""
    spec, encoder = codec.spec, codec.encoder()
    slot = BrowserOpus().frame_ms * spec.sample_rate_hz / 1000
    for start in range(0, len(call) - spec.frame_samples + 1, spec.frame_samples):
        end = start + spec.frame_samples
        if sent[int(start / slot) : int(np.ceil(end / slot))].any():
            yield from encoder.encode(call[start:end])
        else:
            yield from encoder.flush()
            yield Frame(b"", start, spec.frame_samples)


def _payload_bits(bundles: list[Bundle]) -> int:
    return 8 * sum(bundle.payload_bytes for bundle in bundles)


def _wire_bits(bundles: list[Bundle], spec: CodecSpec) -> int:
    return 8 * sum(bundle.wire_bytes(spec) for bundle in bundles)
