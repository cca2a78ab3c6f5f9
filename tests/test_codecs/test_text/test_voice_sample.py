"""Some seconds of a voice in Tiny: what goes in is known again, what is foreign is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_codecs.backends.tiny import Tiny
from sotto_codecs.errors import BadFrame
from sotto_codecs.text.speaking import RATE_HZ
from sotto_codecs.text.voice.sample import (
    FRAME_BYTES,
    LEAST_FRAMES,
    MOST_FRAMES,
    STAGES,
    checked,
    decode,
    encode,
)
from tests.cloning import pitch_hz
from tests.speech import Speech

VERSION = Tiny(STAGES).spec.version
SHORTEST = bytes([1, VERSION, LEAST_FRAMES]) + bytes(LEAST_FRAMES * FRAME_BYTES)


def test_six_seconds_are_753_bytes_and_have_the_pitch_that_they_had(speech: Speech) -> None:
    said = speech.at(RATE_HZ)[: 6 * RATE_HZ]
    coded = encode(said)
    assert len(coded) == 753 and coded[:3] == bytes([1, VERSION, 150])
    heard = decode(coded)
    assert heard.dtype == np.float32 and len(heard) == len(said) and np.abs(heard).max() <= 1.0
    assert abs(12 * np.log2(pitch_hz(heard) / pitch_hz(said))) < 2.0
    assert encode(said) == coded
    np.testing.assert_array_equal(decode(coded), heard)


def test_it_is_as_loud_from_whoever_speaks_low(speech: Speech) -> None:
    said = speech.at(RATE_HZ)[: 3 * RATE_HZ]
    heard = decode(encode(0.05 * said))
    assert -32 < 10 * np.log10(np.mean(heard.astype(np.float64) ** 2)) < -20


def test_what_is_longer_is_cut(speech: Speech) -> None:
    assert encode(speech.at(RATE_HZ))[2] == MOST_FRAMES


def test_golden_layout() -> None:
    assert SHORTEST[:3].hex() == f"01{VERSION:02x}32" and len(SHORTEST) == 253
    assert len(decode(SHORTEST)) == 2 * RATE_HZ


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "no sample"),
        (b"\1", "no sample"),
        (b"\2" + SHORTEST[1:], "no sample"),
        (bytes([1, VERSION ^ 0x55]) + SHORTEST[2:], "in Tiny"),
        (bytes([1, VERSION, LEAST_FRAMES - 1]) + SHORTEST[3:-5], "not 50 to 200"),
        (bytes([1, VERSION, 255]) + bytes(255 * FRAME_BYTES), "not 50 to 200"),
        (SHORTEST[:-1], "50 frames in 252 bytes"),
        (SHORTEST[:-FRAME_BYTES], "50 frames in 248 bytes"),
        (SHORTEST + b"\0", "50 frames in 254 bytes"),
    ],
)
def test_what_is_no_sample_is_refused(payload: bytes, reason: str) -> None:
    with pytest.raises(BadFrame, match=reason):
        checked(payload)


@given(st.binary(max_size=60) | st.builds(bytes.__add__, st.just(SHORTEST[:2]), st.binary()))
def test_foreign_bytes_are_refused(payload: bytes) -> None:
    with pytest.raises(BadFrame) as fault:
        checked(payload)
    assert "\n" not in str(fault.value)


@settings(max_examples=6, deadline=None)
@given(st.binary(min_size=FRAME_BYTES, max_size=3 * FRAME_BYTES), st.integers(0, 200))
def test_any_bytes_in_the_right_number_are_some_sound(foreign: bytes, at: int) -> None:
    whole = SHORTEST[: 3 + at] + foreign + SHORTEST
    pcm = decode(whole[: len(SHORTEST)])
    assert np.isfinite(pcm).all() and np.abs(pcm).max() <= 1.0
