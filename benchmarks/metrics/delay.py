"""How much later a sound is heard than it was said, and whether it still has the same pace.

The envelopes of bands are compared in steps of 1 ms, not the waves: a vocoder keeps no wave. Where
the wave was kept, it refines what the envelopes found to the sample.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.metrics.base import RATE_HZ
from sotto_codecs.base import Pcm

_STEP = RATE_HZ // 1000
_WINDOW = 20 * _STEP
_EDGES_HZ = (100, 250, 400, 600, 850, 1150, 1500, 2000, 2600, 3400)  # what any codec carries
_FLOOR = 1e-4  # of the mean power: what is 40 dB below is silence
_REFINED = 2 * _STEP
_CLEAR = 0.5  # correlation from which on the wave was kept

# Chosen on nine voices: speech through Codec2 700C with a fifth of its frames lost wanders in at
# most 16 % of its pieces, speech spoken anew in at least 42 %; noise has no piece that is found.
_PIECE_MS = 1000
_FOUND = 0.2  # correlation from which on a piece was found at all
_NEAR_MS = 20
_WANDERS = 0.25

Levels = npt.NDArray[np.float64]  # (bands, ms)


@dataclass(frozen=True, slots=True)
class Shift:
    """`confidence` is the correlation of the envelopes: 1 where equal, below 0.1 for noise."""

    samples: int  # at RATE_HZ; how much later it was heard, negative where earlier
    confidence: float
    same_timing: bool  # False: spoken anew, with its own pace; no one shift describes it


def found(said: Pcm, heard: Pcm, most_s: float = 1.0) -> Shift:
    """Both at RATE_HZ, of any level and length; looks no further than `most_s` either way.

    Noise and silence have the same timing, since there is nothing to align, and no confidence. To
    be asked of sound that lost no packets: long outages look like another pace.
    """
    most = round(most_s * 1000)
    first, second = _levels(said), _levels(heard)
    likeness = _correlations(first, np.pad(second, ((0, 0), (most, most))), 2 * most + 1)
    scale = np.sqrt(np.sum(first**2) * np.sum(second**2))
    best = int(np.argmax(likeness))
    if likeness[best] <= 0 or not scale:
        return Shift(0, 0.0, same_timing=True)
    at_ms = best - most
    return Shift(
        samples=_refined(said, heard, at_ms * _STEP),
        confidence=float(likeness[best] / scale),
        same_timing=_wandering(first, second, at_ms, most) < _WANDERS,
    )


def aligned(said: Pcm, heard: Pcm, shift_samples: int) -> Pcm:
    """`heard` that much earlier, cut or filled with silence to the length of `said`."""
    early = np.pad(heard, (max(0, -shift_samples), 0))[max(0, shift_samples) :][: len(said)]
    return np.pad(early, (0, len(said) - len(early)))


def _levels(pcm: Pcm) -> Levels:
    """Logarithmic, each band around its mean, so that neither level nor colour counts."""
    padded = np.pad(pcm.astype(np.float32), _WINDOW // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_STEP]
    power = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW).astype(np.float32))) ** 2
    edges = np.searchsorted(np.fft.rfftfreq(_WINDOW, 1 / RATE_HZ), _EDGES_HZ)
    bands = [power[:, low:high].mean(axis=1) for low, high in zip(edges, edges[1:], strict=False)]
    whole = np.stack(bands).astype(np.float64)
    levels = np.log10(whole + _FLOOR * whole.mean() + np.finfo(np.float64).tiny)
    return np.asarray(levels - levels.mean(axis=1, keepdims=True))


def _correlations(first: Levels, second: Levels, lags: int) -> npt.NDArray[np.float64]:
    """Sums of products over bands and time with `second` from each of its first `lags` steps."""
    size = 1 << (first.shape[1] + second.shape[1]).bit_length()
    spectra = np.fft.rfft(first, size).conj() * np.fft.rfft(second, size)
    return np.asarray(np.fft.irfft(spectra.sum(axis=0), size)[:lags])


def _wandering(said: Levels, heard: Levels, at_ms: int, most: int) -> float:
    """The share of the pieces of 1 s that are found elsewhere than the whole.

    A piece counts as much as there is in it and as clearly as it is found.
    """
    behind = max(0, said.shape[1] - heard.shape[1]) + 2 * most
    around = np.pad(heard, ((0, 0), (2 * most, behind)))[:, most + at_ms :]
    weights = {True: 0.0, False: 0.0}
    for start in range(0, said.shape[1] - _PIECE_MS + 1, _PIECE_MS // 2):
        piece = said[:, start : start + _PIECE_MS]
        piece = piece - piece.mean(axis=1, keepdims=True)
        likeness = _normalised(piece, around[:, start : start + _PIECE_MS + 2 * most])
        best = int(np.argmax(likeness))
        if likeness[best] > _FOUND:
            weights[abs(best - most) > _NEAR_MS] += float(likeness[best] * np.sum(piece**2))
    return weights[True] / (sum(weights.values()) or 1.0)


def _normalised(piece: Levels, around: Levels) -> npt.NDArray[np.float64]:
    """Correlation coefficients of `piece` with every stretch of `around` of its length."""
    length, strength = piece.shape[1], float(np.sum(piece**2))
    total = np.concatenate([[0.0], np.cumsum(np.sum(around**2, axis=0))])
    strengths = np.maximum(total[length:] - total[:-length], 1e-3 * strength)
    scale = np.sqrt(strength * strengths) + np.finfo(np.float64).tiny
    return np.asarray(_correlations(piece, around, len(strengths)) / scale)


def _refined(said: Pcm, heard: Pcm, near: int) -> int:
    """Where the waves agree best, within 2 ms; `near` where they do not agree."""
    candidates = range(near - _REFINED, near + _REFINED + 1)
    scale = float(np.sqrt(np.dot(said, said) * np.dot(heard, heard)))
    products = [float(np.dot(said, aligned(said, heard, at))) for at in candidates]
    best = int(np.argmax(products))
    return candidates[best] if products[best] > _CLEAR * scale else near
