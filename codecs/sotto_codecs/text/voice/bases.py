"""The cards of flite's voices, which its speech is warped from.

Made by `python -m training.text.voices`, over 20 sentences each.

A card names the neutral voice, whoever it is of. The one with the nearest pitch is more like the
talker, but is understood worse, and WORLD harms it more: by pocketsphinx over 26 sentences of 13
talkers 26 % of the words were wrong (likeness .684; .531 without a card) for 18 % (.632).
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
