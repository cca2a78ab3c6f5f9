"""A voice, measured phrase by phrase while its owner talks."""

from dataclasses import dataclass, field

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.text.prosody import world
from sotto_codecs.text.prosody.f0 import SHORTEST
from sotto_codecs.text.voice.bands import Values, bins_hz, in_bands_db
from sotto_codecs.text.voice.card import BANDS, BASES, VoiceCard, decode, encode
from sotto_codecs.text.voice.tract import length_cm

LEAST_S = 2.0  # of voice, before there is a card: about 5 s of speech
ENOUGH_S = 60.0  # of voice; what comes later is not looked at
AUDIBLE_DB = 35.0  # below the loudest frame of the phrase
BREATH_HZ = 4000.0  # above, every voice is noisy


@dataclass(eq=False, slots=True)
class _Sums:
    """Over frames."""

    frames: int = 0
    bands_db: Values = field(default_factory=lambda: np.zeros(BANDS))
    squares: Values = field(default_factory=lambda: np.zeros(BANDS))

    def add(self, bands_db: Values) -> None:
        self.frames += len(bands_db)
        self.bands_db += bands_db.sum(axis=0)
        self.squares += (bands_db**2).sum(axis=0)

    @property
    def mean(self) -> Values:
        return self.bands_db / max(self.frames, 1)

    @property
    def deviation(self) -> Values:
        return np.sqrt(np.maximum(self.squares / max(self.frames, 1) - self.mean**2, 0.0))


class VoiceMeter:
    """One per talker; a new one where the talker changes."""

    def __init__(self) -> None:
        self._voiced = _Sums()
        self._pitch_st: list[Values] = []
        self._breath_db = 0.0  # summed over voiced frames

    @property
    def voiced_s(self) -> float:
        return self._voiced.frames * world.STEP_S

    def add(self, pcm: Pcm) -> None:
        """A phrase at 16 kHz: takes a twentieth of its time. Raises BackendUnavailable."""
        pcm = np.nan_to_num(pcm)
        if self.voiced_s >= ENOUGH_S or len(pcm) < SHORTEST or not pcm.any():
            return
        spoken = world.analysed(pcm)
        power = spoken.envelope.sum(axis=1)
        audible = power > power.max() * 10 ** (-AUDIBLE_DB / 10)
        voiced = audible & (spoken.hertz > 0)
        self._voiced.add(in_bands_db(spoken.envelope[voiced]))
        self._pitch_st.append(12 * np.log2(spoken.hertz[voiced]))
        noise = spoken.noise[voiced][:, bins_hz() < BREATH_HZ]
        self._breath_db += float((20 * np.log10(np.maximum(noise, 1e-6))).mean(axis=1).sum())

    def card(self) -> VoiceCard | None:
        """As the far end will have it; None before there is enough to tell."""
        if self.voiced_s < LEAST_S:
            return None
        pitch_st = np.concatenate(self._pitch_st)
        low, median, high = np.percentile(pitch_st, (16, 50, 84))
        voiced_db = self._voiced.mean
        measured = VoiceCard(
            base=BASES[0],  # see bases.py
            pitch_st=float(median),
            range_st=float(high - low) / 2,
            tract_cm=length_cm(voiced_db, float(median)),
            breath_db=self._breath_db / self._voiced.frames,
            voiced_db=tuple((voiced_db - voiced_db.mean()).tolist()),
            spread_db=tuple(self._voiced.deviation.tolist()),
        )
        return decode(encode(measured))
