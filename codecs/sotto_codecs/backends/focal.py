"""FocalCodec-Stream in a call: 80 ms of delay, 550, 600 or 800 bit/s.

The network hears 16 kHz and speaks 24; at the seam both are 24. Published weights speak where the
operator has them (`sotto models`), else the small ones that come with the code.

What is lost is guessed; the guess fades after 0.12 s. After silence, and after a loss that has
faded, the stream begins anew. Modes of one network go on in each other's streams.
"""

from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from sotto_codecs import base
from sotto_codecs.base import CodecSpec, Frame, Pcm
from sotto_codecs.errors import BadSettings, BadWeights, UnavailableCodec
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.graph import ENCODER, Array
from sotto_codecs.focal.thirds import DELAY_SAMPLES, Thirds
from sotto_codecs.focal.tokens import Layout
from sotto_codecs.focal.weights import Member, Stream, published, shipped, small
from sotto_codecs.framing import Framing
from sotto_codecs.models import pull
from sotto_codecs.pcm import checked
from sotto_codecs.tiny.fading import Fading

RATES = {"550": 11, "600": 12, "800": 16}  # bits of a token
WEIGHTS = ("auto", "published", "small")


@dataclass(frozen=True, slots=True)
class Places:
    """Where weights are."""

    models_dir: str
    folder: str  # of small ones; "": those that come with the code

    def published(self, rate: str) -> Path:
        return Path(self.models_dir) / f"focal-{rate}"

    @property
    def small(self) -> Path:
        return Path(self.folder) if self.folder else shipped()


class Focal:
    """The codec; `encoder()` and `decoder()` are the streams."""

    def __init__(
        self,
        rate: str = "600",
        weights: str = "auto",
        models_dir: str = "",
        folder: str = "",
        threads: int = 1,
    ) -> None:
        """`weights` "published" are in `models_dir`, a folder for each rate (focal-600); "small"
        are those that come with the code, or others in `folder`; "auto" is the first of both that
        is here.

        Raises BadSettings, BackendUnavailable, WeightsMissing, BadWeights.
        """
        _check(rate, weights, threads)
        self._rate, self._places, self._threads = rate, Places(models_dir, folder), threads
        self._member = _member(rate, weights, self._places, threads)
        self._layout = Layout(self._member.config.chunk, RATES[rate])
        self._spec = _spec(self._member, self._layout)

    @property
    def spec(self) -> CodecSpec:
        return self._spec

    @property
    def weights(self) -> str:
        """Names them, for who measures how fast they are."""
        return f"focal {self._member.version} on {self._threads}"

    def lighter(self) -> "Focal | None":
        """The same rate by the small network, where this is not it."""
        try:
            models_dir, folder = self._places.models_dir, self._places.folder
            other = Focal(self._rate, "small", models_dir, folder, self._threads)
        except UnavailableCodec:
            return None
        return None if other._member is self._member else other

    def encoder(self) -> "Encoder":
        return Encoder(self._spec, self._member, self._layout)

    def decoder(self) -> "Decoder":
        return Decoder(self._spec, self._member, self._layout)

    def encoder_after(self, old: base.Encoder) -> "Encoder":
        if isinstance(old, Encoder) and old.member is self._member:
            return old.gone_on(self._spec, self._layout)
        return self.encoder()

    def decoder_after(self, old: base.Decoder) -> "Decoder":
        if isinstance(old, Decoder) and old.member is self._member:
            return old.gone_on(self._spec, self._layout)
        return self.decoder()


class Encoder:
    """One talker's stream."""

    def __init__(self, spec: CodecSpec, member: Member, layout: Layout) -> None:
        self.member, self._spec, self._layout = member, spec, layout
        self._framing = Framing()
        self._begin_anew()

    def encode(self, pcm: Pcm) -> list[Frame]:
        pcm = checked(pcm, self._spec)
        frame, self._framing = self._framing.framed(pcm, self._payload, self._begin_anew)
        return [frame]

    def flush(self) -> list[Frame]:
        self._framing = self._framing.flushed()
        self._begin_anew()
        return []

    def gone_on(self, spec: CodecSpec, layout: Layout) -> "Encoder":
        """The same stream at another rate; this one is used no more."""
        other = copy(self)
        other._spec, other._layout = spec, layout
        return other

    @property
    def state_bytes(self) -> int:
        return self.member.encoder.state_bytes

    def _begin_anew(self) -> None:
        self._stream: Stream | None = None  # until somebody talks
        self._thirds = Thirds.blank()

    def _payload(self, pcm: Pcm) -> bytes:
        config, stream = self.member.config, self._stream or self.member.encoder.stream()
        self._stream = stream
        if _is_two_rates(config):
            pcm, self._thirds = self._thirds.step(pcm)
        chunks = pcm.reshape(-1, config.chunk_samples)
        tokens = np.concatenate([stream.step(one) for one in chunks])
        return self._layout.packed(tokens >> config.bits - self._layout.bits)


