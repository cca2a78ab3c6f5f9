"""When each word is said, in few bits: against how long such a word takes at this pace.

All in whole numbers, since both ends must come to the same table. Boundaries are counted in ticks
from the start of the phrase, so that errors do not add up.
"""

import re
from collections.abc import Iterator, Sequence

VOWELS = re.compile(r"[aeiouyäöüáéíóúàèìòùâêîôûœæåø]+", re.IGNORECASE)
LONGEST_WORD = 20  # sounds of a kind; the rest of a word is not looked at
PACES = 16  # tables of durations, by the duration that is expected in half ticks
PRIOR_MS = 600  # so much talk at the usual pace each phrase begins with

Shape = tuple[int, int, int]  # vowels, consonants, 1 for the last word of a phrase


def shapes(words: Sequence[str]) -> list[Shape]:
    return [_shape(word, index == len(words) - 1) for index, word in enumerate(words)]


def _shape(word: str, last: bool) -> Shape:
    word = word[: 4 * LONGEST_WORD]
    vowels = len(VOWELS.findall(word))
    consonants = sum(map(str.isalnum, VOWELS.sub("", word)))
    return min(vowels, LONGEST_WORD), min(consonants, LONGEST_WORD), int(last)


class Pace:
    """How fast this phrase is spoken, from the words so far."""

    def __init__(self, weights_ms: Sequence[int], tick_ms: int) -> None:
        """`weights_ms`: of any word, and of each entry of its shape."""
        self._weights_ms, self._tick_ms = weights_ms, tick_ms
        self._expected_ms = self._taken_ms = PRIOR_MS

    def expected_ms(self, shape: Shape) -> int:
        """At the usual pace."""
        constant, *each = self._weights_ms
        return max(20, constant + sum(a * b for a, b in zip(each, shape, strict=True)))

    def table(self, shape: Shape) -> int:
        """Which table the duration of the next word has."""
        at_this_pace = self.expected_ms(shape) * self._taken_ms // self._expected_ms
        return min(2 * at_this_pace // self._tick_ms, PACES - 1)

    def heard(self, shape: Shape, ticks: int) -> None:
        self._expected_ms += self.expected_ms(shape)
        self._taken_ms += ticks * self._tick_ms


def spread(
    spans: Sequence[tuple[int, int]], expected_ms: Sequence[int], tick_s: float
) -> list[tuple[float, float]]:
    """Seconds. A word of no ticks shares those of the word behind it, or before it where a pause
    follows: each has its part of their expected durations."""
    groups = list[range]()
    for index, (start, _) in enumerate(spans):
        empty = not groups or spans[groups[-1].start][0] == start
        _add(groups, index, joins=empty and index > 0 and spans[index - 1][1] == start)
    merged = list[range]()
    for group in groups:
        start, end = spans[group.start][0], spans[group.stop - 1][1]
        joins = start == end and group.start > 0 and spans[group.start - 1][1] == start
        _add(merged, group.stop - 1, joins) if joins else merged.append(group)
    return [span for group in merged for span in _shared(spans, group, expected_ms, tick_s)]


def _add(groups: list[range], index: int, joins: bool) -> None:
    """Its last group reaches to `index`, or a new one begins there."""
    first = groups.pop().start if joins else index
    groups.append(range(first, index + 1))


def _shared(
    spans: Sequence[tuple[int, int]], group: range, expected_ms: Sequence[int], tick_s: float
) -> Iterator[tuple[float, float]]:
    first, last = spans[group.start][0] * tick_s, spans[group.stop - 1][1] * tick_s
    whole, before = sum(expected_ms[index] for index in group), 0
    for index in group:
        after = before + expected_ms[index]
        yield (
            first + (last - first) * before / whole,
            last if after == whole else first + (last - first) * after / whole,
        )
        before = after
