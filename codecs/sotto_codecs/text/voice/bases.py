"""The cards of flite's voices, which its speech is warped from.

Made by `python -m training.text.voices`, over 20 sentences each.
"""

from functools import cache

from sotto_codecs.text.voice.card import BASES, VoiceCard, decode

CARDS = {
    "rms": "01004017832a32352d211f10f8f0f5f6f6f0ecf4fbf7f8f7f4ede9ecf7f5cabddcadba9a7888baaa8977",
    "slt": "0101640d5b3546474031261e1100faf6efeeedececf2f2eceee8e7e7dccd4454b8fdddcdab8888466676",
    "awb": "0102501273373b3d3c342b1c0b0300fdf9f3f5fd0501fbf6e6d3cececfcc3364c9bbccab998888563423",
    "kal16": "0103380f8d31252d2b282922170e0a0502fdf7f7fbf8f7f1e7ded4cfd7d43154b8ab9988777777777755",
}


@cache
def base_card(voice: str) -> VoiceCard:
    """Of a voice of BASES; any other is spoken by the neutral voice."""
    return decode(bytes.fromhex(CARDS.get(voice, CARDS[BASES[0]])))


def nearest(pitch_st: float) -> str:
    """The voice to start from. Pitch alone decides: what the envelope adds to it made the warped
    speech less like the talker, not more (13 talkers: .700 to .694)."""
    return min(BASES, key=lambda voice: abs(base_card(voice).pitch_st - pitch_st))
