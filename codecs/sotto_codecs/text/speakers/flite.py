"""flite, the small synthesiser of Carnegie Mellon University, as a program of the system.

It prints each segment (phone) with its end, but not which word that belongs to. So each word is
also looked up alone, by the voice that costs least, and the two rows of phones are aligned.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import normalize

from sotto_codecs.errors import BadSettings
from sotto_codecs.models import NO_MODELS, Models
from sotto_codecs.text.language import primary
from sotto_codecs.text.phrase import Word
from sotto_codecs.text.speakers.program import read_wav, require, run
from sotto_codecs.text.speaking import Spoken, pieces

VOICES = ("rms", "slt", "awb", "kal16")  # at 16 kHz
_LOOKS_UP = "kal16"  # diphones: 30 ms a sentence
_PAUSE = "pau"

Segment = tuple[str, float, float]  # phone, start, end


class Flite:
    name = "flite"
    languages = ("en",)

    def __init__(self, models: Models = NO_MODELS) -> None:
        """Needs no models. Raises BackendUnavailable."""
        require("flite", "flite")

    def voices(self, language: str) -> tuple[str, ...]:
        return VOICES if primary(language) in self.languages else ()

    def speak(self, text: str, voice: str = "") -> Iterator[Spoken]:
        voice = voice or VOICES[0]
        if voice not in VOICES:  # flite would take a path or an address for one
            raise BadSettings(f"flite: a voice is one of {', '.join(VOICES)}, not {voice!r}")
        said = ([(word, _plain(word)) for word in words] for words in pieces(text))
        sayable = ([(word, plain) for word, plain in piece if plain] for piece in said)
        return (_spoken(piece, voice) for piece in sayable if piece)


def _spoken(pairs: Sequence[tuple[str, str]], voice: str) -> Spoken:
    """Of words as they stand in the text, and as flite is given them."""
    plain = [said for _, said in pairs]
    with TemporaryDirectory(prefix="sotto-flite-") as folder:
        wav = Path(folder) / "piece.wav"
        command = ["flite", "-voice", voice, "-psdur", "-f", "/dev/stdin", "-o", str(wav)]
        segments = list(_segments(run(command, " ".join(plain) + "\n")))
        pcm = read_wav(wav)
    spans = placed(_looked_up(plain), segments)
    words = (Word(word, *span) for (word, _), span in zip(pairs, spans, strict=True))
    return Spoken(pcm, tuple(words))


def _plain(word: str) -> str:
    """In ASCII, which is all that flite reads; "" where nothing of it can be said."""
    plain = normalize("NFKD", word).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    plain = "".join(letter for letter in plain if "!" <= letter <= "~")
    return plain if re.search("[A-Za-z0-9&]", plain) else ""


def _segments(printed: str) -> Iterator[Segment]:
    """Of what `-psdur` prints: a line for each sentence, whose times start from 0 again."""
    offset_s = 0.0
    for line in printed.splitlines():
        end_s = 0.0
        for item in line.split():
            phone, _, time = item.rpartition(":")
            start_s, end_s = end_s, float(time)
            yield phone, offset_s + start_s, offset_s + end_s
        offset_s += end_s


def _looked_up(words: Sequence[str]) -> list[list[str]]:
    """The phones of each word, spoken alone: a paragraph each, and a line of phones for each."""
    command = ["flite", "-voice", _LOOKS_UP, "-ps", "-f", "/dev/stdin", "-o", "none"]
    # without its punctuation a word cannot become two paragraphs, nor none
    alone = [re.sub(r"^\W+|\W+$", "", word) or word for word in words]
    lines = run(command, "".join(f"{word}\n\n" for word in alone)).splitlines()
    phones = [[phone for phone in line.split() if phone != _PAUSE] for line in lines]
    return [*phones, *([] for _ in words)][: len(words)]


def placed(
    words: Sequence[Sequence[str]], segments: Sequence[Segment]
) -> list[tuple[float, float]]:
    """Start and end of each word, given as its phones, in a row of segments that says them all.

    In a sentence phones may differ from those of a word alone. A word of which nothing is left
    has no length, and stands where the one before it ends.
    """
    wanted = [(index, phone) for index, phones in enumerate(words) for phone in phones]
    there = [segment for segment in segments if segment[0] != _PAUSE]
    spans: dict[int, tuple[float, float]] = {}
    matcher = SequenceMatcher(None, [p for _, p in wanted], [s[0] for s in there], autojunk=False)
    for _, i1, i2, j1, j2 in matcher.get_opcodes():
        for i in range(i1, i2):
            # one that has no counterpart takes its share of what stands in its place
            first = j1 + (i - i1) * (j2 - j1) // (i2 - i1)
            last = max(first, j1 + (i - i1 + 1) * (j2 - j1) // (i2 - i1) - 1)
            if first < j2:
                start_s, end_s = spans.get(wanted[i][0], (there[first][1], 0.0))
                spans[wanted[i][0]] = start_s, max(end_s, there[last][2])
    return _filled(spans, len(words))


def _filled(spans: dict[int, tuple[float, float]], count: int) -> list[tuple[float, float]]:
    filled: list[tuple[float, float]] = []
    for index in range(count):
        here_s = filled[-1][1] if filled else 0.0
        filled.append(spans.get(index, (here_s, here_s)))
    return filled
