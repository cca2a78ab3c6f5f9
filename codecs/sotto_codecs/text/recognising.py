"""From speech to text: the seam that every recogniser stands behind.

An engine is loaded once and shared; a recogniser belongs to one talker and hears one phrase after
the other. Sound is 16 kHz mono.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BadSettings
from sotto_codecs.models import NO_MODELS, Models
from sotto_codecs.text import choosing
from sotto_codecs.text.language import primary
from sotto_codecs.text.phrase import Word

# name -> "module:Class", the best first: "auto" takes the first that is here
ENGINES: dict[str, str] = {
    "faster-whisper": "sotto_codecs.text.recognisers.whisper:Whisper",
    "pocketsphinx": "sotto_codecs.text.recognisers.sphinx:Sphinx",
}


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What has been heard of a phrase so far. The first `final` words will not change any more."""

    words: tuple[Word, ...]
    final: int = 0


class Recogniser(Protocol):
    """One per talker. After an exception it is not used again."""

    def start(self) -> None:
        """A phrase begins; one that was under way is forgotten."""

    def feed(self, pcm: Pcm) -> Hypothesis:
        """Any number of samples; times count from the first sample of the phrase."""

    def finish(self) -> tuple[Word, ...]:
        """The phrase is over: its words, with those in front that were final."""

    def close(self) -> None:
        """Nothing more is asked of it, also after an exception. Raises nothing."""


class Engine(Protocol):
    """A loaded engine: immutable, shared by all talkers."""

    @property
    def name(self) -> str:
        """With its version and model: what stands on the page."""

    @property
    def languages(self) -> tuple[str, ...]:
        """BCP 47, such as "en"."""

    def recogniser(self, language: str) -> Recogniser:
        """Raises BadSettings for a language that it does not know."""


@runtime_checkable
class Exclusive(Protocol):
    """An engine whose recognisers let no other thread run while they listen."""

    def aside(self) -> Engine:
        """The same, with each recogniser in a process of its own."""


def beside(hears: Engine) -> Engine:
    """An engine for calls: other threads run while its recognisers listen."""
    return hears.aside() if isinstance(hears, Exclusive) else hears


def engine(name: str = "auto", language: str = "en", models: Models = NO_MODELS) -> Engine:
    """An engine by name, or the best that is here and knows `language`; its `name` says which.

    Raises BadSettings for an unknown name, BackendUnavailable, WeightsMissing.
    """
    found: Engine
    if name != "auto":
        found = choosing.named(name, ENGINES, models)
    else:
        failing = f'no engine hears "{language}" here'
        wanted = primary(language)
        found = choosing.best(ENGINES, models, lambda it: wanted in it.languages, failing)
    return found


def known(language: str, languages: tuple[str, ...], name: str) -> str:
    """`language`, without its region, where an engine knows it. Raises BadSettings."""
    if primary(language) not in languages:
        raise BadSettings(f'{name} does not know "{language}"; it knows {", ".join(languages)}')
    return primary(language)


class Agreement:
    """Which words may leave before their phrase is over: local agreement.

    A word is final when two hypotheses in a row have it, with all words before it, and it ended
    some time before the edge of what was heard. (D. Macháček, R. Dabre, O. Bojar: Turning Whisper
    into Real-Time Transcription System, 2023, section 2.1)
    """

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._final: tuple[Word, ...] = ()
        self._before: tuple[Word, ...] = ()

    def heard(self, words: Sequence[Word], edge_s: float) -> Hypothesis:
        """The latest hypothesis of the sound up to `edge_s`."""
        rest = self._behind(words)
        agreed = 0
        for new, old in zip(rest, self._behind(self._before), strict=False):
            if new.text != old.text or new.end_s > edge_s - self._settle_s:
                break
            agreed += 1
        self._before = tuple(words)
        self._final += rest[:agreed]
        return Hypothesis(self._final + rest[agreed:], len(self._final))

    def last(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The last hypothesis, behind the words that are final."""
        return self._final + self._behind(words)

    def _behind(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """Those whose middle lies behind the final ones."""
        end_s = self._final[-1].end_s if self._final else -1.0
        return tuple(word for word in words if (word.start_s + word.end_s) / 2 > end_s)
