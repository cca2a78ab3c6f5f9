"""What happens on the way: noise at the microphone, packets that do not arrive.

Loss is weather: it is good or bad in slots of time, and a packet that leaves in a bad one is lost.
So all systems meet the same weather, whatever the length of their packets.
"""

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sotto_app.link.channel import Channel
from sotto_app.link.profile import LinkProfile
from sotto_codecs.base import Pcm

SLOT_MS = 20
OUTAGE_MS = 200.0  # of bursty loss, on average: a fade, a handover
NOISE_SNR_DB = 10.0


@dataclass(frozen=True, slots=True)
class Way:
    """A condition, before it is known which sentences go through it."""

    name: str
    kind: str  # clean, noisy, loss: as in the registry of metrics
    words: str
    loss: float = 0.0
    outage_ms: float = 0.0


def _random(percent: int) -> Way:
    words = f"{percent} % of the packets lost, each by itself"
    return Way(f"loss-{percent}", "loss", words, percent / 100)


def _bursty(percent: int) -> Way:
    words = f"{percent} % of the packets lost, in outages of {OUTAGE_MS:.0f} ms on average"
    return Way(f"burst-{percent}", "loss", words, percent / 100, OUTAGE_MS)


WAYS = {
    way.name: way
    for way in (
        Way("clean", "clean", "speech without noise, no packet lost"),
        Way("noisy", "noisy", f"noise {NOISE_SNR_DB:.0f} dB below the speech, no packet lost"),
        *(_random(percent) for percent in (5, 10, 20)),
        *(_bursty(percent) for percent in (5, 10, 20)),
    )
}


class Weather:
    """One sentence's. The same seed and sentence make the same weather for every system."""

    def __init__(self, way: Way, seed: int, sentence: str) -> None:
        burst = max(1.0, way.outage_ms / SLOT_MS)
        profile = LinkProfile(way.name, "", "", loss=way.loss, burst=burst)
        self._channel = Channel(profile, 0, _seed(seed, way.name, sentence))
        self._bad: list[bool] = []

    def loses(self, leaves_s: float) -> bool:
        """Whether a packet that leaves at this time is lost."""
        slot = int(leaves_s * 1000 / SLOT_MS + 1e-6)
        while len(self._bad) <= slot:
            before = self._channel.dropped
            self._channel.send(b"", 0.0)
            self._bad.append(self._channel.dropped > before)
        return self._bad[slot]


def in_noise(speech: Pcm, backgrounds: Sequence[Pcm], seed: int, sentence: str) -> Pcm:
    """`speech` with a stretch of one of the backgrounds, NOISE_SNR_DB below it in RMS."""
    chance = random.Random(_seed(seed, "noise", sentence))
    background = chance.choice(backgrounds)
    start = chance.randrange(len(background))
    noise = np.resize(np.roll(background, -start), len(speech))
    speech_rms, noise_rms = (float(np.sqrt(np.mean(it**2))) for it in (speech, noise))
    gain = speech_rms / max(noise_rms, 1e-9) * 10 ** (-NOISE_SNR_DB / 20)
    return np.clip(speech + np.float32(gain) * noise, -1.0, 1.0)


def _seed(seed: int, *words: str) -> int:
    return zlib.crc32(f"{seed} {' '.join(words)}".encode())
