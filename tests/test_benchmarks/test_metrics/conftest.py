"""One sentence at the level of the judge, for every metric."""

import numpy as np
import pytest

from benchmarks.metrics.base import RATE_HZ
from sotto_codecs.base import Pcm
from tests.speech import Speech

LEVEL = 10 ** (-26 / 20)


@pytest.fixture(scope="session")
def sentence(speech: Speech) -> Pcm:
    """Five seconds of a woman's voice; nobody may write into it."""
    pcm = speech.at_16k[: 5 * RATE_HZ]
    levelled = np.asarray(pcm * (LEVEL / np.sqrt(np.mean(pcm**2))), np.float32)
    levelled.setflags(write=False)
    return levelled


@pytest.fixture(scope="session")
def noise(sentence: Pcm) -> Pcm:
    """White, as long and as loud as the sentence."""
    drawn = np.random.default_rng(5).standard_normal(len(sentence))
    return np.asarray(LEVEL * drawn, np.float32)
