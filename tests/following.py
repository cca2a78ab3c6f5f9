"""How like what was heard is to what was said, where playout stretches time."""

import numpy as np
from pystoi import stoi

from benchmarks.metrics import delay
from sotto_codecs.base import Pcm

NEAR_HZ = 16_000
NEAR_S = 0.7


def likeness(said: Pcm, heard: Pcm) -> float:
    """STOI at 16 kHz, each second taken from where it was heard: playout stretches time in quiet
    places, by less than NEAR_S from one second to the next."""
    pieces, second, near = [], NEAR_HZ, round(NEAR_S * NEAR_HZ)
    late = delay.found(said, heard, len(heard) / NEAR_HZ).samples
    for start in range(0, len(said) - second + 1, second):
        piece = said[start : start + second]
        from_ = max(0, start + late - near)
        window = heard[from_ : from_ + second + 2 * near]
        late = from_ + delay.found(piece, window, 2 * NEAR_S).samples - start
        pieces.append(delay.aligned(piece, heard, start + late))
    return float(stoi(said[: second * len(pieces)], np.concatenate(pieces), NEAR_HZ))
