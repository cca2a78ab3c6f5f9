"""Bundle lengths that a budget allows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_app.link.budget import WINDOW_S
from sotto_app.link.packing import (
    Bounds,
    Packer,
    Share,
    bundles_in_window,
    choose,
    frames_to_grid,
    leanest_frames,
    peak_bps,
    shares,
    usable_bps,
)
from sotto_app.link.tariff import KISS, UDP_IPV4, Speech

C700 = Bounds(700, 80, 3, 25)  # two frames of 40 ms in 7 bytes; 0.24 to 2 s
C3200 = Bounds(3200, 20, 1, 100)
C1200 = Bounds(1200, 40, 4, 25)
OPUS_6 = Bounds(6000, 60, 1, 4)


@pytest.mark.parametrize(
    ("bounds", "share", "depth", "chosen"),
    [
        (C700, Share(usable_bps(2400), UDP_IPV4), 0, (3, 0, True)),  # alone: 0.24 s
        (C700, Share(usable_bps(2400) / 2, UDP_IPV4, 2), 0, (11, 0, True)),  # two calls: 0.88 s
        (C700, Share(usable_bps(2400) / 2, UDP_IPV4, 2, together=True), 0, (6, 0, True)),
        (C700, Share(usable_bps(2400) / 3, UDP_IPV4, 3), 0, (21, 0, False)),
        (C700, Share(usable_bps(2400), UDP_IPV4), 1, (6, 1, True)),  # 0.48 s, each bundle twice
        (C700, Share(usable_bps(2400), UDP_IPV4), 3, (6, 1, True)),  # three times does not fit
        (C700, Share(usable_bps(1000), UDP_IPV4), 0, (21, 0, True)),  # at most 3 in any 5 s
        (C700, Share(usable_bps(1100), UDP_IPV4), 0, (13, 0, True)),
        (C1200, Share(usable_bps(2400), UDP_IPV4), 0, (8, 0, True)),
        (OPUS_6, Share(usable_bps(2400), UDP_IPV4), 0, (4, 0, False)),
        (OPUS_6, Share(usable_bps(9600), UDP_IPV4), 0, (2, 0, True)),
        (C1200, Share(usable_bps(2400), KISS), 0, (4, 0, True)),
        (C700, Share(usable_bps(1200), KISS), 0, (4, 0, True)),
    ],
)
def test_the_shortest_bundle_that_the_share_allows(
    bounds: Bounds, share: Share, depth: int, chosen: tuple[int, int, bool]
) -> None:
    choice = choose(bounds, share, depth)
    assert (choice.frames, choice.depth, choice.fits) == chosen


@settings(max_examples=60)
@given(
    st.floats(50, 10_000),
    st.sampled_from([20, 40, 60, 80]),
    st.floats(200, 20_000),
    st.integers(0, 3),
)
def test_what_fits_holds_in_every_window(
    payload_bps: float, frame_ms: int, share_bps: float, depth: int
) -> None:
    bounds = Bounds(payload_bps, frame_ms, 1, 2000 // frame_ms)
    choice = choose(bounds, Share(share_bps, UDP_IPV4), depth)
    bundle_bytes = payload_bps * choice.bundle_s / 8
    datagram = 38 + bundle_bytes + choice.depth * (bundle_bytes + 3)  # at least
    starts = [n * choice.bundle_s for n in range(2 * bundles_in_window(choice.bundle_s))]
    in_window = sum(1 for at in starts if at < WINDOW_S - 1e-6)
    if choice.fits:
        assert in_window * datagram * 8 <= share_bps * WINDOW_S * (1 + 1e-9)
    else:
        assert choice.frames == leanest_frames(bounds, Share(share_bps, UDP_IPV4))
        assert choice.depth == 0


def test_words_for_the_page() -> None:
    choice = choose(C700, Share(1100, UDP_IPV4))
    assert choice.words() == "1.0 kbit/s, 1.0 s behind"
    assert choice.words(more_delay_s=0.65) == "1.0 kbit/s, 1.7 s behind"


def test_bundles_grow_at_once_and_shrink_after_ten_seconds_of_room() -> None:
    packer = Packer(C700)
    wide, narrow = Share(2280, UDP_IPV4), Share(1140, UDP_IPV4, 2)
    script = [(0, wide), (1, narrow), (2, wide), (11, wide), (11.9, wide), (12, wide)]
    frames = [packer.update(share, 0, now).frames for now, share in script]
    assert frames == [3, 11, 11, 11, 11, 3]


def test_room_that_comes_and_goes_shrinks_nothing() -> None:
    packer = Packer(C700)
    wide, narrow = Share(2280, UDP_IPV4), Share(1140, UDP_IPV4, 2)
    frames = {packer.update((narrow, wide)[n // 5 % 2], 0, float(n)).frames for n in range(60)}
    assert frames == {11}


def test_bundles_shrink_only_to_what_all_ten_seconds_allowed() -> None:
    packer = Packer(C700)
    packer.update(Share(1140, UDP_IPV4, 2), 0, 0.0)
    frames = [
        packer.update(Share(bps, UDP_IPV4), 0, now).frames
        for now, bps in [(1, 2280), (5, 1500), (10, 2280), (11, 2280), (12, 2280), (22, 2280)]
    ]
    assert frames == [11, 11, 11, 6, 6, 3]


def test_redundancy_makes_bundles_longer_at_once() -> None:
    packer = Packer(C700)
    share = Share(2280, UDP_IPV4)
    assert packer.update(share, 0, 0.0).frames == 3
    choice = packer.update(share, 1, 0.1)
    assert (choice.frames, choice.depth) == (6, 1)


def test_bundles_that_begin_anywhere_end_together() -> None:
    since_ms = (0, 500, 950, 1000, 1040, 1300)
    assert [frames_to_grid(13, 80, ms) for ms in since_ms] == [13, 7, 1, 13, 13, 10]


@settings(max_examples=50)
@given(st.floats(0, 1e6), st.integers(1, 25), st.sampled_from([20, 40, 60, 80]))
def test_the_first_bundle_is_never_empty_nor_too_long(
    now: float, frames: int, frame_ms: int
) -> None:
    first = frames_to_grid(frames, frame_ms, now * 1000)
    assert 1 <= first <= frames
    beyond_ms = (now * 1000 + first * frame_ms) % (frames * frame_ms)
    assert min(beyond_ms, frames * frame_ms - beyond_ms) <= frame_ms  # of the grid


def test_each_has_what_it_needs_and_an_even_part_of_the_rest() -> None:
    wide = shares({1: C3200, 7: C700}, 9600, UDP_IPV4)
    least = {1: C3200, 7: C700}
    needs = {n: it.speech(leanest_frames(it, wide[n])) for n, it in least.items()}
    rests = [wide[n].bps - peak_bps(speech, wide[n]) for n, speech in needs.items()]
    assert rests[0] == pytest.approx(rests[1]) and rests[0] > 0
    assert sum(it.bps for it in wide.values()) == pytest.approx(usable_bps(9600))
    narrow = shares({1: C3200, 7: C700}, 2400, UDP_IPV4)
    assert sum(it.bps for it in narrow.values()) == pytest.approx(usable_bps(2400))
    assert not choose(C3200, narrow[1]).fits and not choose(C700, narrow[7]).fits


def test_only_bundles_that_are_alike_are_taken_to_travel_together() -> None:
    alike = shares({0: C700, 1: C700}, 2400, UDP_IPV4)
    assert alike[0] == alike[1] and alike[0].together
    assert not shares({0: C700, 1: C3200}, 9600, UDP_IPV4)[0].together
    assert not shares({0: C700}, 2400, UDP_IPV4)[0].together


def test_bounds_that_leave_nothing_are_an_error() -> None:
    with pytest.raises(ValueError, match="no bundle has 3 to 2 frames"):
        Bounds(700, 80, 3, 2)


def test_a_peak_is_counted_in_whole_bundles() -> None:
    share = Share(2400, UDP_IPV4)
    assert peak_bps(Speech(700, 1.0), share) == 5 * (87.5 + 38) * 8 / 5
    assert peak_bps(Speech(700, 1.04), share) == 5 * (91 + 38) * 8 / 5
    assert peak_bps(Speech(700, 1.0), Share(2400, UDP_IPV4, 2, together=True)) == pytest.approx(
        (87.5 + 1 + 3 + 37 / 2) * 8
    )
