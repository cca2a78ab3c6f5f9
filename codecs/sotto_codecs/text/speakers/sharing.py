"""Words' times where an engine gives none: each takes its share of what can be heard."""

from collections.abc import Sequence

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.text.speaking import RATE_HZ

WINDOW = RATE_HZ // 100
QUIET = 0.02  # of the loudest window, as an amplitude


def shared(pcm: Pcm, weights: Sequence[float]) -> list[tuple[float, float]]:
    """Start and end of each word by its weight, in seconds; silence has no share.

    A pause of a comma lies inside or between words as the weights have it.
    """
    level = np.abs(pcm[: len(pcm) // WINDOW * WINDOW].reshape(-1, WINDOW)).max(axis=1, initial=0.0)
    heard = np.flatnonzero(level > QUIET * level.max(initial=0.0))
    if not len(heard) or not sum(weights):
        return [(0.0, 0.0)] * len(weights)
    edges = np.concatenate([[0.0], np.cumsum(weights)]) / sum(weights) * len(heard)
    starts = heard[np.minimum(edges[:-1].astype(int), len(heard) - 1)]
    ends = heard[np.maximum(np.ceil(edges[1:]).astype(int) - 1, 0)] + 1
    seconds = WINDOW / RATE_HZ
    return [
        (start * seconds, max(start, end) * seconds)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
