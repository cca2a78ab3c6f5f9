"""The system's libopus through ctypes: one encoder, one decoder, and what a packet says of itself.

The library is found on first use, not at import. Codec state lies in memory that Python owns, so it
goes when its object goes; libopus promises that a shallow copy of it is a whole copy, which makes
`OpusDecoder.fork` exact. ctypes lets other threads run during a call; one object is for one thread
at a time. PCM is float32, (samples,) for mono and (samples, channels) otherwise.
"""

import ctypes
from ctypes import POINTER, c_char_p, c_float, c_int, c_int32, c_void_p
from ctypes.util import find_library
from enum import IntEnum
from functools import cache
from typing import Any, Self, TypeVar

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable, BadAudio, BadFrame, BadSettings

MAX_PACKET_MS = 120  # RFC 6716 section 2.1.4
MAX_PACKET_BYTES = 6 * 1276  # six 20 ms frames of at most 1275 bytes, and their lengths
_INVALID_PACKET = -4
Library = TypeVar("Library", bound=ctypes.CDLL)
_NAMES = ("libopus.so.0", "libopus.dylib", "libopus.0.dylib", "opus.dll")


class Application(IntEnum):
    """What the encoder is for (opus_defines.h)."""

    VOIP = 2048
    AUDIO = 2049
    RESTRICTED_LOWDELAY = 2051


class Signal(IntEnum):
    """What the input is; a value for `Ctl.SIGNAL`."""

    AUTO = -1000
    VOICE = 3001
    MUSIC = 3002


class Bandwidth(IntEnum):
    """Audio bandwidth of a packet; a value for `Ctl.BANDWIDTH` and `Ctl.MAX_BANDWIDTH`."""

    NARROW = 1101  # 4 kHz
    MEDIUM = 1102  # 6 kHz
    WIDE = 1103  # 8 kHz
    SUPER_WIDE = 1104  # 12 kHz
    FULL = 1105  # 20 kHz


class Ctl(IntEnum):
    """Encoder settings by their OPUS_SET_ request; OPUS_GET_ is always the next number."""

    BITRATE = 4002
    MAX_BANDWIDTH = 4004
    VBR = 4006
    BANDWIDTH = 4008
    COMPLEXITY = 4010
    INBAND_FEC = 4012
    PACKET_LOSS_PERC = 4014
    DTX = 4016
    VBR_CONSTRAINT = 4020
    FORCE_CHANNELS = 4022
    SIGNAL = 4024
    LOOKAHEAD = 4026  # can only be read


_RESET_STATE = 4028
_GET_LAST_PACKET_DURATION = 4039


@cache
def library() -> ctypes.CDLL:
    """libopus, loaded once. Raises BackendUnavailable."""
    for name in (find_library("opus"), *_NAMES):
        if name:
            try:
                return _declared(ctypes.CDLL(name))
            except OSError:
                continue
    raise BackendUnavailable("the system library libopus is missing", "apt-get install libopus0")


@cache
def _at_once() -> ctypes.PyDLL:
    """The same library, for calls so short that it does not pay to let other threads run."""
    return _declared(ctypes.PyDLL(library()._name))


def packet_samples(payload: bytes, rate_hz: int) -> int:
    """Samples per channel at `rate_hz` that `payload` stands for. Raises BadFrame."""
    samples = _check(_at_once().opus_packet_get_nb_samples(payload, len(payload), rate_hz))
    if samples == 0:
        raise BadFrame("not an Opus packet: it has no frames")
    return samples


def packet_bandwidth(payload: bytes) -> Bandwidth:
    """Audio bandwidth of a packet, from its first byte. Raises BadFrame."""
    if not payload:
        raise BadFrame("an empty payload is no Opus packet")
    return Bandwidth(_check(library().opus_packet_get_bandwidth(payload)))


class OpusEncoder:
    """PCM in, packets out. `set` and `get` reach every encoder setting."""

    def __init__(
        self, sample_rate_hz: int, channels: int, application: Application = Application.VOIP
    ) -> None:
        """Raises BackendUnavailable; BadSettings for a rate or channel count that Opus lacks."""
        self.channels = channels
        self._lib = library()
        self._state = _new_state(self._lib.opus_encoder_get_size, channels)
        code = self._lib.opus_encoder_init(self._state, sample_rate_hz, channels, application)
        _check_setting(code, f"{sample_rate_hz} Hz, {channels} channels")

    def set(self, ctl: Ctl, value: int) -> None:
        """Change a setting, at once. Raises BadSettings."""
        code = self._lib.opus_encoder_ctl(self._state, c_int(ctl), c_int32(value))
        _check_setting(code, f"{ctl.name} = {value}")

    def get(self, ctl: Ctl) -> int:
        """The present value of a setting."""
        value = c_int32()
        _check(self._lib.opus_encoder_ctl(self._state, c_int(ctl + 1), ctypes.byref(value)))
        return value.value

    def reset(self) -> None:
        """Forget the sound so far, keep the settings."""
        _check(self._lib.opus_encoder_ctl(self._state, c_int(_RESET_STATE)))

    def encode(self, pcm: Pcm, max_bytes: int = MAX_PACKET_BYTES) -> bytes:
        """One packet of 2.5, 5, 10, 20, 40, 60, 80, 100 or 120 ms. Raises BadAudio.

        With DTX, 1 or 2 bytes mean that nothing needs to be sent (opus_encode in opus.h).
        """
        if pcm.dtype != np.float32 or not pcm.flags.c_contiguous:
            raise BadAudio("Opus takes contiguous float32 samples")
        if pcm.size != len(pcm) * self.channels:
            raise BadAudio(f"Opus was set up for {self.channels} channels, not shape {pcm.shape}")
        packet = ctypes.create_string_buffer(max_bytes)
        size = self._lib.opus_encode_float(
            self._state, pcm.ctypes.data_as(POINTER(c_float)), len(pcm), packet, max_bytes
        )
        if size < 0:
            raise BadAudio(f"Opus does not encode {len(pcm)} samples at once: {_words(size)}")
        return packet.raw[:size]


