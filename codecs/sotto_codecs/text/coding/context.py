"""What both ends know was said, and what it makes probable next.

Over the fixed model lie the words of the call: each makes itself and what followed it likelier, as
so many observations against a Dirichlet prior (MacKay and Bauman Peto 1995).
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from sotto_codecs.text.coding.words import ONE, Weights, WordModel

KEPT_WORDS = 1024
PRIOR_WORD = 1000  # words of the fixed model's that a word of the call stands against
PRIOR_PAIR = 8
PRIOR_SPELLED = (1, 100)  # spelled words in so many, before the call has shown its own


@dataclass(frozen=True, slots=True)
class Context:
    """The last words that were said, oldest first, over all phrases."""

    words: tuple[str, ...] = ()

    def after(self, words: tuple[str, ...]) -> "Context":
        return Context((self.words + words)[-KEPT_WORDS:])


class Expectation:
    """Weights of the next word in a phrase, word by word. Symbols are the model's words, then
    `spell`, then words of the call that the model does not know."""

    def __init__(self, model: WordModel, context: Context) -> None:
        self._model = model
        self.spell = len(model.words)
        self._new: dict[str, int] = {}
        self._names: list[str] = []
        self._said: Counter[int] = Counter()
        self._followed: dict[int | None, Counter[int]] = defaultdict(Counter)
        self._last: int | None = None
        for word in context.words:
            self.add(word)
        self._earlier = [index for index in map(self.symbol, context.words[-2:])]
        self._phrase: list[int] = []

    def symbol(self, word: str) -> int:
        """The word's symbol, or `spell`."""
        return self._model.index.get(word, self._new.get(word, self.spell))

    def word(self, symbol: int) -> str:
        """What a symbol other than `spell` stands for."""
        known = self._model.words
        return known[symbol] if symbol < self.spell else self._names[symbol - self.spell - 1]

    def say(self, word: str) -> None:
        """The phrase goes on with `word`."""
        self.add(word)
        self._phrase.append(self.symbol(word))

    def add(self, word: str) -> None:
        symbol = self.symbol(word)
        if symbol == self.spell:
            symbol = self.spell + 1 + len(self._names)
            self._new[word] = symbol
            self._names.append(word)
        self._said[symbol] += 1
        self._followed[self._last][symbol] += 1
        self._last = symbol

    def weights(self) -> Weights:
        weights = np.zeros(self.spell + 1 + len(self._names), np.int64)
        weights[: self.spell] = self._fixed()
        _observe(weights, self._said, PRIOR_WORD)
        _observe(weights, self._followed.get(self._last, Counter()), PRIOR_PAIR)
        total = self._said.total()
        weights[self.spell] = 0
        spelled, words = PRIOR_SPELLED
        weights += 1
        weights[self.spell] = ONE * (spelled + len(self._names)) // (words + total)
        return weights

    def _fixed(self) -> Weights:
        """A phrase may begin a sentence or carry on with the last one: half of each."""
        model, phrase = self._model, self._phrase
        if len(phrase) > 1:
            return model.weights(self._known(phrase[-2]), self._known(phrase[-1]))
        fresh = self._after([model.start, *phrase])
        return (fresh + self._after([*self._earlier, *phrase])) // 2 if self._earlier else fresh

    def _after(self, history: list[int]) -> Weights:
        before = self._known(history[-2]) if len(history) > 1 else None
        last = history[-1]
        return self._model.weights(before, last if last == self._model.start else self._known(last))

    def _known(self, symbol: int) -> int | None:
        return symbol if symbol <= self._model.start else None


def _observe(weights: Weights, seen: Counter[int], prior: int) -> None:
    """Add what was seen as observations against `prior` of the weights' own."""
    total = seen.total()
    weights *= prior
    weights //= prior + total
    for symbol, count in seen.items():
        weights[symbol] += ONE * count // (prior + total)
