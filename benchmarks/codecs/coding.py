"""Sound through one system as in a call: frames, packets, weather, and sound again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from sotto_app.link.packet import IPV4_UDP_BYTES, Packet, pack
from sotto_app.wav import framed
from sotto_codecs.base import Codec, CodecSpec, Encoder, Frame, Pcm

Loses = Callable[[float], bool]  # whether a packet that leaves then, in seconds, is lost


class BadOutput(ValueError):
    """A decoder gave what is no sound; the message says what."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Frames that share a packet. `leaves_s` is when the last of them was whole."""

    frames: tuple[Frame, ...]
    leaves_s: float

    @property
    def payload_bytes(self) -> int:
        return sum(len(frame.payload) for frame in self.frames)

    def wire_bytes(self, spec: CodecSpec) -> int:
        """With all headers, over UDP and IPv4."""
        payloads = tuple(frame.payload for frame in self.frames)
        return IPV4_UDP_BYTES + len(pack(Packet(0, 0, 0, payloads), spec.frame_bytes))


@dataclass(frozen=True, eq=False, slots=True)
class Coded:
    """At the codec's rate, from the first sample that the decoder gave."""

    pcm: Pcm
    packets: int
    lost: int


def through(codec: Codec, bundle_frames: int, pcm: Pcm, loses: Loses) -> Coded:
    """`pcm` at the codec's rate, there and back. Raises CodecError, BadOutput.

    Phrases are sent again until they arrive: of what is spoken anew nothing is ever lost.
    """
    frames = list(encoded(codec.spec, codec.encoder(), pcm))
    bundles = bundled(frames, bundle_frames, codec.spec)
    may_lose = codec.spec.keeps_time
    missing = [bundle for bundle in bundles if may_lose and loses(bundle.leaves_s)]
    lost = {id(frame) for bundle in missing for frame in bundle.frames}
    decoder, pieces = codec.decoder(), [np.zeros(0, np.float32)]
    for index, frame in enumerate(frames):
        following = frames[index + 1] if index + 1 < len(frames) else None
        if id(frame) not in lost:
            piece = decoder.decode(frame)
        elif following is None or id(following) in lost or not following.payload:
            piece = decoder.decode(None)
        else:
            piece = decoder.recover(following)
        pieces.append(_checked(piece, frame, codec.spec))
    return Coded(np.concatenate(pieces), len(bundles), len(missing))


def encoded(spec: CodecSpec, encoder: Encoder, pcm: Pcm) -> Iterator[Frame]:
    """All frames of `pcm`, and of as much silence behind it as brings out its last sample."""
    for piece, _ in framed(iter([pcm]), spec):
        yield from encoder.encode(piece)
    yield from encoder.flush()


def bundled(frames: Iterable[Frame], bundle_frames: int, spec: CodecSpec) -> list[Bundle]:
    """Packets as a call makes them: silence has none, and sends what is held back before it.

    A frame without samples, a timbre, is in none: it goes its own, slow and safe, way.
    """
    bundles, held = list[Bundle](), list[Frame]()

    def send() -> None:
        if held:
            ends = held[-1].start_sample + held[-1].samples
            bundles.append(Bundle(tuple(held), ends / spec.sample_rate_hz))
            held.clear()

    for frame in frames:
        if not frame.payload:
            send()
        elif frame.samples:
            held.append(frame)
            if len(held) == bundle_frames:
                send()
    send()
    return bundles


def _checked(pcm: Pcm, frame: Frame, spec: CodecSpec) -> Pcm:
    """Raises BadOutput."""
    if pcm.dtype != np.float32 or pcm.ndim != 1:
        raise BadOutput(f"it gave {pcm.dtype} of shape {pcm.shape}, not float32 samples")
    if spec.keeps_time and len(pcm) != frame.samples:
        raise BadOutput(f"it gave {len(pcm)} samples for a frame of {frame.samples}")
    if not np.isfinite(pcm).all():
        raise BadOutput("it gave samples that are not finite")
    return pcm
