"""From text back to sound: the seam that every speech synthesiser stands behind.

A synthesiser is loaded once and shared; it keeps nothing of what it spoke. Sound is 16 kHz mono.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sotto_codecs.base import Pcm
from sotto_codecs.models import NO_MODELS, Models
from sotto_codecs.text import choosing
from sotto_codecs.text.phrase import Word

RATE_HZ = 16_000
PIECE_CHARACTERS = 200  # spoken at once: about 12 s
SENTENCE_CHARACTERS = 40  # a shorter one is not cut off: "Dr. Smith" is none
WORD_CHARACTERS = 40  # nobody says a longer one, and flite takes minutes over it

# name -> "module:Class", the best first: "auto" takes the first that is here
SYNTHESISERS: dict[str, str] = {
    "xtts": "sotto_codecs.text.speakers.xtts:Xtts",
    "piper": "sotto_codecs.text.speakers.piper:Piper",
    "flite": "sotto_codecs.text.speakers.flite:Flite",
    "espeak-ng": "sotto_codecs.text.speakers.espeak:Espeak",
}


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """A piece of speech and what is said when, in seconds from the start of `pcm`.

    The words are those of the given text, split at white space and otherwise unchanged, in order;
    those that the engine cannot say (emoji, events, another script) are left out.
    """

    pcm: Pcm
    words: tuple[Word, ...]


class Synthesiser(Protocol):
    """One engine of text to speech."""

    @property
    def name(self) -> str: ...

    @property
    def languages(self) -> tuple[str, ...]:
        """BCP 47, such as "en"; a regional form of one ("en-GB") is spoken as well."""

    def voices(self, language: str) -> tuple[str, ...]:
        """Who speaks `language`, the neutral one first; none where nobody does."""

    def speak(self, text: str, voice: str = "") -> Iterator[Spoken]:
        """Sound as it is made, the first before the rest is; "" is the neutral voice.

        Nothing where there is nothing to say. Raises BadSettings for an unknown voice at once,
        and Unspeakable from the iterator where the engine fails or takes too long.
        """


@runtime_checkable
class Cloning(Synthesiser, Protocol):
    """An engine that can speak like somebody whom it has heard."""

    def like(self, sample: Pcm) -> Synthesiser:
        """Itself, with the voice of some seconds of speech at 16 kHz for each language, and no
        other. Raises Unspeakable."""


def synthesiser(
    name: str = "auto", language: str = "en", models: Models = NO_MODELS
) -> Synthesiser:
    """An engine by name, whatever it speaks, or the best that is here and speaks `language`.

    Raises BadSettings for an unknown name, BackendUnavailable, WeightsMissing.
    """
    found: Synthesiser
    if name != "auto":
        found = choosing.named(name, SYNTHESISERS, models)
    else:
        failing = f'no engine speaks "{language}" here'
        found = choosing.best(SYNTHESISERS, models, lambda it: bool(it.voices(language)), failing)
    return found


def pieces(text: str) -> Iterator[tuple[str, ...]]:
    """The words of `text` that may be spoken, a piece at a time.

    A piece ends with a sentence, else with a word before it gets longer than PIECE_CHARACTERS.
    """
    piece: list[str] = []
    length = 0
    for word in text.split():
        if len(word) > WORD_CHARACTERS or Word(word, 0.0, 0.0).is_event:
            continue
        ended = length >= SENTENCE_CHARACTERS and piece[-1][-1] in ".!?。！？"
        if piece and (ended or length + len(word) > PIECE_CHARACTERS):
            yield tuple(piece)
            piece, length = [], 0
        piece.append(word)
        length += len(word) + 1
    if piece:
        yield tuple(piece)
