"""A codec at work on a stretch of sound, and whether two sounds are the same."""

from collections.abc import Iterable

import numpy as np

from sotto_codecs.base import Codec, Encoder, Frame, Pcm
from tests.hearing import distance_db
from tests.speech import Speech

SAME_DB = 2.0  # codecs that are not exact stay below 1.1; a frame of other speech makes 3 to 10
WINDOW_S = 0.2


def talk(codec: Codec, speech: Speech, seconds: float, start_s: float = 0.0) -> Pcm:
    """Whole frames of speech at the codec's rate, over and over if it is too short."""
    spec = codec.spec
    pcm = speech.at(spec.sample_rate_hz)
    count = round(seconds / spec.frame_s) * spec.frame_samples
    return np.resize(np.roll(pcm, -round(start_s * spec.sample_rate_hz)), count)


def pieces(codec: Codec, pcm: Pcm) -> list[Pcm]:
    """`pcm` cut into what `encode` takes."""
    return [
        pcm[i : i + codec.spec.frame_samples] for i in range(0, len(pcm), codec.spec.frame_samples)
    ]


def encoded(codec: Codec, pcm: Pcm, encoder: Encoder | None = None) -> list[Frame]:
    encoder = encoder or codec.encoder()
    return [frame for piece in pieces(codec, pcm) for frame in encoder.encode(piece)]


def decoded(codec: Codec, frames: Iterable[Frame | None]) -> Pcm:
    decoder = codec.decoder()
    return np.concatenate([decoder.decode(frame) for frame in frames])


def assert_same_sound(codec: Codec, one: Pcm, other: Pcm) -> None:
    """Sample for sample; by their spectrum in every 0.2 s where the codec is not exact."""
    if codec.spec.exact:
        np.testing.assert_array_equal(one, other)
        return
    assert len(one) == len(other)
    rate_hz = codec.spec.sample_rate_hz
    step = round(WINDOW_S * rate_hz)
    windows = [slice(i, i + step) for i in range(0, len(one), step)]
    assert max(distance_db(one[each], other[each], rate_hz) for each in windows) < SAME_DB


def level_db(pcm: Pcm) -> float:
    """RMS level; 0 dB is full scale."""
    return float(10 * np.log10(np.mean(np.square(pcm, dtype=np.float64)) + 1e-12))
