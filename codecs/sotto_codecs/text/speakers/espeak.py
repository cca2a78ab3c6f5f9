"""espeak-ng, which speaks about a hundred languages, as a program of the system.

Never as a library: two copies of it in one process crash, and neural engines bring their own.
It does not print times: words share the sound by the number of their phonemes.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sotto_codecs.errors import BadSettings
from sotto_codecs.models import NO_MODELS, Models
from sotto_codecs.text.language import primary
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.speakers.program import read_wav, require, run
from sotto_codecs.text.speakers.sharing import shared
from sotto_codecs.text.speaking import Spoken, pieces

LONG = "\N{MODIFIER LETTER TRIANGULAR COLON}"
MOST_PHONEMES = 6  # of a letter; "chinese letter" has more
SWITCH = r"\([a-z-]+\)"  # "(en)": the next sounds are of another language
TIMBRES = ("", "+f2", "+m3")  # its own of each language, a woman's, a man's


class Espeak:
    """A voice is a language with or without a timbre, such as "de+f2"."""

    name = "espeak-ng"

    def __init__(self, models: Models = NO_MODELS) -> None:
        """Needs no models. Raises BackendUnavailable."""
        require("espeak-ng", "espeak-ng")
        lines = run(["espeak-ng", "--voices"], "").splitlines()[1:]
        self._regions = {line.split()[1].lower() for line in lines}
        self.languages = tuple(sorted({primary(region) for region in self._regions}))

    def voices(self, language: str) -> tuple[str, ...]:
        language = language.lower().replace("_", "-")
        if language not in self._regions:
            language = primary(language)
        if language not in self._regions and language not in self.languages:
            return ()
        # "fr" is in its list only with a region, but it takes it
        return tuple(language + timbre for timbre in TIMBRES)

    def speak(self, text: str, voice: str = "") -> Iterator[Spoken]:
        voice = voice or "en"
        if voice not in self.voices(voice.partition("+")[0]):
            raise BadSettings(f"espeak-ng: no voice {voice!r}; one is a language, or de+f2")
        return (spoken for words in pieces(text) if (spoken := _spoken(words, voice)))


def _spoken(words: Sequence[str], voice: str) -> Spoken | None:
    """None where it can say none of the words."""
    weights = _phonemes(words, voice)
    said = [(word, weight) for word, weight in zip(words, weights, strict=True) if weight]
    if not said:
        return None
    with TemporaryDirectory(prefix="sotto-espeak-") as folder:
        wav = Path(folder) / "piece.wav"
        command = ["espeak-ng", "-v", voice, "-z", "--stdin", "-w", str(wav)]
        run(command, " ".join(word for word, _ in said))
        pcm = read_wav(wav)
    spans = shared(pcm, [weight for _, weight in said])
    placed = zip(said, spans, strict=True)
    return Spoken(pcm, tuple(Word(word, *span) for (word, _), span in placed))


def _phonemes(words: Sequence[str], voice: str) -> list[int]:
    """How many each word has, spoken alone; a long vowel counts twice. None has a word that it
    cannot say: no letter, or those of another script, each of which it would call by its name."""
    # line by line, unless told --stdin: a line of IPA for each
    lines = run(["espeak-ng", "-v", voice, "-q", "--ipa"], "\n".join(words) + "\n").splitlines()
    counts = [
        sum(letter.isalpha() or letter in LONG for letter in re.sub(SWITCH, "", line))
        for line in [*lines, *([""] * len(words))]
    ]
    return [
        count if any(map(str.isalnum, word)) and not _is_spelt(word, count) else 0
        for word, count in zip(words, counts, strict=False)
    ]


def _is_spelt(word: str, phonemes: int) -> bool:
    return not word.isascii() and phonemes > MOST_PHONEMES * len(word)
