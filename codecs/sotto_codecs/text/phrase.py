"""What a recogniser heard: words with their times, in phrases. All of text mode hangs on it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it is sent, or an event such as `[laughter]`. Times are seconds from the
    start of its phrase."""

    text: str
    start_s: float
    end_s: float

    @property
    def is_event(self) -> bool:
        """A sound that is no word: its name, in brackets."""
        return self.text.startswith("[") and self.text.endswith("]")


@dataclass(frozen=True, slots=True)
class Phrase:
    """What was said between two pauses. Times are on the talker's clock: samples / rate."""

    words: tuple[Word, ...]
    language: str  # BCP 47, such as "en"
    start_s: float
    end_s: float

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)
