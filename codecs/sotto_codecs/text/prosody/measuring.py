"""What a talker does with a phrase: the melody, the loudness and the times of the words.

Melody and loudness are relative to what the talker usually does, which is learnt over the call
and never sent: the far end lays them over the pitch and the loudness of the voice that speaks.
"""

from dataclasses import dataclass, replace

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.text.phrase import Phrase, Word
from sotto_codecs.text.prosody.curves import STEP_S, Curve, Values
from sotto_codecs.text.prosody.f0 import RATE_HZ, track

MEMORY_S = 20.0  # of voice: so much the running means remember
AUDIBLE_DB = 30.0  # below the loudest
WILD_ST = 11.0  # an octave error, not melody
LONGEST_S = 60.0  # what comes later in a phrase has no melody

_WINDOW = RATE_HZ // 40


@dataclass(frozen=True, eq=False, slots=True)
class Prosody:
    """Curves have one value per STEP_S from the start of the phrase."""

    words: tuple[Word, ...]
    pitch: Curve  # semitones about the talker's mean
    level: Curve  # dB about the talker's mean


@dataclass(frozen=True, slots=True)
class Talker:
    """What is usual for a talker, over `voiced_s` seconds of voice."""

    pitch_st: float = 0.0  # semitones above 1 Hz
    level_db: float = 0.0
    voiced_s: float = 0.0


def measure(pcm: Pcm, phrase: Phrase, talker: Talker) -> tuple[Prosody, Talker]:
    """`pcm` is the phrase's sound, from its start. Bad times of words are put in order."""
    words = ordered(phrase.words)
    spoken_s = min(max((word.end_s for word in words), default=0.0), LONGEST_S)
    pcm = np.nan_to_num(pcm[: int(spoken_s * RATE_HZ)])
    loud = levels(pcm)
    audible = (loud > loud.max() - AUDIBLE_DB) & (loud > -80)
    hertz = track(pcm, STEP_S)[: len(loud)]
    pitch = _melody(np.where(audible, hertz, 0.0))
    level = Curve(loud, np.where(audible, 1.0, 0.0))
    known = _learnt(talker, pitch, level)
    about = (_about(pitch, known.pitch_st), _about(level, known.level_db))
    return Prosody(words, *about), known


def levels(pcm: Pcm) -> Values:
    """dB of full scale of 25 ms around each step."""
    energy = np.concatenate([[0.0], np.cumsum(pcm.astype(np.float64) ** 2)])
    middles = np.arange(int(len(pcm) / RATE_HZ / STEP_S) + 1) * int(RATE_HZ * STEP_S)
    first, last = (np.clip(middles + half, 0, len(pcm)) for half in (-_WINDOW // 2, _WINDOW // 2))
    return np.asarray(10 * np.log10((energy[last] - energy[first]) / _WINDOW + 1e-12))


def ordered(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """No word starts before the one before it has ended, none ends before it starts."""
    placed, now_s = list[Word](), 0.0
    for word in words:
        start_s = max(now_s, word.start_s) if np.isfinite(word.start_s) else now_s
        now_s = max(start_s, word.end_s) if np.isfinite(word.end_s) else start_s
        placed.append(replace(word, start_s=start_s, end_s=now_s))
    return tuple(placed)


def _melody(hertz: Values) -> Curve:
    """Semitones above 1 Hz, without octave errors."""
    voiced = hertz > 0
    semitones = 12 * np.log2(np.where(voiced, hertz, 1.0))
    usual = np.median(semitones[voiced]) if voiced.any() else 0.0
    return Curve(semitones, np.where(voiced & (abs(semitones - usual) < WILD_ST), 1.0, 0.0))


def _learnt(talker: Talker, pitch: Curve, level: Curve) -> Talker:
    fresh_s = float(pitch.weights.sum()) * STEP_S
    if fresh_s == 0:
        return talker
    share = fresh_s / (fresh_s + min(talker.voiced_s, MEMORY_S))
    pitch_st = float(np.average(pitch.values, weights=pitch.weights))
    level_db = float(np.average(level.values, weights=level.weights))
    return Talker(
        talker.pitch_st + share * (pitch_st - talker.pitch_st),
        talker.level_db + share * (level_db - talker.level_db),
        talker.voiced_s + fresh_s,
    )


def _about(curve: Curve, mean: float) -> Curve:
    return Curve(np.where(curve.weights > 0, curve.values - mean, 0.0), curve.weights)
