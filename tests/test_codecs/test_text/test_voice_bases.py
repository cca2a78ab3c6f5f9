import pytest

from sotto_codecs.text.speakers.flite import VOICES
from sotto_codecs.text.voice.bases import base_card, nearest
from sotto_codecs.text.voice.card import BASES


@pytest.mark.parametrize("voice", BASES)
def test_every_base_voice_is_nearest_to_itself(voice: str) -> None:
    assert base_card(voice).base == voice == nearest(base_card(voice).pitch_st)


def test_a_high_voice_starts_from_the_woman_and_a_low_one_from_a_man() -> None:
    assert nearest(95) == "slt" and nearest(70) in ("rms", "kal16")


def test_the_woman_has_the_shortest_tract() -> None:
    lengths = {voice: base_card(voice).tract_cm for voice in BASES}
    assert min(lengths, key=lambda voice: lengths[voice]) == "slt"
    assert all(13 < length < 19 for length in lengths.values())


def test_without_a_base_the_neutral_voice_speaks() -> None:
    assert base_card("") == base_card(VOICES[0])
