"""Frames in bundles, and packets that have come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto_app.link.lengths import LengthError
from sotto_app.link.run import Arrivals, FrameShape


def test_golden_bundles() -> None:
    assert FrameShape(2, 40).join((b"ab", b"cd")) == b"abcd"
    assert FrameShape(None, 20).join((b"ab", b"c")) == b"\x02\x02abc"


def test_what_an_earlier_holds_is_the_core_of_each_frame() -> None:
    shape = FrameShape(4, 40, core_bytes=1)
    assert shape.cut((b"abcd", b"efgh")) == b"ae"
    assert shape.core.split(b"ae") == (b"a", b"e")
    for whole in (FrameShape(4, 40), FrameShape(None, 40)):
        assert whole.cut((b"abcd", b"efgh")) == whole.join((b"abcd", b"efgh"))


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=15))
def test_varying_frames_come_back(frames: list[bytes]) -> None:
    shape = FrameShape(None, 20)
    assert shape.split(shape.join(tuple(frames))) == tuple(frames)


@given(st.binary(max_size=60), st.sampled_from([None, 4, 7]))
def test_any_bytes_are_a_bundle_or_an_error(bundle: bytes, frame_bytes: int | None) -> None:
    shape = FrameShape(frame_bytes, 20)
    try:
        payloads = shape.split(bundle)
    except LengthError as fault:
        assert str(fault)
    else:
        assert shape.split(shape.join(payloads)) == payloads


@pytest.mark.parametrize(
    ("frame_bytes", "bundle"), [(7, b""), (None, b""), (None, b"\x00"), (7, b"x" * 8)]
)
def test_a_bundle_without_whole_frames_is_none(frame_bytes: int | None, bundle: bytes) -> None:
    with pytest.raises(LengthError):
        FrameShape(frame_bytes, 20).split(bundle)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=60), st.integers(-1, 300), st.data())
def test_arrivals_are_as_a_set(counters: list[int], after: int, data: st.DataObject) -> None:
    arrivals, seen = Arrivals(), set[int]()
    for counter in counters:
        assert arrivals.add(counter) is (counter not in seen)
        seen.add(counter)
    before = data.draw(st.sampled_from(counters))
    between = range(after + 1, before)
    assert arrivals.missing(after, before) == len(set(between) - seen)


def test_what_is_too_old_to_know_is_not_new_and_counts_as_missing() -> None:
    arrivals = Arrivals(window=64)
    assert arrivals.add(0) and arrivals.add(1 << 29)
    assert not arrivals.add((1 << 29) - 64)
    assert arrivals.add((1 << 29) - 63)
    assert arrivals.missing(-1, 1 << 29) == (1 << 29) - 1
