from itertools import chain

import numpy as np
import pytest

from sotto_codecs.text.speakers.flite import Flite
from sotto_codecs.text.voice.bands import in_bands_db, over_bins, stretched
from sotto_codecs.text.voice.bases import base_card
from sotto_codecs.text.voice.card import BANDS, VoiceCard, decode, encode
from sotto_codecs.text.voice.measuring import ENOUGH_S, VoiceMeter

pytest.importorskip("pyworld")

TEXT = """a large size in stockings is hard to sell. the boy was there when the sun rose.
a rod is used to catch pink salmon. the source of the huge river is the clear spring."""


def measured(voice: str, gain: float = 1.0) -> VoiceCard:
    meter = VoiceMeter()
    for spoken in Flite().speak(TEXT, voice):
        meter.add(spoken.pcm * np.float32(gain))
    card = meter.card()
    assert card is not None
    return card


@pytest.mark.parametrize("voice", ["rms", "slt"])
def test_a_voice_is_measured_as_it_stands_in_the_table(voice: str) -> None:
    """Which was measured on other sentences."""
    card, known = measured(voice), base_card(voice)
    assert card.pitch_st == pytest.approx(known.pitch_st, abs=1)
    assert card.tract_cm == pytest.approx(known.tract_cm, abs=0.6)
    difference_db = np.array(card.voiced_db) - known.voiced_db
    assert np.sqrt(np.mean(difference_db**2)) < 3


def test_loudness_is_no_part_of_a_voice() -> None:
    loud, soft = measured("slt"), measured("slt", 0.05)
    assert np.abs(np.array(loud.voiced_db) - soft.voiced_db).max() <= 1
    assert loud.tract_cm == pytest.approx(soft.tract_cm, abs=0.1)


def test_a_card_is_the_same_on_both_ends() -> None:
    card = measured("awb")
    assert decode(encode(card)) == card


def test_there_is_no_card_before_there_is_enough_voice() -> None:
    meter = VoiceMeter()
    assert meter.card() is None
    meter.add(next(Flite().speak("hello")).pcm)
    assert meter.card() is None and 0.1 < meter.voiced_s < 1


@pytest.mark.parametrize(
    "pcm",
    [
        np.zeros(0, np.float32),
        np.zeros(16_000, np.float32),
        np.full(16_000, np.nan, np.float32),
        np.ones(9, np.float32),
    ],
    ids=["nothing", "silence", "nan", "short"],
)
def test_what_is_no_voice_leaves_no_trace(pcm: np.ndarray) -> None:
    meter = VoiceMeter()
    meter.add(pcm)
    assert meter.voiced_s == 0 and meter.card() is None


def test_noise_alone_never_makes_a_card() -> None:
    meter = VoiceMeter()
    meter.add(np.random.default_rng(5).normal(0, 0.1, 16_000).astype(np.float32))
    assert meter.card() is None


def test_after_a_minute_of_voice_no_more_is_looked_at() -> None:
    meter = VoiceMeter()
    pcm = np.concatenate([spoken.pcm for spoken in chain.from_iterable([Flite().speak(TEXT)])])
    while meter.voiced_s < ENOUGH_S:
        meter.add(np.tile(pcm, 3))
    before = meter.voiced_s
    meter.add(pcm)
    assert meter.voiced_s == before


def test_bands_tell_what_was_drawn_over_the_bins() -> None:
    drawn = 10 * np.sin(np.arange(BANDS) / 4)
    assert np.abs(in_bands_db(10 ** (over_bins(drawn) / 10)) - drawn).max() < 1


def test_a_shorter_tract_has_higher_formants() -> None:
    peak = np.exp(-(((np.arange(513) - 100) / 10) ** 2))
    assert int(stretched(peak, 1.2).argmax()) == 120
