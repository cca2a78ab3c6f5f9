import pytest

from sotto_codecs.text.speakers.flite import VOICES
from sotto_codecs.text.voice.bases import base_card
from sotto_codecs.text.voice.card import BASES


@pytest.mark.parametrize("voice", BASES)
def test_the_voices_lie_apart(voice: str) -> None:
    others = [base_card(other).pitch_st for other in BASES if other != voice]
    assert min(abs(it - base_card(voice).pitch_st) for it in others) >= 0.5


def test_the_woman_has_the_shortest_tract() -> None:
    lengths = {voice: base_card(voice).tract_cm for voice in BASES}
    assert min(lengths, key=lambda voice: lengths[voice]) == "slt"
    assert all(13 < length < 19 for length in lengths.values())


def test_without_a_base_the_neutral_voice_speaks() -> None:
    assert base_card("") == base_card(VOICES[0])
