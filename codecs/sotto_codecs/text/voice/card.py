"""The voice card: what a voice is like, in SIZE bytes that are sent once.

    byte    0      version, 1
            1      base voice, the place of its name in BASES; 255 is none
            2      pitch, 0.25 semitones above 40 Hz
            3      range of pitch, 0.1 semitones
            4      length of the vocal tract, 0.05 cm above 10 cm
            5      breathiness, -0.5 dB
            6-29   envelope of voiced sound in BANDS bands: signed, 0.5 dB about their mean
           30-41   how much each of them varies: two in a byte, 1 dB above 4 dB, low half first

All bytes mean something, so that only size and version can be wrong.
"""

import struct
from dataclasses import dataclass

from sotto_codecs.errors import BadFrame

VERSION = 1
SIZE = 42
BANDS = 24
BASES = ("rms", "slt", "awb", "kal16")  # flite's; the order is part of the format

_LAYOUT = struct.Struct(f"<6B{BANDS}b{BANDS // 2}B")
_NO_BASE = 255
_LOWEST_ST = 63.86  # 40 Hz, in semitones above 1 Hz


@dataclass(frozen=True, slots=True)
class VoiceCard:
    """Equal on both ends: a card is only ever made by `decode`, or rounded through it."""

    base: str  # of BASES; "" leaves it to the listener
    pitch_st: float  # the median, in semitones above 1 Hz
    range_st: float  # half of what the middle 68 % of the pitch span
    tract_cm: float
    breath_db: float  # the share of noise in voiced sound
    voiced_db: tuple[float, ...]  # BANDS, about their mean
    spread_db: tuple[float, ...]  # BANDS standard deviations

    @property
    def pitch_hz(self) -> float:
        return float(2 ** (self.pitch_st / 12))


def encode(card: VoiceCard) -> bytes:
    """SIZE bytes; values out of range take the nearest that can be said."""
    spreads = [_held(it - 4, 0, 15) for it in card.spread_db]
    return _LAYOUT.pack(
        VERSION,
        BASES.index(card.base) if card.base in BASES else _NO_BASE,
        _held((card.pitch_st - _LOWEST_ST) / 0.25, 0, 255),
        _held(card.range_st / 0.1, 0, 255),
        _held((card.tract_cm - 10) / 0.05, 0, 255),
        _held(card.breath_db / -0.5, 0, 255),
        *(_held(it / 0.5, -128, 127) for it in card.voiced_db),
        *(low | high << 4 for low, high in zip(spreads[::2], spreads[1::2], strict=True)),
    )


def decode(payload: bytes) -> VoiceCard:
    """Raises BadFrame."""
    if len(payload) != SIZE or payload[0] != VERSION:
        raise BadFrame(f"no voice card of version {VERSION}: {payload[:1].hex()}, {len(payload)} B")
    _, base, pitch, span, tract, breath, *bands = _LAYOUT.unpack(payload)
    return VoiceCard(
        base=BASES[base] if base < len(BASES) else "",
        pitch_st=_LOWEST_ST + 0.25 * pitch,
        range_st=0.1 * span,
        tract_cm=10 + 0.05 * tract,
        breath_db=-0.5 * breath,
        voiced_db=tuple(0.5 * it for it in bands[:BANDS]),
        spread_db=tuple(4.0 + (it >> shift & 15) for it in bands[BANDS:] for shift in (0, 4)),
    )


def _held(value: float, lowest: int, highest: int) -> int:
    return min(max(round(value), lowest), highest)
