"""Which of a browser's packets pass undecoded."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.media.capture import Captured
from sotto_app.media.passing import (
    FITTING_PACKETS,
    RATE_TOLERANCE,
    RATE_WINDOW_MS,
    PassThrough,
)
from sotto_app.modes import load_modes

MODES = load_modes()
OPUS = MODES["opus-24k"]  # 20 ms
TOC = {20: 1 << 3, 60: 3 << 3}  # RFC 6716 section 3.1: SILK, one frame of so many ms
MOST_BYTES = int(24_000 * RATE_TOLERANCE * RATE_WINDOW_MS / 8000)


def opus(duration_ms: int, size: int) -> bytes:
    return bytes([TOC[duration_ms]]) + bytes(size - 1)


def passed(passing: PassThrough, packets: list[tuple[int, int]]) -> list[bool]:
    """What `fits` says of packets of these lengths and sizes, one behind the other."""
    said, start_ms = [], 0
    for duration_ms, size in packets:
        packet = Captured(opus(duration_ms, size), start_ms, duration_ms)
        said.append(passing.fits(packet))
        start_ms += duration_ms
    return said


def test_what_the_mode_promises_passes_from_the_first_packet_on() -> None:
    assert passed(PassThrough(OPUS), [(20, 60)] * 10) == [True] * 10


def test_one_of_another_length_is_decoded_and_some_behind_it() -> None:
    said = passed(PassThrough(OPUS), [(20, 60), (60, 60), *[(20, 60)] * 8])
    assert said == [True, *[False] * (1 + FITTING_PACKETS), *[True] * (8 - FITTING_PACKETS)]


def test_more_bits_than_opus_needs_to_vary_do_not_pass() -> None:
    size = 240
    said = passed(PassThrough(OPUS), [(20, size)] * 50)
    assert said.index(False) == MOST_BYTES // size
    assert [a for a, b in pairwise(said) if not a and b] == []


def test_no_packet_passes_in_a_mode_that_is_not_opus() -> None:
    passing = PassThrough(MODES["codec2-700c"])
    assert not passing.will_fit(opus(20, 60)) and passed(passing, [(20, 60)] * 8) == [False] * 8


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([20, 60]), st.integers(1, 400)), max_size=60))
def test_what_is_foreseen_comes_to_pass(packets: list[tuple[int, int]]) -> None:
    passing, start_ms = PassThrough(OPUS), 0
    for duration_ms, size in packets:
        payload = opus(duration_ms, size)
        foreseen = passing.will_fit(payload)
        assert passing.fits(Captured(payload, start_ms, duration_ms)) is foreseen
        start_ms += duration_ms
