"""What text costs under each coder: `python -m benchmarks.text.coding MANIFEST [--train MANIFEST]`.

The transcripts are cut into phrases of about 8 words, said at 2.5 words a second; each speaker is
a call of its own. Every phrase is decoded again. `--train` gives sentences for zstandard's
dictionary; those that are judged are taken out of it. The models of words read no transcript.
What is compared needs `pip install constriction pocketsphinx wordfreq zstandard`; what is not
there is left out and named.
"""

import argparse
import csv
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sotto_codecs.text.coding.arithmetic import Recorder
from sotto_codecs.text.coding.context import Context, Expectation
from sotto_codecs.text.coding.spelling import Spelling
from sotto_codecs.text.coding.text import TextDecoder, TextEncoder, TextModel, text_model, walk
from sotto_codecs.text.coding.words import Weights

WORDS_PER_S = 2.5
PHRASE_WORDS = 8
UNKNOWN = 1 / 64  # how often the models that are compared meet a word that they do not have
DICTIONARY_BYTES = 32_768

Calls = list[list[str]]
Costs = Iterator[tuple[int, float]]  # of each phrase: bytes, and bits before rounding


@dataclass(frozen=True, slots=True)
class Row:
    """Bits per second of talk: as whole bytes a phrase, and as bits that phrases would share."""

    coder: str
    bytes_bps: float
    bits_bps: float


