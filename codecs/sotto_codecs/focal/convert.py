"""What one says, in the voice of another: k nearest neighbours in the codec's features.

As FocalCodec does it (arXiv 2509.16195; the search is kNN-VC's, arXiv 2305.18975): what is said
goes through the bits to the decompressor's frames, each of them becomes the mean of the nearest
that the encoder heard of the other's voice, and the vocoder speaks that. Words and rhythm stay.
"""

import numpy as np
import numpy.typing as npt

Features = npt.NDArray[np.float32]  # (frames, width)

NEIGHBOURS = 4
LEAST_S, MOST_S = 3.0, 300.0  # of a voice: with less too few sounds are in it, more adds little


def matched(said: Features, voice: Features) -> Features:
    """Each frame of `said` as the mean of the NEIGHBOURS of `voice` that point most its way.

    Raises ValueError where `voice` has fewer frames, or frames of another width.
    """
    if len(voice) < NEIGHBOURS or voice.shape[1:] != said.shape[1:]:
        raise ValueError(f"a voice of shape {voice.shape} for frames of shape {said.shape}")
    likeness = _directions(said) @ _directions(voice).T
    nearest = np.argpartition(likeness, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:]
    mean: Features = voice[nearest].mean(axis=1)
    return mean


def _directions(features: Features) -> Features:
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    directions: Features = features / np.maximum(lengths, np.finfo(np.float32).tiny)
    return directions