class Decoder:
    """One talker's stream at one listener."""

    def __init__(self, spec: CodecSpec, member: Member, layout: Layout) -> None:
        self.member, self._spec, self._layout = member, spec, layout
        self._stream = member.decoder.stream()
        self._fading = Fading(spec.sample_rate_hz)
        self._last = np.zeros((), np.int64)

    def decode(self, frame: Frame | None) -> Pcm:
        if frame is None or not frame.payload:
            return self._guessed(is_pause=frame is not None)
        spare = self.member.config.bits - self._layout.bits
        chunks = self._layout.unpacked(frame.payload) << spare
        if self._fading.is_silent:
            self._stream = self.member.decoder.stream()
        sound, self._fading = self._fading.arrived(self._said(chunks, self._layout.bits))
        self._last = chunks[-1, -1]
        return np.clip(sound, -1.0, 1.0)

    def recover(self, following: Frame) -> Pcm:
        return self.decode(None)  # a frame says nothing of the one before it

    def fork(self) -> Self:
        other = copy(self)
        other._stream = self._stream.fork()
        return other

    def gone_on(self, spec: CodecSpec, layout: Layout) -> "Decoder":
        """The same stream at another rate; this one is used no more."""
        other = copy(self)
        other._spec, other._layout = spec, layout
        return other

    @property
    def state_bytes(self) -> int:
        return self.member.decoder.state_bytes

    def _guessed(self, *, is_pause: bool) -> Pcm:
        if self._fading.is_silent:
            return np.zeros(self._spec.frame_samples, np.float32)
        guess = self._said(*self._next_tokens())
        fade = self._fading.hushed if is_pause else self._fading.lost
        sound, self._fading = fade(guess)
        return np.clip(sound, -1.0, 1.0)

    def _next_tokens(self) -> tuple[Array, int]:
        """In the place of lost ones: none, where the network was trained with holes; else the last
        one said on."""
        shape = self._layout.chunks, self._layout.chunk
        if self.member.decoder.takes_less:
            return np.zeros(shape, np.int64), 0
        return np.full(shape, self._last), self._layout.bits

    def _said(self, chunks: Array, carried: int) -> Pcm:
        return np.concatenate([self._stream.step(chunk, carried) for chunk in chunks])


def _check(rate: object, weights: object, threads: object) -> None:
    if not isinstance(rate, str) or rate not in RATES:
        raise BadSettings(f"focal: rate is {', '.join(RATES)}, not {rate!r}")
    if weights not in WEIGHTS:
        raise BadSettings(f"focal: weights are {', '.join(WEIGHTS)}, not {weights!r}")
    if type(threads) is not int or not 1 <= threads <= 16:
        raise BadSettings(f"focal: threads are from 1 to 16, not {threads!r}")


def _member(rate: str, weights: str, places: Places, threads: int) -> Member:
    theirs, ours = places.published(rate), places.small
    is_theirs = (theirs / ENCODER).exists() or not ours.exists()
    if weights == "published" or (weights == "auto" and is_theirs):
        return published(theirs, RATES[rate], threads)
    member = small(ours, threads)
    if not member.serves(RATES[rate]):
        raise BadWeights(f"{ours} holds {member.config.name}", pull(theirs.name))
    return member


def _is_two_rates(config: FocalConfig) -> bool:
    """It hears at another rate than it speaks: the seam is at the latter."""
    return config.rate_hz != config.out_rate_hz


def _spec(member: Member, layout: Layout) -> CodecSpec:
    config = member.config
    samples = layout.chunks * config.out_samples
    return CodecSpec(
        name="focal",
        version=member.version,
        sample_rate_hz=config.out_rate_hz,
        channels=1,
        frame_samples=samples,
        payload_bps=8 * layout.size * config.out_rate_hz / samples,
        delay_samples=member.delay_samples + (DELAY_SAMPLES if _is_two_rates(config) else 0),
        frame_bytes=layout.size,
        forkable=True,
    )
