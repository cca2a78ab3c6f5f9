import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_codecs.errors import BadFrame, BadSettings
from sotto_codecs.text.coding.arithmetic import Reader, Recorder
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.prosody.coding import MOST_TICKS, read, write
from sotto_codecs.text.prosody.curves import Curve
from sotto_codecs.text.prosody.measuring import Prosody, ordered
from sotto_codecs.text.prosody.tables import DENSITIES, Row, density, shipped

WORDS = ("there's", "iron", "they", "say", "in", "all", "our", "blood")
ENDS_S = (0.28, 0.63, 0.79, 1.2, 1.55, 1.77, 1.9, 2.26)
PAUSE_S = 0.22  # before the fifth word
STEPS = 226
NAMES = [it.name for it in DENSITIES]


def said() -> Prosody:
    starts_s = [0.0, *ENDS_S[:-1]]
    starts_s[4] += PAUSE_S
    words = tuple(map(Word, WORDS, starts_s, ENDS_S))
    times = np.arange(STEPS) / STEPS
    voiced = (np.arange(STEPS) % 30 < 22).astype(np.float64)
    pitch = Curve((4 - 7 * times + 2 * np.cos(9 * times)) * voiced, voiced)
    return Prosody(words, pitch, Curve(6 * np.cos(4 * times), np.ones(STEPS)))


def encode(prosody: Prosody, how: str = "sparse") -> bytes:
    """Alone."""
    recorder = Recorder()
    write(prosody, how, recorder)
    return recorder.payload()


def decode(payload: bytes, words: Sequence[str]) -> Prosody:
    return read(Reader(payload), words)


@pytest.mark.parametrize(
    ("how", "golden"),
    [("sparse", "1c5dc43f75"), ("dense", "8c94724c90fdb168")],
)
def test_golden_bytes(how: str, golden: str) -> None:
    assert encode(said(), how).hex() == golden


@pytest.mark.parametrize(("how", "most_st"), [("sparse", 1.2), ("dense", 0.8)])
def test_what_is_decoded_is_near_what_was_said(how: str, most_st: float) -> None:
    wanted, tick_s = said(), density(how).tick_ms / 1000
    again = decode(encode(wanted, how), WORDS)
    for mine, theirs in zip(again.words, wanted.words, strict=True):
        assert mine.text == theirs.text
        assert abs(mine.start_s - theirs.start_s) <= tick_s
        assert abs(mine.end_s - theirs.end_s) <= tick_s
    steps = min(STEPS, len(again.pitch.values))
    weights = wanted.pitch.weights[:steps]
    error = again.pitch.values[:steps] - wanted.pitch.values[:steps]
    assert math.sqrt(np.average(error**2, weights=weights)) < most_st


def test_dense_says_more() -> None:
    sparse, dense = (encode(said(), how) for how in NAMES)
    assert len(sparse) < len(dense)


def test_falling_and_rising_differ() -> None:
    falling = said()
    rising = Prosody(
        falling.words, Curve(-falling.pitch.values, falling.pitch.weights), falling.level
    )
    down, up = (decode(encode(it), WORDS).pitch.values for it in (falling, rising))
    assert down[10] > down[200] + 3
    assert up[10] < up[200] - 3


def test_no_other_density() -> None:
    with pytest.raises(BadSettings, match="sparse or dense, not 'none'"):
        encode(said(), "none")


@pytest.mark.parametrize("payload", [b"", encode(said())])
def test_bytes_of_fewer_words_are_refused(payload: bytes) -> None:
    with pytest.raises(BadFrame):
        decode(payload, WORDS * 20)


def test_no_words_and_very_many() -> None:
    nothing = Prosody((), Curve(np.zeros(0), np.zeros(0)), Curve(np.zeros(0), np.zeros(0)))
    for how in NAMES:
        assert decode(encode(nothing, how), ()).words == ()
    many = tuple(Word("a" * (it % 9), 0.3 * it, 0.3 * it + 0.3) for it in range(2000))
    again = decode(encode(Prosody(many, nothing.pitch, nothing.level)), [it.text for it in many])
    assert abs(again.words[-1].end_s - many[-1].end_s) < 0.5


def test_each_row_of_the_tables_has_every_symbol() -> None:
    for name in NAMES:
        tables = shipped(name)
        assert all(len(row.bits) == MOST_TICKS + 1 for row in (*tables.pause, *tables.duration))
        assert all(row.weights.min() >= 1 for row in (*tables.pitch, *tables.level))
    with pytest.raises(ValueError, match="never comes"):
        Row.of([1, 0, 3])


times_s = st.one_of(st.floats(-5, 70), st.just(math.nan), st.just(math.inf))
curves = st.lists(st.floats(-90, 90), max_size=50)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=12), times_s, times_s), max_size=12), curves, curves)
def test_anything_that_is_measured_can_be_sent(
    spans: list[tuple[str, float, float]], pitch: list[float], level: list[float]
) -> None:
    words = ordered(tuple(Word(*span) for span in spans))
    lines = [Curve(np.array(it, np.float64), np.ones(len(it))) for it in (pitch, level)]
    for how in NAMES:
        payload = encode(Prosody(words, *lines), how)
        again = decode(payload, [word.text for word in words])
        assert [word.text for word in again.words] == [word.text for word in words]
        assert ordered(again.words) == again.words
        assert encode(again, how) or not words


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=30), st.lists(st.text(max_size=9), max_size=20))
def test_any_bytes_are_read_or_refused(payload: bytes, words: list[str]) -> None:
    try:
        prosody = decode(payload, words)
    except BadFrame:
        return
    assert len(prosody.words) == len(words)
    assert np.isfinite(prosody.pitch.values).all() and np.isfinite(prosody.level.values).all()
