"""A synthesiser's speech brought nearer to the voice of a card: pitch, tract, envelope, breath.

On WORLD's parameters, so that prosody can be laid over the same analysis.

What it costs in words, by pocketsphinx over 26 sentences (likeness in brackets): flite's neutral
voice 14.6 % wrong (.531), through WORLD unchanged 15.7 % (.533), warped 17.6 % (.632).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sotto_codecs.base import Pcm
from sotto_codecs.text.prosody import world
from sotto_codecs.text.prosody.f0 import HIGHEST_HZ, LOWEST_HZ, SHORTEST
from sotto_codecs.text.voice.bands import (
    FLOOR,
    Values,
    at_middles,
    bins_hz,
    in_bands_db,
    over_bins,
    spreading,
    stretched,
)
from sotto_codecs.text.voice.card import VoiceCard

Mask = npt.NDArray[np.bool_]

RATIOS = (0.8, 1.25)  # of lengths of tracts
TRACT_SHARE = 0.5  # of the difference: the rest costs words and adds no likeness
SPREAD_SHARE = 0.5
RANGES = (0.5, 2.0)
SPREADS = (0.6, 1.6)
MOST_DB = 24.0  # that a band is raised or lowered
LOUDEST = 0.98
_SMOOTHING = np.full(5, 0.2)  # frames, from voiced to unvoiced


@dataclass(frozen=True, slots=True)
class Warp:
    """From the voice that a synthesiser has to the one that is wanted."""

    base: VoiceCard
    wanted: VoiceCard

    def __call__(self, spoken: world.Spoken) -> world.Spoken:
        """Of the same shape and mean power."""
        return warped(spoken, self.base, self.wanted)


def warp(pcm: Pcm, base: VoiceCard, wanted: VoiceCard) -> Pcm:
    """16 kHz; as long as it was. Too short a sound and silence come back as they are.

    Raises BackendUnavailable.
    """
    if len(pcm) < SHORTEST or not pcm.any():
        return pcm
    moved = world.synthesised(warped(world.analysed(np.nan_to_num(pcm)), base, wanted))
    loudest = float(np.abs(moved).max(initial=0.0))
    sound = np.zeros_like(pcm)
    sound[: len(moved)] = moved[: len(pcm)] * min(1.0, LOUDEST / max(loudest, LOUDEST))
    return sound


def warped(spoken: world.Spoken, base: VoiceCard, wanted: VoiceCard) -> world.Spoken:
    ratio = float(np.clip(base.tract_cm / wanted.tract_cm, *RATIOS)) ** TRACT_SHARE
    voiced: Mask = spoken.hertz > 0
    share = np.convolve(voiced.astype(np.float64), _SMOOTHING, "same")[:, None]  # of voice
    envelope_db = 10 * np.log10(np.maximum(_restretched(spoken.envelope, ratio), FLOOR))
    envelope_db += over_bins(_missing(base, wanted, ratio))
    envelope_db = envelope_db + share * _spread(envelope_db, voiced, base, wanted)
    envelope = 10 ** (envelope_db / 10)
    envelope *= spoken.envelope.sum() / envelope.sum()
    breath = 10 ** ((wanted.breath_db - base.breath_db) / 20)
    noise = np.where(voiced[:, None], np.clip(spoken.noise * breath, 1e-6, 1 - 1e-6), spoken.noise)
    return world.Spoken(_pitched(spoken.hertz, base, wanted), envelope, noise)


def _pitched(hertz: Values, base: VoiceCard, wanted: VoiceCard) -> Values:
    """About the wanted mean, as lively as it."""
    lively = float(np.clip(wanted.range_st / max(base.range_st, 0.1), *RANGES))
    about_st = 12 * np.log2(np.maximum(hertz, LOWEST_HZ)) - base.pitch_st
    moved = 2 ** ((wanted.pitch_st + lively * about_st) / 12)
    return np.where(hertz > 0, np.clip(moved, LOWEST_HZ, HIGHEST_HZ), 0.0)


def _restretched(envelope: Values, ratio: float) -> Values:
    """(frames, BINS), read at other frequencies between the bins."""
    places = bins_hz() / ratio / bins_hz()[1]
    below = np.minimum(places.astype(int), len(places) - 2)
    share = np.clip(places - below, 0, 1)
    return np.asarray(envelope[:, below] * (1 - share) + envelope[:, below + 1] * share)


def _missing(base: VoiceCard, wanted: VoiceCard, ratio: float) -> Values:
    """What the stretched base lacks, in bands."""
    own_db = at_middles(stretched(over_bins(np.array(base.voiced_db)), ratio))
    return np.clip(np.array(wanted.voiced_db) - own_db, -MOST_DB, MOST_DB)


def _spread(envelope_db: Values, voiced: Mask, base: VoiceCard, wanted: VoiceCard) -> Values:
    """Makes bands vary as much as the wanted voice's do."""
    bands_db = in_bands_db(10 ** (envelope_db / 10))
    factor = np.clip(np.array(wanted.spread_db) / np.array(base.spread_db), *SPREADS) - 1
    factor *= SPREAD_SHARE
    usual = bands_db[voiced].mean(axis=0) if voiced.any() else bands_db
    return np.asarray(((bands_db - usual) * factor) @ spreading())
