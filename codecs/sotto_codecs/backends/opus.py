"""Opus (RFC 6716) at speech rates: 48 kHz mono, silence left out, loss repaired in band."""

from typing import Self

from sotto_codecs.backends.libopus import (
    MAX_PACKET_BYTES,
    Ctl,
    OpusDecoder,
    OpusEncoder,
    Signal,
    packet_samples,
)
from sotto_codecs.base import CodecSpec, Frame, Pcm
from sotto_codecs.errors import BadFrame, BadSettings
from sotto_codecs.pcm import checked

RATE_HZ = 48_000
BITRATES_BPS = range(6_000, 510_001)
FRAMES_MS = (10, 20, 40, 60, 80, 100, 120)
EXPECTED_LOSS_PERCENT = 10  # what forward error correction is sized for
_TOC_ONLY_BYTES = 2  # a packet of at most this many bytes says that silence goes on


class Opus:
    """The codec; `encoder()` and `decoder()` are the streams."""

    def __init__(
        self, bitrate_bps: int = 24_000, frame_ms: int = 20, *, dtx: bool = True, fec: bool = True
    ) -> None:
        """Raises BadSettings, BackendUnavailable.

        `dtx` sends nothing in silence; `fec` lets a packet repeat the one before it, coarsely, if
        libopus finds the bits for it (1.3.1: from 18 kbit/s on, and at less audio bandwidth).
        """
        _require_int("bitrate_bps", bitrate_bps)
        if bitrate_bps not in BITRATES_BPS:
            limits = f"{BITRATES_BPS[0]} to {BITRATES_BPS[-1]}"
            raise BadSettings(f"opus: bitrate_bps is {limits}, not {bitrate_bps}")
        _require_int("frame_ms", frame_ms)
        if frame_ms not in FRAMES_MS:
            one_of = ", ".join(map(str, FRAMES_MS))
            raise BadSettings(f"opus: frame_ms is one of {one_of}, not {frame_ms}")
        _require_bool("dtx", dtx)
        _require_bool("fec", fec)
        self._bitrate_bps, self._dtx, self._fec = bitrate_bps, dtx, fec
        self._frame_samples = RATE_HZ * frame_ms // 1000
        self._spec = CodecSpec(
            name="opus",
            version=1,
            sample_rate_hz=RATE_HZ,
            channels=1,
            frame_samples=self._frame_samples,
            payload_bps=bitrate_bps,
            delay_samples=self._new_native_encoder().get(Ctl.LOOKAHEAD),
            frame_bytes=None,
            forkable=True,
        )

    @property
    def spec(self) -> CodecSpec:
        return self._spec

    def encoder(self) -> "Encoder":
        return Encoder(self._spec, self._new_native_encoder())

    def decoder(self) -> "Decoder":
        return Decoder(self._spec, OpusDecoder(RATE_HZ, 1))

    def _new_native_encoder(self) -> OpusEncoder:
        native = OpusEncoder(RATE_HZ, 1)
        native.set(Ctl.BITRATE, self._bitrate_bps)
        native.set(Ctl.SIGNAL, Signal.VOICE)
        native.set(Ctl.DTX, self._dtx)
        native.set(Ctl.INBAND_FEC, self._fec)
        native.set(Ctl.PACKET_LOSS_PERC, EXPECTED_LOSS_PERCENT * self._fec)
        return native


class Encoder:
    """One talker's stream."""

    def __init__(self, spec: CodecSpec, native: OpusEncoder) -> None:
        self._spec = spec
        self._native = native
        self._budget = Budget(round(spec.payload_bps), spec.frame_s)
        self._start_sample = 0

    def encode(self, pcm: Pcm) -> list[Frame]:
        self._native.set(Ctl.BITRATE, self._budget.bitrate_bps)
        payload = self._native.encode(checked(pcm, self._spec), self._budget.most_bytes)
        if len(payload) <= _TOC_ONLY_BYTES:
            payload = b""
        self._budget.spend(len(payload))
        frame = Frame(payload, self._start_sample, self._spec.frame_samples)
        self._start_sample += self._spec.frame_samples
        return [frame]

    def flush(self) -> list[Frame]:
        self._native.reset()
        return []


class Budget:
    """Holds an encoder to its bit rate over any minute.

    libopus keeps its rate only roughly (1.3.1 spends 10 % too much at 16 kbit/s with FEC). Here it
    saves up to one second of bits to spend on hard places; as savings run out it is asked for less.
    """

    _SOFTNESS = 0.15  # how much less is asked for when nothing is saved

    def __init__(self, bitrate_bps: int, frame_s: float) -> None:
        self._most_bits = bitrate_bps
        self._income_bits = bitrate_bps * frame_s * 59 / 60  # 59 s of income + 1 s of savings
        self._saved_bits = float(bitrate_bps)

    @property
    def bitrate_bps(self) -> int:
        """What to ask of libopus for the next frame."""
        saved = max(0.0, self._saved_bits / self._most_bits)
        return round(self._most_bits * (1 - self._SOFTNESS * (1 - saved)))

    @property
    def most_bytes(self) -> int:
        """What the next frame may take at most."""
        return min(MAX_PACKET_BYTES, int((self._saved_bits + self._income_bits) / 8))

    def spend(self, payload_bytes: int) -> None:
        saved = self._saved_bits + self._income_bits - 8 * payload_bytes
        self._saved_bits = min(float(self._most_bits), saved)


class Decoder:
    """One talker's stream at one listener."""

    def __init__(self, spec: CodecSpec, native: OpusDecoder) -> None:
        self._spec = spec
        self._native = native

    def decode(self, frame: Frame | None) -> Pcm:
        if frame is None or not frame.payload:
            return self._native.decode(None, self._spec.frame_samples)
        samples = packet_samples(frame.payload, RATE_HZ)
        if samples != self._spec.frame_samples:
            raise BadFrame(f"opus: {samples} samples in a frame of {self._spec.frame_samples}")
        return self._native.decode(frame.payload)

    def recover(self, following: Frame) -> Pcm:
        if not following.payload:
            return self.decode(None)
        return self._native.decode(following.payload, self._spec.frame_samples, fec=True)

    def fork(self) -> Self:
        return type(self)(self._spec, self._native.fork())


def _require_int(name: str, value: object) -> None:
    if type(value) is not int:
        raise BadSettings(f"opus: {name} is a whole number, not {value!r}")


def _require_bool(name: str, value: object) -> None:
    if type(value) is not bool:
        raise BadSettings(f"opus: {name} is true or false, not {value!r}")