class OpusDecoder:
    """Packets in, PCM out, at any of Opus' rates; a mono decoder mixes stereo packets down."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        """Raises BackendUnavailable; BadSettings for a rate or channel count that Opus lacks."""
        self.sample_rate_hz = sample_rate_hz
        self.channels = channels
        self._lib = library()
        self._state = _new_state(self._lib.opus_decoder_get_size, channels)
        code = self._lib.opus_decoder_init(self._state, sample_rate_hz, channels)
        _check_setting(code, f"{sample_rate_hz} Hz, {channels} channels")

    def decode(
        self, payload: bytes | None, frame_samples: int | None = None, *, fec: bool = False
    ) -> Pcm:
        """Sound of a packet; of a lost one if `payload` is None or empty. Raises BadFrame.

        `frame_samples` is the length of a lost packet, by default that of the one before it. With
        `fec`, `payload` is the packet *after* the lost one, and what it repeats of it is used.
        """
        lost = fec or not payload
        room = (frame_samples or self._last_samples()) if lost else self._most_samples()
        pcm = np.empty((room, self.channels), np.float32)
        samples = _check(
            self._lib.opus_decode_float(
                self._state,
                payload or None,
                len(payload or b""),
                pcm.ctypes.data_as(POINTER(c_float)),
                room,
                int(fec),
            )
        )
        pcm = np.clip(pcm[:samples], -1.0, 1.0)
        return pcm[:, 0] if self.channels == 1 else pcm

    def fork(self) -> Self:
        """A decoder that goes on from here on its own."""
        copy = type(self)(self.sample_rate_hz, self.channels)
        ctypes.memmove(copy._state, self._state, len(self._state))
        return copy

    def _most_samples(self) -> int:
        return self.sample_rate_hz * MAX_PACKET_MS // 1000

    def _last_samples(self) -> int:
        value = c_int32()
        ctl = c_int(_GET_LAST_PACKET_DURATION)
        _check(self._lib.opus_decoder_ctl(self._state, ctl, ctypes.byref(value)))
        return value.value or self.sample_rate_hz // 50  # nothing came yet: the usual 20 ms


def _declared(lib: Library) -> Library:
    """Types of the functions that are used; of the variadic ones, only the fixed arguments."""
    samples = POINTER(c_float)
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "opus_strerror": (c_char_p, [c_int]),
        "opus_packet_get_nb_samples": (c_int, [c_char_p, c_int32, c_int32]),
        "opus_packet_get_bandwidth": (c_int, [c_char_p]),
        "opus_encoder_get_size": (c_int, [c_int]),
        "opus_encoder_init": (c_int, [c_void_p, c_int32, c_int, c_int]),
        "opus_encoder_ctl": (c_int, [c_void_p, c_int]),
        "opus_encode_float": (c_int32, [c_void_p, samples, c_int, c_char_p, c_int32]),
        "opus_decoder_get_size": (c_int, [c_int]),
        "opus_decoder_init": (c_int, [c_void_p, c_int32, c_int]),
        "opus_decoder_ctl": (c_int, [c_void_p, c_int]),
        "opus_decode_float": (c_int, [c_void_p, c_char_p, c_int32, samples, c_int, c_int]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


def _new_state(get_size: Any, channels: int) -> ctypes.Array[ctypes.c_char]:
    size = get_size(channels)
    if size <= 0:
        raise BadSettings(f"Opus has 1 or 2 channels, not {channels}")
    return ctypes.create_string_buffer(size)


def _check(code: int) -> int:
    if code == _INVALID_PACKET:
        raise BadFrame(f"not an Opus packet: {_words(code)}")
    if code < 0:
        raise BadFrame(f"libopus: {_words(code)}")
    return code


def _check_setting(code: int, setting: str) -> None:
    if code < 0:
        raise BadSettings(f"Opus cannot do {setting}: {_words(code)}")


def _words(code: int) -> str:
    return str(library().opus_strerror(code).decode())