def read_calls(manifest: Path) -> Calls:
    """The phrases of each speaker."""
    calls: dict[str, list[str]] = {}
    for row in _rows(manifest):
        words = _normal(row["transcript"]).split()
        parts = max(1, round(len(words) / PHRASE_WORDS))
        cuts = [len(words) * part // parts for part in range(parts + 1)]
        for begin, end in zip(cuts, cuts[1:], strict=False):
            calls.setdefault(row["speaker"], []).append(" ".join(words[begin:end]))
    return list(calls.values())


def read_training(manifest: Path, judged: Path) -> list[str]:
    """Sentences of a manifest that are not judged, each once."""
    tested = {_normal(row["transcript"]) for row in _rows(judged)}
    return sorted({_normal(row["transcript"]) for row in _rows(manifest)} - tested - {""})


def _rows(manifest: Path) -> list[dict[str, str]]:
    with manifest.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _normal(text: str | None) -> str:
    """Lower case words and apostrophes, as a recogniser gives them."""
    return " ".join(re.sub("[^a-z']+", " ", (text or "").lower()).split())


def row(coder: str, calls: Calls, costs: Callable[[list[str]], Costs]) -> Row:
    """One coder over all calls."""
    words = sum(len(phrase.split()) for call in calls for phrase in call)
    each = [cost for call in calls for cost in costs(call)]
    seconds = words / WORDS_PER_S
    bits = sum(bits for _, bits in each)
    return Row(coder, 8 * sum(size for size, _ in each) / seconds, bits / seconds)


def ours(model: TextModel, behind: int | None) -> Callable[[list[str]], Costs]:
    """What is shipped, with so many phrases not yet acknowledged; None: no phrase ever is."""

    def costs(call: list[str]) -> Costs:
        encoder, decoder = TextEncoder(model), TextDecoder(model)
        for phrase in call:
            if behind is None:
                encoder.restart()
            else:
                encoder.acknowledged(encoder.number - behind)
            payload = encoder.encode(phrase)
            assert decoder.decode(payload) == phrase
            yield len(payload), encoder.bits

    return costs


def letters(spelling: Spelling) -> Callable[[list[str]], Costs]:
    """No words: every word is spelled."""

    def costs(call: list[str]) -> Costs:
        for phrase in call:
            recorder = Recorder()
            for word in phrase.split():
                recorder.rests(False)
                spelling.spell(recorder, word)
            recorder.rests(True)
            yield len(recorder.payload()), recorder.bits

    return costs


def zstandard(training: list[str], carried: bool) -> Callable[[list[str]], Costs]:
    """Level 22, without the magic number; carried: what was said goes on the dictionary's end."""
    import zstandard as zstd

    samples = [sentence.encode() for sentence in training]
    trained = zstd.train_dictionary(DICTIONARY_BYTES, samples).as_bytes() if samples else b""
    parameters = zstd.ZstdCompressionParameters.from_level(
        22, format=zstd.FORMAT_ZSTD1_MAGICLESS, write_content_size=0, write_dict_id=0
    )

    def costs(call: list[str]) -> Costs:
        said = b""
        for phrase in call:
            before = zstd.ZstdCompressionDict(trained + said if carried else trained)
            coder = zstd.ZstdCompressor(dict_data=before, compression_params=parameters)
            size = len(coder.compress(phrase.encode()))
            said += phrase.encode() + b" "
            yield size, 8.0 * size

    return costs


def unigrams(spelling: Spelling) -> Callable[[list[str]], Costs]:
    """wordfreq's list, as an ideal coder would use it; the end at 1 in 9 words."""
    from wordfreq import get_frequency_dict

    frequencies = get_frequency_dict("en", "large")

    def costs(call: list[str]) -> Costs:
        for phrase in call:
            bits = sum(
                _known(frequencies[word]) if word in frequencies else _unknown(spelling, word)
                for word in phrase.split()
            )
            bits += math.log2(9) + len(phrase.split()) * math.log2(9 / 8)
            yield math.ceil(bits / 8), bits

    return costs


def whole_trigram(spelling: Spelling) -> Callable[[list[str]], Costs]:
    """All of pocketsphinx's trigram, by its own API, as an ideal coder would use it."""
    import pocketsphinx

    logarithm = pocketsphinx.LogMath()
    path = pocketsphinx.get_model_path("en-us/en-us.lm.bin")
    model = pocketsphinx.NGramModel(pocketsphinx.Config(hmm=None), logarithm, path)

    def cost(word: str, history: list[str]) -> float:
        if model.prob([word]) == logarithm.get_zero():
            return _unknown(spelling, word)
        return _known(logarithm.exp(model.prob([word, *history])))

    def costs(call: list[str]) -> Costs:
        for phrase in call:
            said = ["<s>", *phrase.split(), "</s>"]
            places = range(1, len(said))
            bits = sum(cost(said[at], said[max(at - 2, 0) : at][::-1]) for at in places)
            yield math.ceil(bits / 8), bits

    return costs


def _known(probability: float) -> float:
    return -math.log2(probability * (1 - UNKNOWN))


def _unknown(spelling: Spelling, word: str) -> float:
    recorder = Recorder()
    spelling.spell(recorder, word)
    return recorder.bits - math.log2(UNKNOWN)


class Constriction:
    """The same slices under constriction's range coder, its weights as floats; an end at 1 in 9."""

    def __init__(self) -> None:
        import constriction

        self._models = constriction.stream.model
        self._encoder = constriction.stream.queue.RangeEncoder()

    def choose(self, weights: Weights, wanted: int) -> int:
        probabilities = (weights / weights.sum()).astype(np.float64)
        model = self._models.Categorical(probabilities, perfect=False)
        self._encoder.encode(wanted, model)
        return wanted

    def uniform(self, count: int, wanted: int) -> int:
        self._encoder.encode(wanted, self._models.Uniform(max(count, 2)))
        return wanted

    def rests(self, ends: bool) -> bool:
        self.choose(np.array([8, 1], np.int64), int(ends))
        return ends

    @property
    def size(self) -> int:
        """Its output is in words of 32 bits; zeros at the end need not be sent."""
        return len(self._encoder.get_compressed().astype(">u4").tobytes().rstrip(b"\0"))


def constriction(model: TextModel) -> Callable[[list[str]], Costs]:
    """What is shipped, acknowledged at once, but under constriction."""

    def costs(call: list[str]) -> Costs:
        context = Context()
        for phrase in call:
            chooser, words = Constriction(), tuple(phrase.split())
            walk(chooser, Expectation(model.words, context), model.spelling, words)
            context = context.after(words)
            yield chooser.size, 8.0 * chooser.size

    return costs


def rows(calls: Calls, training: list[str]) -> Iterator[Row]:
    """All coders whose packages are here."""
    model = text_model()
    wanted: dict[str, Callable[[], Callable[[list[str]], Costs]]] = {
        "zstandard, phrase by phrase": lambda: zstandard([], False),
        "zstandard, trained dictionary": lambda: zstandard(training, False),
        "zstandard, trained dictionary and the call": lambda: zstandard(training, True),
        "letters to order 3": lambda: letters(model.spelling),
        "unigrams of wordfreq, ideal": lambda: unigrams(model.spelling),
        "pocketsphinx's whole trigram, ideal": lambda: whole_trigram(model.spelling),
        "ours under constriction's range coder": lambda: constriction(model),
        "ours, nothing acknowledged": lambda: ours(model, None),
        "ours, two phrases behind": lambda: ours(model, 2),
        "ours, one phrase behind": lambda: ours(model, 1),
        "ours, all acknowledged": lambda: ours(model, 0),
    }
    for name, made in wanted.items():
        try:
            yield row(name, calls, made())
        except ImportError as error:
            print(f"left out: {name}: {error}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--train", type=Path)
    arguments = parser.parse_args()
    calls = read_calls(arguments.manifest)
    training = read_training(arguments.train, arguments.manifest) if arguments.train else []
    phrases = [phrase for call in calls for phrase in call]
    words = sum(len(phrase.split()) for phrase in phrases)
    print(f"{len(calls)} calls, {len(phrases)} phrases, {words} words at {WORDS_PER_S} a second")
    print("| coder | bit/s, whole bytes | bit/s, before rounding |\n|---|---|---|")
    for each in rows(calls, training):
        print(f"| {each.coder} | {each.bytes_bps:.1f} | {each.bits_bps:.1f} |")


if __name__ == "__main__":
    main()
