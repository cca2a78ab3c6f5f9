"""Talkspurts over virtual time: every sample of speech, once, whatever the blocks."""

from collections.abc import Iterable, Iterator

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sotto_codecs.base import Pcm
from sotto_codecs.text.talkspurt import (
    CHUNK_SAMPLES,
    SpurtEnd,
    SpurtEvent,
    SpurtPcm,
    SpurtStart,
    Talkspurts,
)

LEAD, PAUSE = 10, 12  # chunks: 0.32 s of sound before, 0.4 s of pause


class Loudness:
    """An activity that tests can hear: the level."""

    def probability(self, chunk: Pcm) -> float:
        return float(np.abs(chunk).max())


def counting(levels: Iterable[float]) -> Pcm:
    """A chunk per level, in which each sample has its own value."""
    chunks = [np.full(CHUNK_SAMPLES, level) for level in levels]
    sound = np.concatenate([np.empty(0), *chunks])
    return np.asarray(sound + np.arange(len(sound)) * 1e-7, np.float32)


def heard(sound: Pcm, block: int = 320, pause_s: float = 0.4) -> list[SpurtEvent]:
    talkspurts = Talkspurts(Loudness(), pause_s)
    blocks = [sound[start : start + block] for start in range(0, len(sound), block)]
    return [event for piece in blocks for event in talkspurts.feed(piece)] + talkspurts.flush()


def spans(events: Iterable[SpurtEvent]) -> Iterator[tuple[int, int, int, Pcm]]:
    """Start, end, end of speech, and sound of each talkspurt; its parts must fit together."""
    start, pieces = 0, list[SpurtPcm]()
    for event in events:
        if isinstance(event, SpurtStart):
            start, pieces = event.at_sample, []
        elif isinstance(event, SpurtPcm):
            assert event.start_sample == start + sum(len(piece.pcm) for piece in pieces)
            pieces.append(event)
        else:
            sound = np.concatenate([piece.pcm for piece in pieces])
            assert event.at_sample == start + len(sound)
            yield start, event.at_sample, event.speech_end_sample, sound


def test_it_begins_before_its_onset_and_ends_behind_a_pause() -> None:
    sound = counting([0.0] * 40 + [0.9] * 20 + [0.0] * 40)
    ((start, end, speech_end, pcm),) = spans(heard(sound))
    assert start == (40 - LEAD) * CHUNK_SAMPLES
    assert speech_end == 60 * CHUNK_SAMPLES
    assert end == (60 + PAUSE) * CHUNK_SAMPLES
    assert np.array_equal(pcm, sound[start:end])


def test_a_short_gap_does_not_part_and_a_click_is_no_speech() -> None:
    gap = counting([0.9] * 9 + [0.0] * (PAUSE - 1) + [0.9] * 9 + [0.0] * 30)
    assert len(list(spans(heard(gap)))) == 1
    assert heard(counting([0.0] * 9 + [0.9] + [0.0] * 9)) == []


def test_two_talkspurts_share_no_sample() -> None:
    sound = counting([0.9] * 9 + [0.0] * (PAUSE + 2) + [0.9] * 9)
    (_, end, _, _), (start, last, _, _) = spans(heard(sound))
    assert start == end
    assert last == len(sound)


def test_weak_speech_goes_on_but_does_not_begin() -> None:
    assert heard(counting([0.4] * 30)) == []
    ((_, end, _, _),) = spans(heard(counting([0.9] * 5 + [0.4] * 30)))
    assert end == 35 * CHUNK_SAMPLES


def test_after_a_flush_the_clock_goes_on() -> None:
    talkspurts = Talkspurts(Loudness())
    talkspurts.feed(counting([0.9] * 9)[:-100])
    assert talkspurts.talking
    events = talkspurts.flush()
    assert events[-1] == SpurtEnd(9 * CHUNK_SAMPLES - 100, 8 * CHUNK_SAMPLES)
    assert not talkspurts.talking
    assert talkspurts.flush() == []
    start = next(it for it in talkspurts.feed(counting([0.9] * 3)) if isinstance(it, SpurtStart))
    assert start.at_sample == 9 * CHUNK_SAMPLES - 100


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from((0.0, 0.4, 0.9)), max_size=60), st.integers(1, 2000))
def test_blocks_of_any_length_make_the_same_talkspurts(levels: list[float], block: int) -> None:
    sound = counting(levels)
    whole, parts = list(spans(heard(sound, len(sound) or 1))), list(spans(heard(sound, block)))
    assert [it[:3] for it in parts] == [it[:3] for it in whole]
    for start, end, _, pcm in parts:
        assert np.array_equal(pcm, sound[start:end])
