import jiwer
import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.codecs.results import Cell
from benchmarks.codecs.statistics import change, scored, summary

RNG = np.random.default_rng(7)


def test_the_interval_is_the_one_of_the_normal_distribution() -> None:
    values = RNG.normal(3.0, 0.5, 400)
    found = summary(values.tolist(), None)
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert found
    assert found.mean == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=0.1 * half
    )


def test_the_interval_holds_the_truth_95_times_of_100() -> None:
    hits = 0
    for seed in range(200):
        found = summary(np.random.default_rng(seed).normal(0.0, 1.0, 40).tolist(), None)
        assert found
        hits += found.low <= 0.0 <= found.high
    assert 0.90 <= hits / 200 <= 0.98


def test_weighted_by_words_a_mean_of_error_rates_is_that_of_the_corpus() -> None:
    said = ["one two three four five six", "seven", "eight nine"]
    heard = ["one too three for five six", "eleven", "eight nine"]
    rates = [jiwer.wer(s, h) for s, h in zip(said, heard, strict=True)]
    found = summary(rates, [len(s.split()) for s in said])
    assert found and found.mean == pytest.approx(jiwer.wer(said, heard))


def test_sentences_without_a_value_or_a_weight_do_not_count() -> None:
    found = summary([1.0, None, 3.0, 99.0], [1.0, 1.0, 1.0, 0.0])
    assert found and (found.mean, found.n) == (2.0, 2)
    assert summary([None, None], None) is None
    assert summary([], None) is None


def test_one_sentence_has_no_spread() -> None:
    found = summary([2.5], None)
    assert found and (found.low, found.mean, found.high, found.n) == (2.5, 2.5, 2.5, 1)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = RNG.normal(0.0, 1.0, 20).tolist()
    assert summary(values, None, 3) == summary(values, None, 3) != summary(values, None, 4)


def test_values_and_weights_are_equally_long() -> None:
    with pytest.raises(ValueError, match="zip"):
        summary([1.0, 2.0], [1.0])


SENTENCES = [f"{n}.flac" for n in range(30)]
HARDNESS = RNG.normal(2.0, 0.8, 30)


def one_for_each(values: npt.NDArray[np.float64]) -> dict[str, tuple[float, float]]:
    return {name: (float(it), 1.0) for name, it in zip(SENTENCES, values, strict=True)}


def test_pairs_show_a_difference_that_is_smaller_than_both_intervals() -> None:
    old, new = HARDNESS, HARDNESS + 0.1 + RNG.normal(0.0, 0.05, 30)
    found = change(one_for_each(old), one_for_each(new))
    assert found and found.paired and found.is_sure
    assert found.difference == pytest.approx(0.1, abs=0.03)
    strangers = {f"other {name}": it for name, it in one_for_each(new).items()}
    apart = change(one_for_each(old), strangers)
    assert apart and not apart.paired and not apart.is_sure
    assert apart.difference == pytest.approx(found.difference)
    assert apart.high - apart.low > 5 * (found.high - found.low)


def test_noise_around_the_same_mean_is_no_difference() -> None:
    noise = RNG.normal(0.0, 0.3, 30)
    found = change(one_for_each(HARDNESS), one_for_each(HARDNESS + noise - noise.mean()))
    assert found and not found.is_sure


def test_only_shared_sentences_are_compared() -> None:
    """A sentence that broke in one run does not move the other's mean."""
    new = dict(list(one_for_each(HARDNESS).items())[5:])
    found = change(one_for_each(HARDNESS), new)
    assert found and found.n == 25 and found.difference == 0.0


def test_one_sentence_and_none_prove_nothing() -> None:
    found = change({"a": (1.0, 1.0)}, {"a": (4.0, 1.0)})
    assert found and found.difference == 3.0 and not found.is_sure
    assert change({}, {"a": (4.0, 1.0)}) is None


def test_a_cell_knows_its_sentences() -> None:
    cell = Cell((0.5, None, 0.0), (4.0, 2.0, 0.0), None)
    assert scored(["a", "b", "c"], cell) == {"a": (0.5, 4.0)}
