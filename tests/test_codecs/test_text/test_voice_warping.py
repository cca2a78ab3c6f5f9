from dataclasses import replace

import numpy as np
import pytest

from sotto_codecs.base import Pcm
from sotto_codecs.text.prosody import world
from sotto_codecs.text.speakers.flite import Flite
from sotto_codecs.text.speaking import RATE_HZ
from sotto_codecs.text.voice.bases import base_card
from sotto_codecs.text.voice.card import VoiceCard, decode
from sotto_codecs.text.voice.measuring import VoiceMeter
from sotto_codecs.text.voice.warping import Warp, warp, warped

pytest.importorskip("pyworld")

TEXT = "the source of the huge river is the clear spring and the boy was there when the sun rose"


@pytest.fixture(scope="module")
def spoken() -> Pcm:
    return next(Flite().speak(TEXT, "rms")).pcm


def card_of(pcm: Pcm) -> VoiceCard:
    meter = VoiceMeter()
    meter.add(pcm)
    card = meter.card()
    assert card is not None
    return card


def distance_db(one: VoiceCard, other: VoiceCard) -> float:
    return float(np.sqrt(np.mean((np.array(one.voiced_db) - other.voiced_db) ** 2)))


def test_a_mans_voice_becomes_the_womans(spoken: Pcm) -> None:
    base, wanted = base_card("rms"), base_card("slt")
    before, after = card_of(spoken), card_of(warp(spoken, base, wanted))
    assert after.pitch_st == pytest.approx(wanted.pitch_st, abs=1)
    assert distance_db(after, wanted) < 0.5 * distance_db(before, wanted)
    assert abs(after.tract_cm - wanted.tract_cm) < 0.6 * abs(before.tract_cm - wanted.tract_cm)


def test_its_own_card_leaves_a_voice_alone(spoken: Pcm) -> None:
    plain = world.synthesised(world.analysed(spoken))
    same = warp(spoken, base_card("rms"), base_card("rms"))[: len(plain)]
    assert np.corrcoef(plain[: len(same)], same)[0, 1] > 0.99


def test_every_part_of_the_card_is_heard(spoken: Pcm) -> None:
    base = base_card("rms")
    plain = warp(spoken, base, base)
    other = base_card("slt")
    cards = [
        replace(base, pitch_st=other.pitch_st),
        replace(base, range_st=2 * base.range_st),
        replace(base, tract_cm=other.tract_cm),
        replace(base, breath_db=base.breath_db + 12),
        replace(base, voiced_db=other.voiced_db),
        replace(base, spread_db=other.spread_db),
    ]
    heard = [warp(spoken, base, card) for card in cards]
    changes = [np.sqrt(np.mean((pcm - plain) ** 2) / np.mean(plain**2)) for pcm in heard]
    assert min(changes) > 0.02


def test_length_and_loudness_stay(spoken: Pcm) -> None:
    moved = warp(spoken, base_card("rms"), base_card("slt"))
    assert moved.shape == spoken.shape and moved.dtype == np.float32
    before, after = (np.sqrt(np.mean(pcm**2)) for pcm in (spoken, moved))
    assert 0.5 < after / before < 2 and np.abs(moved).max() <= 1


def test_on_worlds_parameters_and_on_sound_it_is_the_same(spoken: Pcm) -> None:
    base, wanted = base_card("rms"), base_card("slt")
    parameters = Warp(base, wanted)(world.analysed(spoken))
    by_hand = world.synthesised(parameters)
    whole = warp(spoken, base, wanted)
    ends = min(len(by_hand), len(whole))
    assert np.corrcoef(by_hand[:ends], whole[:ends])[0, 1] > 0.999


def test_parameters_keep_their_shape_and_stay_finite(spoken: Pcm) -> None:
    before = world.analysed(spoken)
    for payload in (b"\x01" + b"\xff" * 41, b"\x01" + bytes(41), b"\x01" + b"\x80" * 41):
        after = warped(before, base_card("rms"), decode(payload))
        assert after.envelope.shape == after.noise.shape == before.envelope.shape
        assert np.isfinite(after.envelope).all() and (after.envelope > 0).all()
        assert ((after.hertz > 0) == (before.hertz > 0)).all()


@pytest.mark.parametrize("pcm", [np.zeros(0, np.float32), np.zeros(RATE_HZ, np.float32)])
def test_silence_stays_silence(pcm: Pcm) -> None:
    assert np.array_equal(warp(pcm, base_card("rms"), base_card("slt")), pcm)
