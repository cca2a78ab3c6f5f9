"""Word error rate: how many words a recogniser gets wrong, of those that were said.

It measures the recogniser as much as the codec: read it against the rate on the original.
"""

import re
import unicodedata
from typing import ClassVar

from benchmarks.metrics import recognisers
from benchmarks.metrics.base import Measure, NotApplicable, Score, Take

_TITLES = {"mr": "mister", "mrs": "missus", "dr": "doctor"}
_SIGNS = {"&": " and ", "%": " percent "}
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


class Words:
    """Any timing will do."""

    MEASURES: ClassVar[tuple[Measure, ...]] = (
        Measure("wer", "WER", "%", better="lower", worst=100, best=0, digits=1),
    )

    def __init__(self, recogniser: str = "pocketsphinx") -> None:
        """`recogniser` as recognisers.load takes it, which raises InstrumentMissing, ImportError,
        ValueError."""
        import jiwer

        self._compare = jiwer.process_words
        self._recogniser = recognisers.load(recogniser)

    @property
    def name(self) -> str:
        return self._recogniser.name

    def score(self, take: Take) -> dict[str, Score]:
        """Weighted by the words that were said: the mean of many takes is the rate of their
        whole text. Above 100 where words were heard that nobody said."""
        said = normalised(take.transcript)
        if not said:
            raise NotApplicable("the transcript has no words")
        found = self._compare(said, normalised(self._recogniser.words(take.heard)))
        errors = found.substitutions + found.deletions + found.insertions
        count = len(said.split())
        return {"wer": Score(100 * errors / count, weight=count)}


def normalised(text: str) -> str:
    """The words alone, as both sides of the comparison are written.

    Small letters without accents; no apostrophes ("don't" is "dont"), for they cannot be heard;
    hyphens and all other punctuation part words; whole numbers below a million in words
    ("1,250": "one thousand two hundred fifty"), read as quantities, years too; mr, mrs, dr, &
    and % in full. British and American spellings stay different.
    """
    plain = unicodedata.normalize("NFKD", text).lower()
    plain = re.sub(r"['\u2019\u2018\u02bc\u0300-\u036f]", "", plain)
    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", plain)
    plain = re.sub(r"[&%]", lambda sign: _SIGNS[sign[0]], plain)
    plain = re.sub(r"\d+", lambda digits: f" {_number(digits[0])} ", plain)
    return " ".join(_TITLES.get(word, word) for word in re.findall(r"[^\W_]+", plain))


def _number(digits: str) -> str:
    """Figure by figure where it begins with a nought or has more than six places."""
    if len(digits) > 6 or (digits[0] == "0" and len(digits) > 1):
        return " ".join(_SMALL[int(digit)] for digit in digits)
    return _quantity(int(digits))


def _quantity(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        words = _TENS[tens - 2]
    else:
        unit, word = (1000, "thousand") if number >= 1000 else (100, "hundred")
        count, rest = divmod(number, unit)
        words = f"{_quantity(count)} {word}"
    return f"{words} {_quantity(rest)}" if rest else words
