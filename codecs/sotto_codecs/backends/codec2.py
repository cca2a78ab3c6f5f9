"""Codec2, the vocoder of amateur radio, at 3200 to 700 bit/s: 8 kHz mono through pycodec2.

Two things that libcodec2 does not do are done here. Frames that do not fill their last byte (1300:
52 bits, 700C: 28 bits) go two to a payload, so that a mode costs what its name says. And lost
frames are concealed: the last one is decoded again and faded. Not at 2400, 1400 and 1200, which
predict energy from frame to frame and would grow ever louder: there the last pitch cycle goes on.

libcodec2 draws the phases of unvoiced sound from one random generator for the whole process, so two
decodings of the same bits differ in their noise, never in their spectrum: hence `exact=False`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from sotto_codecs.base import CodecSpec, Frame, Pcm
from sotto_codecs.conceal import FADE_S, FALL_S, Concealment
from sotto_codecs.errors import BackendUnavailable, BadFrame, BadSettings
from sotto_codecs.pcm import checked, from_int16, to_int16

if TYPE_CHECKING:
    import pycodec2

RATE_HZ = 8_000


@dataclass(frozen=True, slots=True)
class Rate:
    """One of libcodec2's modes, as it packs and as we do."""

    bps: int
    native_mode: int
    native_samples: int
    native_bits: int
    natives: int  # libcodec2's frames in one payload
    delay_samples: int  # where STOI is highest
    predicts: bool = False  # energy and pitch stand on those of the frame before

    @property
    def native_bytes(self) -> int:
        return -(-self.native_bits // 8)

    @property
    def frame_bytes(self) -> int:
        return self.native_bits * self.natives // 8


RATES = {
    "3200": Rate(3200, 3200, 160, 64, 1, 160),
    "2400": Rate(2400, 2400, 160, 48, 1, 160, predicts=True),
    "1600": Rate(1600, 1600, 320, 64, 1, 160),
    "1400": Rate(1400, 1400, 320, 56, 1, 160, predicts=True),
    "1300": Rate(1300, 1300, 320, 52, 2, 160),
    "1200": Rate(1200, 1200, 320, 48, 1, 160, predicts=True),
    "700C": Rate(700, 700, 320, 28, 2, 240),
}


class Codec2:
    """The codec; `encoder()` and `decoder()` are the streams."""

    def __init__(self, rate: str = "3200") -> None:
        """Raises BadSettings, BackendUnavailable."""
        if not isinstance(rate, str) or rate not in RATES:
            raise BadSettings(f"codec2: rate is one of {', '.join(RATES)}, not {rate!r}")
        self._rate = RATES[rate]
        new_native(self._rate)  # so that what is missing is known now
        self._spec = CodecSpec(
            name="codec2",
            version=1,
            sample_rate_hz=RATE_HZ,
            channels=1,
            frame_samples=self._rate.native_samples * self._rate.natives,
            payload_bps=self._rate.bps,
            delay_samples=self._rate.delay_samples,
            frame_bytes=self._rate.frame_bytes,
            exact=False,
        )

    @property
    def spec(self) -> CodecSpec:
        return self._spec

    def encoder(self) -> "Encoder":
        return Encoder(self._spec, self._rate)

    def decoder(self) -> "Decoder":
        return Decoder(self._spec, self._rate)


class Encoder:
    """One talker's stream."""

    def __init__(self, spec: CodecSpec, rate: Rate) -> None:
        self._spec = spec
        self._rate = rate
        self._native = new_native(rate)
        self._start_sample = 0

    def encode(self, pcm: Pcm) -> list[Frame]:
        parts = np.split(to_int16(checked(pcm, self._spec)), self._rate.natives)
        payload = pack([self._native.encode(part) for part in parts], self._rate.native_bits)
        frame = Frame(payload, self._start_sample, self._spec.frame_samples)
        self._start_sample += self._spec.frame_samples
        return [frame]

    def flush(self) -> list[Frame]:
        self._native = new_native(self._rate)
        return []


class Decoder:
    """One talker's stream at one listener."""

    def __init__(self, spec: CodecSpec, rate: Rate) -> None:
        self._spec = spec
        self._rate = rate
        self._native = new_native(rate)
        self._concealment = Concealment(RATE_HZ)
        self._last: bytes | None = None  # libcodec2's last frame, where it may be decoded again

    def decode(self, frame: Frame | None) -> Pcm:
        if frame is None:
            return self._lost(FADE_S)
        if not frame.payload:
            return self._lost(FALL_S)
        if len(frame.payload) != self._rate.frame_bytes:
            size = f"{len(frame.payload)} bytes in a frame of {self._rate.frame_bytes}"
            raise BadFrame(f"codec2 {self._rate.bps}: {size}")
        parts = unpack(frame.payload, self._rate.native_bits)
        self._last = None if self._rate.predicts else parts[-1]
        return self._concealment.arrived(self._decode_native(parts))

    def recover(self, following: Frame) -> Pcm:
        return self.decode(None)  # a frame of Codec2 says nothing of the one before it

    def fork(self) -> Self:
        raise NotImplementedError("libcodec2 cannot copy its state")

    def _lost(self, fade_s: float) -> Pcm:
        again = None
        if self._last and not self._concealment.is_silent:
            again = self._decode_native([self._last] * self._rate.natives)
        return self._concealment.lost(self._spec.frame_samples, fade_s, again)

    def _decode_native(self, parts: list[bytes]) -> Pcm:
        return from_int16(np.concatenate([self._native.decode(part) for part in parts]))


def new_native(rate: Rate) -> "pycodec2.Codec2":
    """libcodec2's state for `rate`. Raises BackendUnavailable."""
    try:
        import pycodec2
    except ImportError as fault:
        remedy = "pip install 'sotto-call[media]'"
        raise BackendUnavailable("the package pycodec2 is missing", remedy) from fault
    return pycodec2.Codec2(rate.native_mode)


def pack(parts: list[bytes], bits: int) -> bytes:
    """The first `bits` bits of each part, one after the other; they fill their last byte."""
    whole = 0
    for part in parts:
        whole = whole << bits | int.from_bytes(part) >> 8 * len(part) - bits
    return whole.to_bytes(bits * len(parts) // 8)


def unpack(payload: bytes, bits: int) -> list[bytes]:
    """What `pack` was given, each part filled up with zero bits to whole bytes."""
    count, size = 8 * len(payload) // bits, -(-bits // 8)
    whole = int.from_bytes(payload)
    shifts = [bits * (count - 1 - index) for index in range(count)]
    mask = (1 << bits) - 1
    return [((whole >> shift & mask) << 8 * size - bits).to_bytes(size) for shift in shifts]
