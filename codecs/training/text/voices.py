"""Measure the voices of flite: the tables of voice/bases.py and voice/tract.py, printed.

    python -m training.text.voices

The tract's length hangs on the reference: put that in and run it again.
"""

from dataclasses import replace

import numpy as np

from sotto_codecs.text.speakers.flite import Flite
from sotto_codecs.text.voice.card import BASES, VoiceCard, encode
from sotto_codecs.text.voice.measuring import VoiceMeter

TEXT = """the birch canoe slid on the smooth planks. glue the sheet to the dark blue background.
it is easy to tell the depth of a well. these days a chicken leg is a rare dish.
rice is often served in round bowls. the juice of lemons makes fine punch.
the box was thrown beside the parked truck. the hogs were fed chopped corn and garbage.
four hours of steady work faced us. a large size in stockings is hard to sell.
the boy was there when the sun rose. a rod is used to catch pink salmon.
the source of the huge river is the clear spring. kick the ball straight and follow through.
help the woman get back to her feet. a pot of tea helps to pass the evening.
smoky fires lack flame and heat. the soft cushion broke the man's fall.
the salt breeze came across from the sea. the girl at the booth sold fifty bonds."""


def measured(voice: str) -> VoiceCard:
    meter = VoiceMeter()
    for spoken in Flite().speak(TEXT, voice):
        meter.add(spoken.pcm)
    card = meter.card()
    assert card is not None
    return replace(card, base=voice)


def main() -> None:
    cards = {voice: measured(voice) for voice in BASES}
    pitch_st = np.mean([card.pitch_st for card in cards.values()])
    voiced_db = np.mean([card.voiced_db for card in cards.values()], axis=0)
    print(f"REFERENCE_ST = {pitch_st:.2f}")
    print(f"REFERENCE_DB = {tuple(round(it, 1) for it in voiced_db.tolist())}")
    for voice, card in cards.items():
        print(f'    "{voice}": "{encode(card).hex()}",  # {card.tract_cm:.1f} cm')


if __name__ == "__main__":
    main()
