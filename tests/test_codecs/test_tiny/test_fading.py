import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.tiny.fading import FADE_S, FALL_S, HOLD_S, RISE_S, Fading

RATE_HZ = 16_000


def ones(seconds: float) -> Pcm:
    return np.ones(round(seconds * RATE_HZ), np.float32)


def heard() -> Fading:
    return Fading(RATE_HZ).arrived(ones(0.1))[1]


def test_a_guess_is_held_then_fades_in_pieces_of_any_length() -> None:
    whole, _ = heard().lost(ones(0.4))
    fading, parts = heard(), []
    for seconds in (0.04, 0.1, 0.01, 0.08, 0.17):
        part, fading = fading.lost(ones(seconds))
        parts.append(part)
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)
    hold, end = round(HOLD_S * RATE_HZ), round((HOLD_S + FADE_S) * RATE_HZ)
    assert (whole[:hold] == 1).all() and whole[hold] < 1
    assert (np.diff(whole[hold:end]) < 0).all() and not whole[end:].any()
    assert fading.is_silent


def test_a_pause_falls_at_once() -> None:
    sound, fading = heard().hushed(ones(0.04))
    assert sound[0] < 1 and not sound[round(FALL_S * RATE_HZ) :].any()
    assert fading.is_silent


def test_what_arrives_rises_from_where_the_guess_was() -> None:
    guess, fading = heard().lost(ones(HOLD_S + FADE_S / 2))
    sound, fading = fading.arrived(ones(0.04))
    assert abs(sound[0] - guess[-1]) < 0.02
    assert (sound[round(RISE_S * RATE_HZ) :] == 1).all()
    again, _ = fading.arrived(ones(0.04))
    assert (again == 1).all()


def test_after_something_arrived_the_next_loss_is_held_anew() -> None:
    _, fading = heard().lost(ones(0.1))
    _, fading = fading.arrived(ones(0.04))
    guess, _ = fading.lost(ones(HOLD_S))
    assert (guess == 1).all()


def test_before_anything_was_heard_it_is_silent() -> None:
    assert Fading(RATE_HZ).is_silent
