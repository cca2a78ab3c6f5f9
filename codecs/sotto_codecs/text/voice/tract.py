"""How long a vocal tract is, from where the formants lie in the mean of voiced sound.

Long tracts have low formants: all frequencies scale with its length. The mean envelope is laid
over that of a reference voice, stretched so and so; slow differences (the microphone, effort) are
not looked at. That says little after a few seconds, so what pitch makes likely has a say too:
among adults, formants rise by about the fourth root of pitch.
"""

import numpy as np

from sotto_codecs.text.voice.bands import Values, bins_hz, mel, over_bins, stretched

REFERENCE_CM = 16.0
REFERENCE_ST = 82.61  # their mean
# the mean of flite's four voices, in dB: `python -m training.text.voices`
REFERENCE_DB = (
    27.0,
    28.8,
    26.5,
    21.8,
    19.1,
    13.5,
    5.4,
    0.1,
    -0.9,
    -2.2,
    -4.0,
    -6.2,
    -7.4,
    -5.5,
    -3.1,
    -3.8,
    -4.5,
    -6.8,
    -10.1,
    -15.2,
    -17.8,
    -18.0,
    -16.9,
    -19.8,
)
RATIOS = np.geomspace(0.8, 1.25, 46)
PITCH_POWER = 0.25
DOUBT = 0.06  # of what pitch makes likely, in the logarithm of the ratio
ERROR_DB = 3.0
USED_HZ = (200.0, 5000.0)


def length_cm(voiced_db: Values, pitch_st: float) -> float:
    """Of a mean envelope in BANDS bands, at any level, and its pitch."""
    likely = PITCH_POWER * np.log(2) * (pitch_st - REFERENCE_ST) / 12
    reference, envelope = over_bins(np.array(REFERENCE_DB)), over_bins(voiced_db)
    used = (bins_hz() > USED_HZ[0]) & (bins_hz() < USED_HZ[1])
    places = mel(bins_hz()[used])
    slow = np.polynomial.legendre.legvander(2 * (places - places[0]) / np.ptp(places) - 1, 2)

    def cost(ratio: float) -> float:
        left = (envelope - stretched(reference, ratio))[used]
        left = left - slow @ np.linalg.lstsq(slow, left)[0]
        doubt = (np.log(ratio) - likely) / DOUBT
        return float(np.mean(left**2) / ERROR_DB**2 + doubt**2)

    ratios: list[float] = RATIOS.tolist()
    return REFERENCE_CM / min(ratios, key=cost)
